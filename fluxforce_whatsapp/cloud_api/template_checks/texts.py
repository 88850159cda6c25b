"""What holds for any text of a template: its length, its signs, its variables."""

import re

from . import limits
from .problem import Code, Problem
from .reading import samples

_NAMED = re.compile(r'[a-z][a-z0-9_]*')
_NUMBERED = re.compile(r'[1-9][0-9]*')


def length(part, text, limit):
    """Neither empty nor too long."""
    if text.is_blank:
        yield Problem(part, Code.EMPTY)
    if text.length > limit:
        yield Problem(part, Code.TOO_LONG, details={'length': text.length, 'limit': limit})


def signs(part, text):
    """No signs that cannot be seen and change what is read. [own: reviewers see them as we do]"""
    if text.has_control_characters:
        yield Problem(part, Code.CONTROL_CHARACTERS)
    if text.turns:
        yield Problem(part, Code.DIRECTION_MARKS)


def plain(part, text):
    """Headers and buttons are one line without marks and emoji.

    [Meta's own answer: "can't have any new lines, formatting characters, emojis or asterisks"; 2388047, 2388072]
    """
    if text.has_line_breaks:
        yield Problem(part, Code.LINE_BREAKS)
    if text.has_formatting:
        yield Problem(part, Code.FORMATTING)
    if text.has_emoji:
        yield Problem(part, Code.EMOJI)


def no_variables(part, text):
    """Footers and buttons take no variables [M26:components]."""
    if text.names or text.is_broken:
        yield Problem(part, Code.VARIABLES_NOT_ALLOWED, details={'variables': text.names})


def variables(part, text, is_named):
    """Their names and their form [M26:templates/overview; 2388072]."""
    if text.is_broken:
        yield Problem(part, Code.VARIABLE_BROKEN)
    numbered = [name for name in text.names if _NUMBERED.fullmatch(name)]
    named = [name for name in text.names if _NAMED.fullmatch(name)]
    for name in text.names:
        if name not in numbered and name not in named:
            yield Problem(part, Code.VARIABLE_NAME, details={'variable': name})
    if numbered if is_named else named:
        yield Problem(part, Code.VARIABLES_MIXED, details={'named': named, 'numbered': numbered, 'is_named': is_named})
    elif not is_named and numbered != [str(number) for number in range(1, len(numbered) + 1)]:
        yield Problem(part, Code.VARIABLES_ORDER, details={'variables': numbered})


def places(part, text):
    """Not first, not last [2388299], not side by side, not too many for the words [2388293]."""
    for name in text.edges:
        yield Problem(part, Code.VARIABLE_AT_EDGE, details={'variable': name})
    if text.has_neighbours:
        yield Problem(part, Code.VARIABLES_ADJACENT)
    needed = limits.WORDS_PER_VARIABLE * len(text.names) + limits.WORDS_MORE
    if text.names and text.words < needed:
        yield Problem(part, Code.VARIABLES_TOO_MANY, details={
            'words': text.words, 'needed': needed, 'count': len(text.names)})


def examples(part, text, component, key, is_named):
    """Every variable has a sample, and no sample is left over [M26:components]."""
    given = samples(component, key, is_named)
    filled = {name for name, sample in given if sample.strip()}
    missing = [name for name in text.names if name not in filled]
    if missing:
        yield Problem(part, Code.SAMPLE_MISSING, details={'variables': missing})
    elif len(given) != len(text.names):
        yield Problem(part, Code.SAMPLES_EXTRA)
