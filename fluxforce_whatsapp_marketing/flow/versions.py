"""Versions of a message beside each other: which one won, and whether they may be compared at all."""

from dataclasses import dataclass

#: A version that fewer people got has not been tried. [own]
TRIED = 1


@dataclass(frozen=True)
class Version:
    """:ivar key: its id. :ivar delivered: people who got it. :ivar hits: of those, who did what counts."""

    key: int
    delivered: int
    hits: int

    @property
    def share(self):
        """:return: percent."""
        return 100 * self.hits / self.delivered if self.delivered else 0.0


def winner(versions):
    """Choose the version with the highest share; of equal ones what more people got, then the older one.

    :param Iterable[Version] versions: of the test
    :return: its key, None if none has been tried
    """
    tried = [version for version in versions if version.delivered >= TRIED]
    best = max(tried, key=lambda version: (version.share, version.delivered, -version.key), default=None)
    return best and best.key


def differences(traits):
    """Tell in what versions differ although they must not.

    :param list traits: of each version a dict of what has to be equal
    :return: names, in the order of the dicts
    :rtype: list[str]
    """
    names = dict.fromkeys(name for version in traits for name in version)
    return [name for name in names if len({version.get(name) for version in traits}) > 1]
