"""What changed between two versions of a template's texts, word by word, for who reviews it."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, REMOVED, ADDED = 'same', 'removed', 'added'
# A word, a run of spaces, a line end or a single mark: what a reader sees as one thing.
_PIECES = re.compile(r'\{\{.*?\}\}|\w+|\n|[^\S\n]+|[^\w\s]')


@dataclass(frozen=True)
class Change:
    """One part of a template in two versions.

    :ivar part: header, body, footer, button, card …
    :ivar pieces: tuple of (SAME, REMOVED or ADDED, text), in reading order
    """

    part: str
    pieces: tuple

    @property
    def is_changed(self):
        """Whether anything of this part differs."""
        return any(kind != SAME for kind, __ in self.pieces)


def words(old, new):
    """Compare two texts.

    :rtype: tuple[tuple[str, str]]
    """
    before, after = _PIECES.findall(old or ''), _PIECES.findall(new or '')
    result = []
    for kind, from_old, to_old, from_new, to_new in SequenceMatcher(None, before, after, False).get_opcodes():
        if kind == 'equal':
            result.append((SAME, ''.join(before[from_old:to_old])))
            continue
        result.append((REMOVED, ''.join(before[from_old:to_old])))
        result.append((ADDED, ''.join(after[from_new:to_new])))
    return tuple((kind, text) for kind, text in result if text)


def changes(old, new):
    """Compare two versions, each an ordered mapping of a part's name to its text.

    :return: every part of either, in the order of the new version; what is gone comes last
    :rtype: list[Change]
    """
    parts = [*new, *(part for part in old if part not in new)]
    return [Change(part, words(old.get(part, ''), new.get(part, ''))) for part in parts]
