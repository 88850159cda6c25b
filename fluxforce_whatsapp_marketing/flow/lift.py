"""What a campaign has brought beyond what would have happened anyway, and how sure one can be of it."""

from dataclasses import dataclass
from math import sqrt

#: Of so many campaigns like this one the true difference lies within the bounds in 95 %: the 97.5 % quantile of the
#: normal distribution.
NORMAL_QUANTILE = 1.959963984540054


@dataclass(frozen=True)
class Group:
    """:ivar people: how many there are. :ivar hits: how many of them did what was hoped for."""

    people: int
    hits: int

    @property
    def share(self):
        return self.hits / self.people


@dataclass(frozen=True)
class Lift:
    """How much greater a share is than that of the people who got nothing.

    :ivar difference: of the shares, between -1 and 1
    :ivar low, high: bounds within which the true difference lies with 95 % confidence
    """

    difference: float
    low: float
    high: float

    @property
    def is_sure(self):
        """:return: whether it is no accident: the bounds are on one side of nothing."""
        return self.low > 0 or self.high < 0


def share_bounds(group):
    """Tell within which bounds the true share lies: Wilson's score interval, which holds for few people, too.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927) 209-212.

    :param Group group: of at least one person
    :return: low, high; between 0 and 1
    :rtype: tuple[float, float]
    """
    square, count = NORMAL_QUANTILE ** 2, group.people
    middle = 2 * group.hits + square
    spread = NORMAL_QUANTILE * sqrt(square + 4 * group.hits * (1 - group.share))
    whole = 2 * (count + square)
    return max((middle - spread) / whole, 0.0), min((middle + spread) / whole, 1.0)


def lift(treated, held_out):
    """Compare who got something with who got nothing, chosen by lot from the same people.

    The bounds are those of Newcombe's hybrid score interval (his method 10): R. G. Newcombe, Interval estimation for
    the difference between independent proportions, Statistics in Medicine 17 (1998) 873-890.

    :param Group treated, held_out: the two groups
    :rtype: Lift | None
    :return: None if one of the groups is empty
    """
    if not treated.people or not held_out.people:
        return None
    difference = treated.share - held_out.share
    (low, high), (other_low, other_high) = share_bounds(treated), share_bounds(held_out)
    below = sqrt((treated.share - low) ** 2 + (other_high - held_out.share) ** 2)
    above = sqrt((high - treated.share) ** 2 + (held_out.share - other_low) ** 2)
    return Lift(difference, max(difference - below, -1.0), min(difference + above, 1.0))
