"""What Meta accepts and reviewers refuse, or what costs money or readers. [M26:template_review; own]

Every rule yields the part, the code and the details of what is worth a thought.
"""

from itertools import chain, pairwise

from . import limits, words
from .problem import Code
from .reading import kind_of, samples, string
from .text import PLACEHOLDER, Text

#: Emoji from which a text looks like an advertisement. [own]
EMOJI_MAX = 5
#: Letters from which capitals say something, and their share. [own]
LETTERS_FROM, CAPITALS_SHARE = 20, 0.6
#: Words beside the variables below which nobody can tell what the message is about. [own]
CLEAR_WORDS = 5
#: Templates with them are marketing. [M26:templates/marketing-templates, 2025-12-05]
MARKETING_BUTTONS = ('CATALOG', 'MPM', 'SPM', 'COPY_CODE')
#: Buttons shown at once; with more there are two and "See all options". [M26:components]
BUTTONS_SHOWN = 3


def advice(template, others):
    """Yield all advice for a template."""
    if template.is_authentication:
        return
    yield from chain.from_iterable(rule(template) for rule in _RULES)
    yield from duplicate(template, others)


def _texts(template):
    """:return: the texts a person reads, with their parts."""
    yield 'header', string(template.part('HEADER').get('text'))
    yield 'body', template.body
    yield 'footer', template.footer
    for place, item in _all_buttons(template):
        yield place, string(item.get('text'))
    for card in template.cards:
        yield f'{card.place}:body', string((card.body or {}).get('text'))


def _all_buttons(template):
    for index, item in enumerate(template.buttons):
        yield f'button:{index}', item
    for card in template.cards:
        for index, item in enumerate(card.buttons):
            yield f'{card.place}:button:{index}', item


def category(template):
    """Meta approves a service update that advertises as marketing, which costs more and needs that consent.

    A sign-in code in another category is refused later. [S26:templates/template-categorization, 2026-09-11]
    """
    text = '\n'.join(text for __, text in _texts(template))
    if template.category == 'UTILITY' and (found := words.promotional(text, template.language)):
        yield 'category', Code.PROMOTIONAL, {'words': found}
    kind = next((kind_of(item) for __, item in _all_buttons(template) if kind_of(item) in MARKETING_BUTTONS), '')
    if template.category == 'UTILITY' and kind:
        yield 'category', Code.MARKETING_KIND, {'kind': kind}
    if found := words.codes(text, template.language):
        yield 'category', Code.SIGN_IN_CODE, {'words': found}


def links(template):
    """Reviewers refuse links that hide where they lead, and links to WhatsApp itself."""
    addresses = [(place, string(item.get('url'))) for place, item in _all_buttons(template)]
    for place, text in (*_texts(template), *addresses):
        for scheme, host in words.links(text):
            if host in words.SHORTENERS:
                yield place, Code.SHORT_LINK, {'link': host}
            elif host in words.WHATSAPP:
                yield place, Code.WHATSAPP_LINK, {'link': host}
            elif scheme == 'http':
                yield place, Code.PLAIN_LINK, {'link': host}


def duplicate(template, others):
    """Meta refuses a second template with the same body and footer."""
    def content(one):
        return one.body.strip(), one.footer.strip()

    for other in others:
        is_same = (other.name, other.language) == (template.name, template.language)
        if template.body.strip() and not is_same and content(other) == content(template):
            yield 'body', Code.DUPLICATE, {'name': other.name, 'language': other.language}
            return


def button_places(template):
    """Where people do not see the buttons [M26:components]."""
    kinds = [kind_of(item) for item in template.buttons]
    replies = kinds.count('QUICK_REPLY')
    if len(kinds) > BUTTONS_SHOWN:
        yield 'buttons', Code.BUTTONS_SEE_ALL, {'count': len(kinds)}
    if len(kinds) > BUTTONS_SHOWN or 0 < replies < len(kinds):
        yield 'buttons', Code.BUTTONS_DESKTOP, {'count': len(kinds)}


def opt_out(template):
    """Who can stop easily does not block the number [M26:getting-opt-in]."""
    replies = [item for __, item in _all_buttons(template) if kind_of(item) == 'QUICK_REPLY']
    told = [template.footer, *(string(item.get('text')) for item in replies)]
    if 'LIMITED_TIME_OFFER' in template.kinds or template.cards:
        told.append(template.body)  # neither has room for a reply of its own
    if template.category == 'MARKETING' and not any(map(words.tells_how_to_stop, told)):
        yield 'buttons', Code.NO_OPT_OUT, {}


def shouting(template):
    """Capitals and emoji are for advertisements that nobody asked for. [own]"""
    for place, raw in _texts(template):
        text = Text(raw)
        if _is_shouted(text.fixed):
            yield place, Code.CAPITALS, {}
        if text.emoji > EMOJI_MAX:
            yield place, Code.MANY_EMOJI, {'count': text.emoji, 'limit': EMOJI_MAX}


def _is_shouted(text):
    letters = [char for char in text if char.lower() != char.upper()]
    if len(letters) < LETTERS_FROM:
        return False
    if sum(char.isupper() for char in letters) >= CAPITALS_SHARE * len(letters):
        return True
    loud = [len(word) > 3 and word.isupper() for word in text.split()]
    return any(all(three) for three in zip(loud, loud[1:], loud[2:], strict=False))


def clarity(template):
    """Reviewers must be able to tell what the message is about."""
    header = Text(template.part('HEADER').get('text'))
    if header.names and not header.words:
        yield 'header', Code.VAGUE, {}
    body = Text(template.body)
    if body.names and body.words < CLEAR_WORDS:
        yield 'body', Code.VAGUE, {}


def form(template):
    """What looks unlike what was meant."""
    body, footer = Text(template.body), Text(template.footer)
    if body.has_single_braces:
        yield 'body', Code.SINGLE_BRACES, {}
    if any(one == other == '' for one, other in pairwise(body.raw.strip().splitlines())):
        yield 'body', Code.BLANK_LINES, {}
    if footer.has_formatting or footer.has_emoji:
        yield 'footer', Code.FOOTER_MARKS, {}


def filled_length(template):
    """With its values a text must not get longer than without [132005]."""
    has_offer = 'LIMITED_TIME_OFFER' in template.kinds
    body_limit = limits.OFFER_BODY_MAX if has_offer else limits.BODY_MAX
    for place, kind, key, limit in (('header', 'HEADER', 'header_text', limits.HEADER_MAX),
                                    ('body', 'BODY', 'body_text', body_limit)):
        component = template.part(kind)
        values = dict(samples(component, key, template.is_named))
        text = string(component.get('text'))
        filled = PLACEHOLDER.sub(lambda match, values=values: values.get(match[1], match[0]), text)
        if len(text) <= limit < len(filled):
            yield place, Code.SAMPLES_TOO_LONG, {'length': len(filled), 'limit': limit}


_RULES = (category, links, button_places, opt_out, shouting, clarity, form, filled_length)
