"""Which days a page of figures is about, and which days before those it is compared with."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

# The last so many days, today included. (Our own choice.)
DAYS = {'7': 7, '30': 30, '90': 90}
THIS_YEAR = 'year'
EVER = 'all'
PERIODS = (*DAYS, THIS_YEAR, EVER)
USUAL = '30'
# So much is drawn day by day, the rest by weeks, and what is longer by months. (Our own choice.)
BY_DAY, BY_WEEK = 31, 120
STEPS = {'day': relativedelta(days=1), 'week': relativedelta(weeks=1), 'month': relativedelta(months=1)}


@dataclass(frozen=True)
class Span:
    """Some days.

    :ivar first: first day, None for the beginning of all
    :ivar last: last day, included
    """

    first: date | None
    last: date

    @property
    def days(self):
        """:return: how many days, None without a beginning"""
        return self.first and (self.last - self.first).days + 1


def span_of(period, today):
    """:param str period: one of ``PERIODS`` :rtype: Span"""
    if period in DAYS:
        return Span(today - timedelta(days=DAYS[period] - 1), today)
    return Span(today.replace(month=1, day=1) if period == THIS_YEAR else None, today)


def before(period, today):
    """:return: what a period is compared with: as many days right before it; the same days of last year for this one,
        so that a season is compared with a season; None for all time
    :rtype: Span | None
    """
    span = span_of(period, today)
    if not span.first:
        return None
    if period == THIS_YEAR:
        return Span(span.first - relativedelta(years=1), span.last - relativedelta(years=1))
    return Span(span.first - timedelta(days=span.days), span.first - timedelta(days=1))


def unit_of(span, earliest):
    """:param date earliest: day of the first figure
    :return: 'day', 'week' or 'month': what one point of a line stands for
    """
    days = (span.last - (span.first or earliest)).days + 1
    return 'day' if days <= BY_DAY else 'week' if days <= BY_WEEK else 'month'


def start_of(unit, day):
    """:return: first day of the week (from Monday) or month a day is in; the day itself for days"""
    if unit == 'week':
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == 'month' else day


def end_of(unit, start):
    """:return: last day of what began with a day"""
    return start + STEPS[unit] - timedelta(days=1)


def points(unit, first, last):
    """:return: the first days of all units from one day to another, without gaps"""
    day, found = start_of(unit, first), []
    while day <= last:
        found.append(day)
        day += STEPS[unit]
    return found


def change(value, earlier):
    """:return: how much more it is than earlier, in whole percent; None where there was nothing to compare with"""
    return round(100 * (value - earlier) / earlier) if earlier else None
