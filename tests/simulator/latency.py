"""How long a Graph call takes: a number, `[low, high]` or a log-normal `{"median": s, "p99": s}`. Seconds."""

import math

#: The 99th percentile of the standard normal distribution.
Z_99 = 2.3263478740408408
FORMS = 'latency: a number, [low, high] or {"median": seconds, "p99": seconds}, none negative'


def checked(value):
    """Return a latency as it is kept; raise ValueError for one that makes no sense."""
    if isinstance(value, dict):
        return _checked_distribution(value)
    numbers = [float(item) for item in (value if isinstance(value, list) else [value])]
    if min(numbers, default=-1) < 0 or (isinstance(value, list) and (len(numbers) != 2 or numbers[0] > numbers[1])):
        raise ValueError(FORMS)
    return numbers if isinstance(value, list) else numbers[0]


def _checked_distribution(value):
    if set(value) != {'median', 'p99'}:
        raise ValueError(FORMS)
    median, p99 = float(value['median']), float(value['p99'])
    if not 0 < median <= p99:
        raise ValueError('latency: the median is above 0 and not above p99')
    return {'median': median, 'p99': p99}


def draw(latency, rng):
    """Return the seconds of one call, drawn from `rng` where the latency is a distribution."""
    if isinstance(latency, list):
        return rng.uniform(*latency)
    if isinstance(latency, dict):
        sigma = math.log(latency['p99'] / latency['median']) / Z_99
        return rng.lognormvariate(math.log(latency['median']), sigma)
    return latency
