"""What quality, refusals and opt-outs mean for a number's marketing."""

from datetime import datetime, timedelta

import pytest
from policy import brake
from policy.brake import Brake, Signals, decide, ends_by_itself, is_tighter

NOTHING = Brake()


def slow(reason):
    return Brake(brake.SLOW, reason)


def stop(reason):
    return Brake(brake.MARKETING, reason)


def test_without_signs_nothing_brakes():
    assert decide(Signals()) == NOTHING
    assert decide(Signals(quality='GREEN', marketing_accepted=100_000)) == NOTHING


@pytest.mark.parametrize(('quality', 'expected'), [
    ('GREEN', NOTHING),
    ('UNKNOWN', NOTHING),
    ('NA', NOTHING),
    ('', NOTHING),
    ('TELEPATHIC', NOTHING),
    ('YELLOW', slow(brake.QUALITY_YELLOW)),
    ('RED', stop(brake.QUALITY_RED)),
])
def test_lower_quality_brakes(quality, expected):
    assert decide(Signals(quality=quality)) == expected


def test_a_single_131048_stops_marketing():
    assert decide(Signals(marketing_accepted=50_000, spam_limited=1)) == stop(brake.SPAM_LIMIT)


@pytest.mark.parametrize(('opt_outs', 'accepted', 'expected'), [
    (2, 10, NOTHING),
    (3, 301, NOTHING),
    (3, 300, slow(brake.OPT_OUTS)),
    (4, 100, slow(brake.OPT_OUTS)),
    (5, 251, slow(brake.OPT_OUTS)),
    (5, 250, stop(brake.OPT_OUTS)),
    (5, 0, stop(brake.OPT_OUTS)),
    (900, 100_000, NOTHING),
    (1000, 100_000, slow(brake.OPT_OUTS)),
    (2000, 100_000, stop(brake.OPT_OUTS)),
])
def test_opt_outs_brake_by_number_and_share(opt_outs, accepted, expected):
    assert decide(Signals(marketing_accepted=accepted, opt_outs=opt_outs)) == expected


@pytest.mark.parametrize(('spared', 'accepted', 'expected'), [
    (9, 10, NOTHING),
    (10, 101, NOTHING),
    (10, 100, slow(brake.PEOPLE_SPARED)),
    (5000, 10_000, slow(brake.PEOPLE_SPARED)),
])
def test_people_whom_meta_spares_slow_marketing_down(spared, accepted, expected):
    assert decide(Signals(marketing_accepted=accepted, spared=spared)) == expected


@pytest.mark.parametrize(('templates', 'expected'), [
    (0, NOTHING),
    (1, slow(brake.TEMPLATES)),
    (2, stop(brake.TEMPLATES)),
])
def test_weak_templates_brake(templates, expected):
    assert decide(Signals(weak_templates=templates)) == expected


def test_the_tightest_rule_wins():
    signals = Signals(quality='YELLOW', marketing_accepted=100, spam_limited=3, spared=50, opt_outs=4)

    assert decide(signals) == stop(brake.SPAM_LIMIT)


def test_the_rules_go_from_tight_to_loose():
    levels = [brake.LEVELS.index(level) for level, __, __ in brake.RULES]

    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize(('level', 'other', 'tighter'), [
    ('slow', 'none', True),
    ('marketing', 'slow', True),
    ('all', 'marketing', True),
    ('slow', 'slow', False),
    ('none', 'slow', False),
    ('marketing', 'all', False),
])
def test_levels_have_an_order(level, other, tighter):
    assert is_tighter(level, other) is tighter


@pytest.mark.parametrize(('level', 'reason', 'quality', 'over'), [
    ('slow', brake.QUALITY_YELLOW, 'GREEN', True),
    ('slow', brake.QUALITY_YELLOW, 'UNKNOWN', False),
    ('slow', brake.OPT_OUTS, 'GREEN', False),
    ('marketing', brake.QUALITY_RED, 'GREEN', False),
])
def test_only_slowness_for_medium_quality_ends_by_itself(level, reason, quality, over):
    assert ends_by_itself(level, reason, quality) is over


# --- Meta's restrictions -------------------------------------------------------------------------------------------

NOW = datetime(2026, 11, 23, 12)
TOMORROW, LATER = NOW + timedelta(days=1), NOW + timedelta(days=5)


def test_the_tightest_restriction_holds_until_its_own_end():
    assert brake.restricted([(brake.ALL, TOMORROW), (brake.MARKETING, LATER)], NOW) == (brake.ALL, TOMORROW)


def test_of_two_of_the_same_kind_the_longer_holds():
    assert brake.restricted([(brake.ALL, TOMORROW), (brake.ALL, LATER)], NOW) == (brake.ALL, LATER)


def test_one_without_a_known_end_outlasts_the_others():
    assert brake.restricted([(brake.ALL, TOMORROW), (brake.ALL, None)], NOW) == (brake.ALL, None)


def test_what_is_over_restricts_nothing():
    assert brake.restricted([(brake.ALL, NOW), (brake.MARKETING, LATER)], NOW) == (brake.MARKETING, LATER)
    assert brake.restricted([], NOW) == (brake.NONE, None)
