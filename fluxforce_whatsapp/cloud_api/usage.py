"""How much of its hourly calls an app has used up, as the headers of Meta's answers tell it.

They say it before Meta refuses: from ``const.USAGE_SLOW_PERCENT`` on a sender does well to slow down.
"""

import json
import math
from dataclasses import dataclass
from functools import lru_cache

from . import const


@dataclass(frozen=True)
class Usage:
    """The worst that the headers of one answer tell.

    :ivar int percent: the largest of all counters, per cent of what is granted; may be above 100
    :ivar int regain_seconds: longest time until calls are granted again, 0 if they are
    """

    percent: int
    regain_seconds: int = 0


def parse_usage(headers):
    """Read the usage headers of an answer [GR, OA]; whatever is odd in them counts as absent.

    :param headers: mapping that does not care about case, as ``requests`` gives it
    :return: the worst of all counters; None if there are none
    :rtype: Usage | None
    """
    app, business = headers.get(const.APP_USAGE_HEADER), headers.get(const.BUSINESS_USAGE_HEADER)
    return _parse(app, business) if app or business else None


# Many answers in a row tell the same.
@lru_cache(maxsize=64)
def _parse(*texts):
    counters = [counters for text in texts if text for counters in _counters(_decoded(text))]
    percents = [_number(row[name]) for row in counters for name in const.USAGE_COUNTERS if name in row]
    minutes = [_number(row.get(const.USAGE_REGAIN)) for row in counters]
    known = [percent for percent in percents if percent is not None]
    regain = max((value for value in minutes if value is not None), default=0)
    return Usage(max(known, default=0), regain * 60) if known or regain else None


def _counters(value):
    """Yield every object of counters: the app's own one, or those of each business and use case."""
    if not isinstance(value, dict):
        return
    yield value
    for rows in value.values():
        if isinstance(rows, list):
            yield from (row for row in rows if isinstance(row, dict))


def _decoded(text):
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None


def _number(value):
    """Read a whole number, rounded up; None for what is none or cannot be meant."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= const.USAGE_MAX:
        return None
    return math.ceil(value)
