"""One text of a template: its characters, marks and variables."""

import re
import unicodedata
from functools import cached_property

PLACEHOLDER = re.compile(r'\{\{([^{}]*)\}\}')
_EMOJI = re.compile(
    '[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b55\u231a\u231b\u2328\u23cf\u23e9-\u23fa\u25aa-\u25fe\u203c\u2049'
    '\u2934\u2935\u3030\u303d\u3297\u3299\u20e3]')
#: An emoji of several code points is one to who counts emoji.
_JOINED = re.compile('[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.', re.DOTALL)
#: They turn the reading direction of what follows: a text can be made to read as something else.
_TURNING = re.compile('[\u202a-\u202e\u2066-\u2069]')
_FORMATTING = re.compile(r'[*~`]|(?<!\w)_(?=\S)[^_\n]*(?<=\S)_(?!\w)')
#: Scripts that put no spaces between words: every sign counts as one. [own]
_WORDS = re.compile(
    r'[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]'
    r'|(?:(?![\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])[^\s])+')


class Text:
    """A text as it was typed, read once.

    :param str raw: anything
    """

    def __init__(self, raw):
        self.raw = raw if isinstance(raw, str) else ''

    @cached_property
    def length(self):
        """:return: characters, variables as they are written."""
        return len(self.raw)

    @cached_property
    def is_blank(self):
        """:return: whether nothing of it can be seen."""
        return not _visible(self.raw).strip()

    @cached_property
    def names(self):
        """:return: names of the variables as written, each once, in order."""
        return list(dict.fromkeys(PLACEHOLDER.findall(self.raw)))

    @cached_property
    def fixed(self):
        """:return: the text without its variables."""
        return PLACEHOLDER.sub(' ', self.raw)

    @cached_property
    def words(self):
        """:return: how many words there are beside the variables; punctuation is none."""
        return sum(any(char.isalnum() for char in word) for word in _WORDS.findall(self.fixed))

    @cached_property
    def edges(self):
        """:return: the variables that stand first or last."""
        text = _visible(self.raw).strip()
        found = list(PLACEHOLDER.finditer(text))
        return [match[1] for match in found if match.start() == 0 or match.end() == len(text)]

    @cached_property
    def has_neighbours(self):
        """:return: whether two variables stand side by side."""
        return bool(re.search(r'\}\}\s*\{\{', _visible(self.raw)))

    @cached_property
    def is_broken(self):
        """:return: whether double braces are left that open or close nothing."""
        return '{{' in self.fixed or '}}' in self.fixed

    @cached_property
    def has_single_braces(self):
        """:return: whether something stands in single braces, as variables do elsewhere."""
        return bool(re.search(r'(?<!\{)\{\w+\}(?!\})', self.fixed))

    @cached_property
    def has_line_breaks(self):
        """:return: whether it has more than one line."""
        return bool(re.search('[\n\r\v\f\x85\u2028\u2029]', self.raw))

    @cached_property
    def has_control_characters(self):
        """:return: whether there are signs that no keyboard writes on purpose; a new line is none."""
        return any(unicodedata.category(char) in ('Cc', 'Cs', 'Co', 'Zl', 'Zp') and char != '\n' for char in self.raw)

    @cached_property
    def turns(self):
        """:return: whether it holds marks that turn the reading direction; the harmless ones of Arabic are none."""
        return bool(_TURNING.search(self.raw))

    @cached_property
    def has_formatting(self):
        """:return: whether there are marks for bold, italic, struck or fixed-width text."""
        return bool(_FORMATTING.search(self.fixed))

    @cached_property
    def has_emoji(self):
        """:return: whether any sign of it is one, or a part of one."""
        return bool(_EMOJI.search(self.fixed))

    @cached_property
    def emoji(self):
        """:return: how many emoji there are, one of several code points once."""
        return len(_EMOJI.findall(_JOINED.sub('', self.fixed)))


def _visible(text):
    """:return: the text without signs that cannot be seen, such as direction marks: they hide no edge."""
    return ''.join(char for char in text if unicodedata.category(char) != 'Cf')
