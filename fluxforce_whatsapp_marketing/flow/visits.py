"""Who opens an address: a person, or a program that looks ahead.

WhatsApp itself fetches an address before anybody taps it, to show a preview: a phone as "WhatsApp/2…", Meta's servers
as "facebookexternalhit". Mail filters, search engines and browsers look ahead, too. None of them is a click.
"""

import re

#: Names in the user agent of programs, in lower case. The first lines are core's list [web/models/ir_http.py], the
#: others our own: messengers, office filters, scanners, libraries, tools that watch pages. Cubot makes phones, and
#: Instagram opens pages for people.
PROGRAMS = re.compile('|'.join((
    '(?<!cu)bot', 'crawl', 'slurp', 'spider', 'curl', 'wget', 'facebookexternalhit', '^whatsapp', 'trendsmapresolver',
    'pinterest/', 'google-pagerenderer', 'preview',
    r'facebookcatalog', r'meta-external', r'telegram', r'skypeuripreview', r'slack', r'discord', r'viber', r'snapchat/',
    r'linkedinbot', r'embedly', r'bitly', r'iframely', r'mediapartners', r'google-safety', r'google-read-aloud',
    r'safelinks', r'barracuda', r'proofpoint', r'mimecast', r'symantec', r'virustotal', r'urlscan', r'scanner',
    r'python', r'java/', r'okhttp', r'go-http-client', r'libwww', r'httpclient', r'axios', r'node-fetch', r'ruby',
    r'php/', r'perl', r'headless', r'phantomjs', r'lighthouse', r'pingdom', r'uptime', r'monitor', r'validator',
    r'postman', r'insomnia',
)))
#: What looks ahead says so in one of these.
AHEAD = re.compile('prefetch|prerender|preview')
AHEAD_HEADERS = ('purpose', 'sec-purpose', 'x-purpose', 'x-moz')


def is_person(method, headers):
    """Tell whether a person has opened an address; what is in doubt is none, a figure too low does less harm.

    :param str method: of the request
    :param headers: mapping with ``get``, whatever the case of its names
    :rtype: bool
    """
    agent = (headers.get('user-agent') or '').lower()
    if method != 'GET' or not agent or PROGRAMS.search(agent):
        return False
    if any(AHEAD.search((headers.get(name) or '').lower()) for name in AHEAD_HEADERS):
        return False
    # A page that has our address as a picture or asks for it in a script; old browsers do not tell.
    return (headers.get('sec-fetch-dest') or 'document').lower() == 'document'
