"""The one decision."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cloud_api import const
from policy import gate
from policy.gate import NUMBER_STATES_ABLE, RULES, Action, Cap, Reason, Request, Verdict, combine, decide

NOW = datetime(2026, 11, 23, 12, 0)
TEMPLATE = Request(
    key='key-1',
    to='+351910000001',
    purpose='marketing',
    consent='given',
    is_template=True,
    template_status='APPROVED',
    template_problem=None,
    missing_values=(),
    number_state='CONNECTED',
    number_problem=None,
    account_active=True,
    window_open=False,
    phone_problem=None,
)
REPLY = replace(
    TEMPLATE, purpose='care', consent='none', is_template=False, template_status=None, window_open=True
)


def verdict(request, **changes):
    return decide([replace(request, **changes)], NOW)[0]


def outcome(request, **changes):
    result = verdict(request, **changes)
    return result.action, result.reason


def test_template_with_consent_may_go():
    assert verdict(TEMPLATE) == Verdict('key-1', Action.ALLOW, '', '', None)


def test_reply_in_the_window_may_go():
    assert outcome(REPLY) == (Action.ALLOW, '')


def test_reply_may_go_although_care_was_withdrawn():
    assert outcome(REPLY, consent='withdrawn') == (Action.ALLOW, '')


def test_bsuid_is_somebody_to_send_to():
    assert outcome(TEMPLATE, to='PT.1001') == (Action.ALLOW, '')


@pytest.mark.parametrize('to', [None, '', ' '])
def test_nobody_to_send_to(to):
    assert outcome(TEMPLATE, to=to) == (Action.REFUSE, 'no_phone')


def test_unusable_number_tells_why():
    result = verdict(TEMPLATE, phone_problem='too short')
    assert (result.action, result.reason, result.detail) == (Action.REFUSE, 'invalid_phone', 'too short')


@pytest.mark.parametrize('purpose', ['marketing', 'utility', 'authentication', 'care'])
def test_template_without_consent_is_refused(purpose):
    assert outcome(TEMPLATE, purpose=purpose, consent='none') == (Action.REFUSE, 'no_consent')


@pytest.mark.parametrize('purpose', ['marketing', 'utility', 'authentication'])
def test_open_window_is_no_consent_to_templates(purpose):
    assert outcome(TEMPLATE, purpose=purpose, consent='none', window_open=True) == (Action.REFUSE, 'no_consent')


@pytest.mark.parametrize('purpose', ['marketing', 'utility', 'authentication', 'care'])
def test_withdrawn_consent_is_refused(purpose):
    assert outcome(TEMPLATE, purpose=purpose, consent='withdrawn') == (Action.REFUSE, 'consent_withdrawn')


@pytest.mark.parametrize('purpose', [None, ''])
def test_unknown_purpose_is_refused(purpose):
    assert outcome(TEMPLATE, purpose=purpose) == (Action.REFUSE, 'no_consent')


@pytest.mark.parametrize('consent', ['maybe', '', None])
def test_unknown_consent_is_refused(consent):
    assert outcome(TEMPLATE, consent=consent) == (Action.REFUSE, 'no_consent')


def test_free_marketing_text_needs_consent_even_in_the_window():
    assert outcome(REPLY, purpose='marketing') == (Action.REFUSE, 'no_consent')


@pytest.mark.parametrize('consent', ['given', 'none', 'withdrawn'])
def test_free_text_outside_the_window_is_refused(consent):
    assert outcome(REPLY, window_open=False, consent=consent) == (Action.REFUSE, 'outside_window')


@pytest.mark.parametrize('status', [None, '', 'PENDING', 'DISABLED', 'REJECTED', 'STATUS_OF_2030'])
def test_only_approved_templates_go(status):
    assert outcome(TEMPLATE, template_status=status) == (Action.REFUSE, 'template_not_approved')


def test_message_waits_while_its_template_is_paused():
    assert outcome(TEMPLATE, template_status='PAUSED') == (Action.HOLD, 'template_paused')


def test_a_number_that_is_no_longer_the_persons_is_refused():
    result = verdict(TEMPLATE, new_phone='+351910000009')
    assert (result.action, result.reason, result.detail) == (Action.REFUSE, 'recipient_changed', '+351910000009')


def test_what_comes_too_late_ends():
    assert outcome(TEMPLATE, expires_at=NOW) == (Action.EXPIRE, 'expired')
    assert outcome(TEMPLATE, expires_at=NOW + timedelta(seconds=1)) == (Action.ALLOW, '')


def test_message_waits_while_its_template_is_fetched_anew():
    assert outcome(TEMPLATE, template_stale=True) == (Action.HOLD, 'template_sync')


def test_what_somebody_stopped_waits():
    assert outcome(TEMPLATE, halted=True) == (Action.HOLD, 'halted')


def test_a_brake_on_marketing_holds_marketing_only():
    assert outcome(TEMPLATE, brake='marketing') == (Action.HOLD, 'brake')
    assert outcome(TEMPLATE, brake='marketing', purpose='utility') == (Action.ALLOW, '')


def test_a_full_brake_holds_everything():
    assert outcome(REPLY, brake='all') == (Action.HOLD, 'brake')


def test_a_light_brake_only_slows():
    assert outcome(TEMPLATE, brake='slow') == (Action.ALLOW, '')


def test_marketing_waits_for_the_gap_meta_wants():
    later = NOW + timedelta(hours=24)
    assert verdict(TEMPLATE, marketing_from=later) == Verdict('key-1', Action.HOLD, 'marketing_gap', '', later)
    assert outcome(TEMPLATE, marketing_from=later, purpose='utility') == (Action.ALLOW, '')
    assert outcome(TEMPLATE, marketing_from=NOW) == (Action.ALLOW, '')


def test_message_waits_for_the_end_of_the_night():
    morning = NOW + timedelta(hours=8)
    assert verdict(TEMPLATE, quiet_until=morning) == Verdict('key-1', Action.HOLD, 'quiet_hours', '', morning)


def test_a_withdrawal_tells_when_and_how():
    result = verdict(TEMPLATE, consent='withdrawn', consent_detail='2026-05-01 message')
    assert (result.reason, result.detail) == ('consent_withdrawn', '2026-05-01 message')


@pytest.mark.parametrize(('consent', 'reason'), [('expired', 'consent_expired'), ('pending', 'opt_in_pending')])
def test_a_consent_that_ran_out_or_waits_is_none(consent, reason):
    assert outcome(TEMPLATE, consent=consent) == (Action.REFUSE, reason)
    assert outcome(REPLY, consent=consent) == (Action.ALLOW, '')


def test_another_companys_contact_is_refused_by_its_name():
    result = verdict(TEMPLATE, other_company='Other Ltd')
    assert (result.action, result.reason, result.detail) == (Action.REFUSE, 'company_mismatch', 'Other Ltd')


def test_who_is_blocked_by_us_gets_nothing_not_even_answers():
    assert outcome(TEMPLATE, blocked='Threatens us', purpose='utility') == (Action.REFUSE, 'blocked_by_us')
    assert outcome(REPLY, blocked='Threatens us') == (Action.REFUSE, 'blocked_by_us')


@pytest.mark.parametrize(('purpose', 'stopped'), [('marketing', True), ('utility', True), ('authentication', False)])
def test_the_blacklist_ends_what_a_business_begins(purpose, stopped):
    expected = (Action.REFUSE, 'blacklisted') if stopped else (Action.ALLOW, '')
    assert outcome(TEMPLATE, blacklisted=True, purpose=purpose) == expected


def test_the_blacklist_does_not_keep_an_answer_back():
    assert outcome(REPLY, blacklisted=True) == (Action.ALLOW, '')


def test_no_marketing_where_meta_delivers_none():
    assert outcome(TEMPLATE, spared_region=True) == (Action.REFUSE, 'us_marketing')
    assert outcome(TEMPLATE, spared_region=True, purpose='utility') == (Action.ALLOW, '')


def test_no_marketing_to_who_could_not_be_reached_lately():
    result = verdict(TEMPLATE, undeliverable_at=NOW - timedelta(days=3))
    assert (result.action, result.reason, result.detail) == (Action.REFUSE, 'not_on_whatsapp', '2026-11-20')
    assert outcome(TEMPLATE, undeliverable_at=NOW, purpose='utility') == (Action.ALLOW, '')
    assert outcome(TEMPLATE, undeliverable_at=NOW, window_open=True) == (Action.ALLOW, '')


def test_the_same_content_is_refused():
    assert outcome(TEMPLATE, sent_before=True) == (Action.REFUSE, 'duplicate')


def test_of_the_same_content_in_one_batch_the_first_goes():
    first = replace(TEMPLATE, content=('+351910000001', 'abc'))
    other = replace(TEMPLATE, content=('+351910000002', 'abc'))
    assert [result.reason for result in decide([first, first, other], NOW)] == ['', 'duplicate', '']


def test_what_was_refused_itself_makes_nothing_a_duplicate():
    first = replace(TEMPLATE, content=('+351910000001', 'abc'))
    assert [result.reason for result in decide([replace(first, consent='none'), first], NOW)] == ['no_consent', '']


CAPPED = replace(
    TEMPLATE, cap=Cap(2, timedelta(days=7)), marketing_moments=(NOW - timedelta(days=1), NOW - timedelta(days=5)),
    expires_at=NOW + timedelta(days=7))


def test_marketing_waits_until_room_returns():
    assert verdict(CAPPED) == Verdict('key-1', Action.HOLD, 'frequency_cap', '', NOW + timedelta(days=2))
    assert outcome(CAPPED, purpose='utility') == (Action.ALLOW, '')
    assert outcome(CAPPED, cap=None) == (Action.ALLOW, '')
    assert outcome(CAPPED, marketing_moments=(NOW,)) == (Action.ALLOW, '')


def test_marketing_for_which_room_returns_too_late_is_refused():
    assert outcome(CAPPED, expires_at=NOW + timedelta(days=2)) == (Action.REFUSE, 'frequency_cap')


def test_what_a_batch_sends_counts_for_the_rest_of_it():
    request = replace(CAPPED, marketing_moments=(NOW - timedelta(days=1),), expires_at=NOW + timedelta(days=9))
    first, second = decide([request, request], NOW)
    assert first.action is Action.ALLOW
    assert (second.reason, second.until) == ('frequency_cap', NOW + timedelta(days=6))
    assert decide([request, replace(request, to='+351910000002')], NOW)[1].action is Action.ALLOW


def test_what_the_outbox_tells_is_asked_once_and_only_about_those_whom_nothing_else_refuses():
    asked = []

    def complete(requests):
        asked.append([request.key for request in requests])
        for request in requests:
            request.sent_before = request.key == 'known'

    batch = [replace(TEMPLATE, key=key, **changes) for key, changes in (
        ('known', {}), ('nobody', {'to': None}), ('stopped', {'consent': 'withdrawn'}), ('new', {}))]
    verdicts = decide(batch, NOW, complete)
    assert asked == [['known', 'new']]
    assert [verdict.reason for verdict in verdicts] == ['duplicate', 'no_phone', 'consent_withdrawn', '']


def test_nothing_more_is_asked_where_all_are_refused():
    assert decide([replace(TEMPLATE, to=None)], NOW, pytest.fail)[0].reason == 'no_phone'


def test_of_two_verdicts_the_stricter_one_holds():
    allow, refuse = Verdict('1', Action.ALLOW), Verdict('1', Action.REFUSE, 'vip')
    hold, later = Verdict('1', Action.HOLD, 'a', until=NOW), Verdict('1', Action.HOLD, 'b', until=NOW + timedelta(1))
    event = Verdict('1', Action.HOLD, 'c')
    assert combine(allow, None) is allow
    assert combine(allow, hold) is hold
    assert combine(hold, later) is later
    assert combine(later, event) is event
    assert combine(event, refuse) is refuse
    assert combine(refuse, allow) is refuse


def test_template_status_does_not_matter_to_free_text():
    assert outcome(REPLY, template_status='PAUSED') == (Action.ALLOW, '')


def test_template_that_cannot_be_filled_is_refused():
    result = verdict(TEMPLATE, template_problem='carousel component')
    assert (result.action, result.reason, result.detail) == (
        Action.REFUSE,
        'template_unsupported',
        'carousel component',
    )


def test_missing_values_are_named():
    result = verdict(TEMPLATE, missing_values=('body:1', 'body:2'))
    assert (result.action, result.reason, result.detail) == (Action.REFUSE, 'missing_value', 'body:1, body:2')


def test_message_waits_for_its_account():
    assert verdict(TEMPLATE, account_active=False) == Verdict('key-1', Action.HOLD, 'account_inactive', '', None)


@pytest.mark.parametrize('state', [None, '', 'BANNED', 'DISCONNECTED', 'PENDING', 'STATE_OF_2030'])
def test_message_waits_for_its_number(state):
    assert outcome(TEMPLATE, number_state=state) == (Action.HOLD, 'number_unable')


def test_message_waits_although_the_state_allows_it():
    result = verdict(TEMPLATE, number_problem='no throughput')
    assert (result.action, result.reason, result.detail) == (Action.HOLD, 'number_unable', 'no throughput')


def test_refusal_comes_before_holding():
    assert outcome(TEMPLATE, consent='withdrawn', account_active=False) == (Action.REFUSE, 'consent_withdrawn')


def test_batch_keeps_its_order():
    requests = [replace(TEMPLATE, key='key-0', consent='none'), replace(TEMPLATE, key='key-1')]
    assert [(result.key, result.action) for result in decide(requests, NOW)] == [
        ('key-0', Action.REFUSE),
        ('key-1', Action.ALLOW),
    ]


def test_empty_batch():
    assert decide([], NOW) == []


def test_every_reason_has_its_rule():
    assert {rule.__name__ for rule in RULES} == {reason.value for reason in Reason}


def test_reason_of_a_verdict_is_plain_text():
    assert type(verdict(TEMPLATE, to=None).reason) is str


def test_states_and_statuses_are_metas():
    assert NUMBER_STATES_ABLE == const.NUMBER_STATUS_ABLE_TO_SEND
    assert gate.TEMPLATE_APPROVED == const.TEMPLATE_STATUS_SENDABLE


def test_two_spellings_of_a_number_are_one_person_for_the_cap():
    cap = Cap(1, timedelta(days=7))
    first, second = decide([
        replace(TEMPLATE, to='+5215512345678', cap=cap), replace(TEMPLATE, to='+525512345678', cap=cap)], NOW)
    assert (first.action, second.reason) == (Action.ALLOW, 'frequency_cap')
