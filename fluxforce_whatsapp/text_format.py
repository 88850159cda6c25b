"""WhatsApp's formatting marks as HTML."""
import re

from markupsafe import Markup, escape

# A message of WhatsApp is no longer than this.
MAX_LENGTH = 4096


def _pattern(mark, inside):
    # A mark counts only around text that begins and ends without a space, as on the phone. Nothing inside can be the
    # mark itself: so a search ends at the next mark, and a hostile text costs no more than its length.
    mark = re.escape(mark)
    return re.compile(rf'(?<!\w){mark}(?=\S)({inside}{{1,{MAX_LENGTH}}})(?<=\S){mark}(?!\w)')


MARKS = (
    (_pattern('```', r'(?:(?!```)[\s\S])'), 'code'),
    (_pattern('*', r'[^*\n]'), 'b'),
    (_pattern('_', r'[^_\n]'), 'i'),
    (_pattern('~', r'[^~\n]'), 's'),
)


# In escaped text an address ends where a quote or a bracket begins; a full stop after it is the sentence's.
ADDRESS = re.compile(r'https?://(?:(?!&(?:#34|#39|lt|gt);)[^\s<])+(?<![.,!?:)])')


def to_linked_markup(text):
    """The same as :func:`to_markup`, with addresses of the web as links that open beside the page.

    :rtype: Markup
    """
    return Markup(ADDRESS.sub(r'<a href="\g<0>" target="_blank" rel="noreferrer noopener">\g<0></a>', to_markup(text)))


def to_markup(text):
    """Escape a message text and turn ``*bold*``, ``_italic_``, ``~struck~``, code and line ends into HTML.

    :param str text: as written for WhatsApp.
    :rtype: Markup
    """
    html = str(escape(text or ''))
    for pattern, tag in MARKS:
        html = pattern.sub(rf'<{tag}>\1</{tag}>', html)
    return Markup(html.replace('\r\n', '\n').replace('\n', '<br/>'))
