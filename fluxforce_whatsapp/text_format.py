"""WhatsApp's formatting marks as HTML."""
import re

from markupsafe import Markup, escape

# (mark, tag): a mark counts only around text that begins and ends without a space, as on the phone.
MARKS = (('```', 'code'), ('*', 'b'), ('_', 'i'), ('~', 's'))


def to_markup(text):
    """Escape a message text and turn ``*bold*``, ``_italic_``, ``~struck~``, code and line ends into HTML.

    :param str text: as written for WhatsApp.
    :rtype: Markup
    """
    html = str(escape(text or ''))
    for mark, tag in MARKS:
        pattern = rf'(?<!\w){re.escape(mark)}(?=\S)(.+?)(?<=\S){re.escape(mark)}(?!\w)'
        html = re.sub(pattern, rf'<{tag}>\1</{tag}>', html, flags=re.DOTALL if tag == 'code' else 0)
    return Markup(html.replace('\r\n', '\n').replace('\n', '<br/>'))
