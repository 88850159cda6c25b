"""The table of error codes and what exceptions tell."""

import pytest
from cloud_api.errors import ERRORS, ApiError, ErrorInfo, error_info, redact

RETRIED = {1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057, 133004, 133015, 2494100}
STOPPING = {0, 10, 33, 190, 368, 131005, 131031, 131042, 133010}
STOPS = ('pause_number', 'pause_account', 'new_token', 'brake')
PERMANENT = {131026, 131047, 131050, 130472, 131021, 132007, 132016, 133016}
#: What the outbox does, where the source leaves no choice [S26:support/error-codes].
ACTIONS = {
    'slow': {4, 80007, 130429},
    'pair': {131056},
    'hold': {131049},
    'suppress': {131050},
    'pause_template': {132015, 132016, 132068, 132069},
    'sync_template': {132000, 132001, 132012, 132018},
    'pause_number': {33, 803, 131037, 131045, 133010},
    'pause_account': {10, 200, 368, 131005, 131031, 131042, 131064, 134011},
    'new_token': {0, 190},
    'brake': {131048},
}


@pytest.mark.parametrize('code', sorted(RETRIED))
def test_passing_errors_are_retried(code):
    assert error_info(code).action in ('retry', 'slow', 'pair')


@pytest.mark.parametrize('code', sorted(STOPPING))
def test_account_errors_stop_the_account(code):
    assert error_info(code).action in STOPS


@pytest.mark.parametrize('code', sorted(PERMANENT))
def test_final_errors_are_permanent(code):
    assert error_info(code).action not in ('retry', 'slow', 'pair', 'hold')


def test_message_held_back_for_the_persons_sake_waits():
    assert error_info(131049).action == 'hold'


@pytest.mark.parametrize(('action', 'code'), [(action, code) for action, codes in ACTIONS.items() for code in codes])
def test_action_is_the_one_the_source_asks_for(action, code):
    assert error_info(code).action == action


@pytest.mark.parametrize('code', sorted(RETRIED - ACTIONS['slow'] - ACTIONS['pair']))
def test_other_passing_errors_are_tried_again(code):
    assert error_info(code).action == 'retry'


@pytest.mark.parametrize(('code', 'responsible'), [(131016, 'nobody'), (131026, 'sender'), (190, 'administrator')])
def test_entry_says_who_must_act(code, responsible):
    assert error_info(code).responsible == responsible


def test_nobody_is_asked_to_act_upon_what_passes_on_its_own():
    assert {info.responsible for info in ERRORS.values() if info.action in ('slow', 'pair', 'hold')} == {'nobody'}


def test_whatever_stops_an_account_is_for_the_administrator():
    stopping = [info for info in ERRORS.values() if info.action in STOPS]
    assert {info.responsible for info in stopping} == {'administrator'}


@pytest.mark.parametrize('code', [200, 213, 299])
def test_permission_range_stops_the_account(code):
    info = error_info(code)
    assert (info.code, info.action) == (code, 'pause_account')


@pytest.mark.parametrize('code', [199, 300, 987654, -1, None])
def test_unknown_code_is_permanent(code):
    assert error_info(code).action not in ('retry', 'slow', 'pair', 'hold')


def test_every_entry_speaks_to_a_person():
    assert all(isinstance(info, ErrorInfo) and info.title and info.advice.endswith('.') for info in ERRORS.values())


def test_every_entry_stands_under_its_code():
    assert all(code == info.code for code, info in ERRORS.items())


def test_error_without_an_answer_knows_no_usage():
    assert ApiError(131026, 'Undeliverable').usage is None


def test_unknown_code_called_passing_is_retried():
    assert ApiError(987654, 'Odd', is_transient=True).seems_passing


def test_unknown_code_from_a_broken_server_is_retried():
    assert ApiError(987654, 'Odd', http_status=503).seems_passing


def test_wrong_object_is_told_from_a_wrong_parameter():
    assert ApiError(100, 'Unsupported get request', subcode=33).info.code == 803


def test_small_subcode_is_not_taken_for_a_code():
    assert ApiError(190, 'Expired', subcode=463).info.code == 190


def test_code_may_come_as_text():
    assert ApiError.from_answer({'error': {'code': '190'}}).code == 190


@pytest.mark.parametrize('answer', [None, [], {}, {'error': 'x'}, {'error': {}}, {'error': {'code': True}}])
def test_other_answers_are_not_metas_error(answer):
    assert ApiError.from_answer(answer) is None


def test_odd_parts_of_an_error_do_not_raise():
    answer = {'error': {'code': 1, 'message': ['x'], 'error_data': 'y', 'error_subcode': 'z', 'fbtrace_id': None}}
    assert ApiError.from_answer(answer).message == ''


@pytest.mark.parametrize(
    'text',
    [
        'GET /me?access_token=s3cr3t-value&x=1',
        'https://x/?q=access_token%3Ds3cr3t-value',
        '{"access_token": "s3cr3t-value"}',
        'Authorization: Bearer s3cr3t-value',
        'plain s3cr3t-value',
    ],
)
def test_secret_is_taken_out(text):
    assert 's3cr3t-value' not in redact(text, 's3cr3t-value' if text.startswith('plain') else '')


def test_rest_of_the_text_stays():
    assert redact('a?access_token=abc&x=1') == 'a?access_token=[redacted]&x=1'
