"""Header, body, footer, and which components there are at all."""

from collections import Counter

from . import limits, texts
from .problem import Code, Problem
from .reading import is_clean, string
from .text import Text

_TOP = ('HEADER', 'BODY', 'FOOTER', 'BUTTONS', 'LIMITED_TIME_OFFER', 'CAROUSEL', 'CALL_PERMISSION_REQUEST')
FILES = ('IMAGE', 'VIDEO', 'DOCUMENT')
_FORMATS = ('TEXT', *FILES, 'LOCATION', 'PRODUCT')
#: Where a component shows its problems.
PLACES = {'HEADER': 'header', 'FOOTER': 'footer', 'BUTTONS': 'buttons', 'LIMITED_TIME_OFFER': 'offer',
          'CAROUSEL': 'card:0'}


def components(template):
    """Each kind once, none that nobody knows, and a body [M26:components]."""
    if not is_clean(template.given):
        yield Problem('body', Code.MALFORMED)
    for kind, count in Counter(template.kinds).items():
        if kind not in _TOP:
            yield Problem('body', Code.COMPONENT_UNKNOWN, details={'kind': kind})
        elif count > 1:
            yield Problem(PLACES.get(kind, 'body'), Code.COMPONENT_TWICE, details={'kind': kind})
    if 'BODY' not in template.kinds:
        yield Problem('body', Code.BODY_MISSING)


def header(template):
    """A text, a file, a place or a product [M26:components]."""
    if 'HEADER' not in template.kinds:
        return
    kind = template.header_format
    if kind not in _FORMATS:
        yield Problem('header', Code.HEADER_FORMAT, details={'format': kind})
    elif kind == 'TEXT':
        yield from _header_text(template)
    else:
        yield from file('header', template.part('HEADER'))


def _header_text(template):
    component = template.part('HEADER')
    text = Text(component.get('text'))
    yield from texts.length('header', text, limits.HEADER_MAX)
    yield from texts.signs('header', text)
    yield from texts.plain('header', text)
    yield from texts.variables('header', text, template.is_named)
    if len(text.names) > 1:
        yield Problem('header', Code.VARIABLES_ONE, details={'variables': text.names})
    yield from texts.examples('header', text, component, 'header_text', template.is_named)


def file(part, component):
    """A picture, film or document needs a sample for the reviewers; places and products have none [M26:components]."""
    if string(component.get('format')).upper() not in FILES:
        return
    example = component.get('example')
    handles = example.get('header_handle') if isinstance(example, dict) else None
    if not isinstance(handles, list) or len(handles) != 1 or not string(handles[0]).strip():
        yield Problem(part, Code.FILE_MISSING, details={'format': string(component.get('format')).lower()})


def body(template):
    """The text every template has [M26:components]."""
    if 'BODY' in template.kinds:
        has_offer = 'LIMITED_TIME_OFFER' in template.kinds
        limit = limits.OFFER_BODY_MAX if has_offer else limits.BODY_MAX
        yield from body_text('body', template.part('BODY'), limit, template.is_named)


def body_text(part, component, limit, is_named):
    """The rules of a body, also of a card's."""
    text = Text(component.get('text'))
    yield from texts.length(part, text, limit)
    yield from texts.signs(part, text)
    yield from texts.variables(part, text, is_named)
    yield from texts.places(part, text)
    yield from texts.examples(part, text, component, 'body_text', is_named)


def footer(template):
    """A short line without variables [M26:components; 2388073]."""
    if 'FOOTER' not in template.kinds:
        return
    text = Text(template.part('FOOTER').get('text'))
    yield from texts.length('footer', text, limits.FOOTER_MAX)
    yield from texts.signs('footer', text)
    yield from texts.no_variables('footer', text)
    if text.has_line_breaks:
        yield Problem('footer', Code.LINE_BREAKS)
