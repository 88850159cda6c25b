"""How fast a number may send."""

import pytest
from policy.pace import per_second


@pytest.mark.parametrize(
    ('level', 'limit', 'pace'),
    [
        (80, None, 80),
        (80, 0, 80),
        (80, 20, 20),
        (80, 500, 80),
        (1000, 80, 80),
        (20, -1, 20),
        (0, 20, 0),
        (None, 20, 0),
        (-5, None, 0),
    ],
)
def test_lowest_limit_wins(level, limit, pace):
    assert per_second(level, limit) == pace
