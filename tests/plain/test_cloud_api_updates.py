"""Reading what Meta reports about templates, numbers, accounts and people's choices."""

import json
from datetime import datetime

import pytest
from cloud_api import webhooks
from cloud_api.updates import (
    AccountAlert,
    AccountUpdate,
    NumberUpdate,
    Preference,
    TemplateUpdate,
    error_of,
    plain_digits,
    tier_of,
)
from samples import SAMPLES

WABA = '217004918845120'
READERS = {
    **dict.fromkeys(('phone_number_quality_update', 'phone_number_name_update', 'security'), NumberUpdate),
    **dict.fromkeys(('account_update', 'account_review_update', 'business_capability_update'), AccountUpdate),
    'account_alerts': AccountAlert,
    'user_preferences': Preference,
    **dict.fromkeys(('message_template_status_update', 'message_template_quality_update',
                     'message_template_components_update', 'template_category_update',
                     'template_correct_category_detection'), TemplateUpdate),
}
UPDATES = [sample for sample in SAMPLES if sample['field'] in READERS]


def item_of(value, field, **entry):
    body = {'object': 'whatsapp_business_account',
            'entry': [{'id': WABA, 'changes': [{'field': field, 'value': value}], **entry}]}
    return webhooks.parse(json.dumps(body).encode())[0]


def sample(field, case):
    payload = next(row['payload'] for row in UPDATES if (row['field'], row['case']) == (field, case))
    return webhooks.parse(json.dumps(payload).encode())[0]


def template(case, field='message_template_status_update'):
    return TemplateUpdate.from_item(sample(field, case))


def account(case, field='account_update'):
    return AccountUpdate.from_item(sample(field, case))


@pytest.mark.parametrize('row', UPDATES, ids=lambda row: f'{row["field"]}-{row["case"]}')
def test_every_sample_can_be_read(row):
    item = webhooks.parse(json.dumps(row['payload']).encode())[0]
    assert READERS[row['field']].from_item(item)


@pytest.mark.parametrize('reader', [TemplateUpdate, NumberUpdate, AccountUpdate, AccountAlert, Preference])
@pytest.mark.parametrize('value', [
    {}, {'odd': [1]}, {'event': 7, 'restriction_info': 'all', 'alert_info': [], 'other_info': None},
    {'display_phone_number': None, 'message_template_id': [], 'ban_info': {'waba_ban_state': []}, 'timestamp': 'soon'},
])
def test_odd_forms_are_read_as_nothing_known(reader, value):
    assert getattr(reader.from_item(item_of(value, 'account_update')), 'event', '') == ''


# --- Templates -----------------------------------------------------------------------------------------------------


def test_a_template_is_named_by_id_name_and_language():
    update = template('approved')
    assert (update.template_id, update.name, update.language, update.event) == (
        '904417733250118', 'order_ready_v3', 'de', 'APPROVED')


def test_a_language_with_a_hyphen_is_the_one_with_an_underscore():
    item = item_of({'event': 'PAUSED', 'message_template_language': 'en-US'}, 'message_template_status_update')
    assert TemplateUpdate.from_item(item).language == 'en_US'


def test_an_id_written_as_text_is_the_same_id():
    item = item_of({'message_template_id': '904417733250118'}, 'message_template_status_update')
    assert TemplateUpdate.from_item(item).template_id == '904417733250118'


def test_a_rejection_carries_its_reason_and_metas_advice():
    update = template('rejected_with_rejection_info')
    assert (update.reason, update.explanation[:13], update.recommendation[:3]) == (
        'INVALID_FORMAT', 'Two variables', 'Put')


def test_the_reason_none_is_no_reason():
    assert template('approved').reason == ''


def test_a_reason_that_is_null_is_no_reason():
    assert template('paused_first').reason == ''


def test_a_pause_carries_which_one_it_is():
    assert (template('paused_first').title, template('paused_rate_limiting').title) == (
        'FIRST_PAUSE', 'RATE_LIMITING_PAUSE')


def test_a_quality_update_carries_the_new_one():
    assert template('yellow_to_red', 'message_template_quality_update').quality == 'RED'


def test_a_category_that_is_to_change_carries_the_moment():
    update = template('upcoming_change_24h_notice', 'template_category_update')
    assert (update.category, update.correct_category, update.category_at) == (
        'UTILITY', 'MARKETING', datetime(2026, 11, 24, 10, 40))


def test_a_category_that_has_changed_carries_the_new_one():
    update = template('change_done', 'template_category_update')
    assert (update.category, update.correct_category) == ('MARKETING', '')


# --- Numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize('written', ['493023125042', '+49 30 2312-5042', 493023125042])
def test_a_number_is_the_same_however_it_is_written(written):
    assert plain_digits(written) == '493023125042'


@pytest.mark.parametrize(('written', 'tier'), [
    ('TIER_2K', 'TIER_2K'), (2000, 'TIER_2K'), ('2000', 'TIER_2K'), (250, 'TIER_250'), (-1, 'TIER_UNLIMITED'),
    ('-1', 'TIER_UNLIMITED'), ('TIER_UNLIMITED', 'TIER_UNLIMITED'), ('TIER_9M', 'TIER_9M'),
])
def test_a_limit_is_the_same_tier_however_it_is_written(written, tier):
    assert tier_of(written) == tier


def test_a_number_of_people_between_two_tiers_is_the_lower_one():
    assert (tier_of(9_999), tier_of(20)) == ('TIER_2K', 'TIER_50')


@pytest.mark.parametrize('written', [None, '', 'TIER_NOT_SET', 0, -7, True, [], {}, 'many'])
def test_what_is_no_limit_is_none(written):
    assert tier_of(written) == ''


def test_the_old_key_of_a_limit_is_read_as_well():
    update = NumberUpdate.from_item(sample('phone_number_quality_update', 'throughput_upgrade_legacy_current_limit'))
    assert (update.event, update.tier) == ('THROUGHPUT_UPGRADE', 'TIER_UNLIMITED')


def test_a_rejected_name_carries_its_reason():
    update = NumberUpdate.from_item(sample('phone_number_name_update', 'rejected'))
    assert (update.decision, update.name, update.reason) == ('REJECTED', 'Best Shop', 'NAME_NOT_CONSISTENT')


def test_a_request_to_reset_a_pin_carries_who_asked():
    update = NumberUpdate.from_item(sample('security', 'pin_reset_request'))
    assert (update.event, update.requester) == ('PIN_RESET_REQUEST', '61559900112233')


# --- Accounts ------------------------------------------------------------------------------------------------------


def test_each_restriction_carries_its_end():
    restrictions = account('restriction_business_initiated').restrictions
    assert [(one.type, one.until) for one in restrictions] == [
        ('RESTRICTED_BIZ_INITIATED_MESSAGING', datetime(2026, 11, 26, 10, 40)),
        ('RESTRICTED_ADD_PHONE_NUMBER_ACTION', datetime(2026, 11, 26, 10, 40))]


def test_a_single_restriction_need_not_be_a_list():
    item = item_of({'event': 'ACCOUNT_RESTRICTION', 'restriction_info': {'restriction_type': 'X', 'expiration': '9'}},
                   'account_update')
    assert AccountUpdate.from_item(item).restrictions[0].type == 'X'


def test_a_restriction_may_be_about_one_number():
    assert account('restriction_calling_on_number').digits == '493023125042'


def test_a_ban_carries_its_state_and_date():
    update = account('disable_scheduled')
    assert (update.ban_state, update.ban_date) == ('SCHEDULE_FOR_DISABLE', 'November 30, 2026')


def test_a_state_of_a_ban_may_come_in_a_list():
    item = item_of({'event': 'DISABLED_UPDATE', 'ban_info': {'waba_ban_state': ['DISABLE']}}, 'account_update')
    assert AccountUpdate.from_item(item).ban_state == 'DISABLE'


def test_a_violation_carries_what_it_is_and_what_to_do():
    update = account('violation_with_remediation')
    assert (update.violation, update.remediation[:6]) == ('SUPPLEMENTS', 'Remove')


def test_a_partner_hears_which_account_it_is_about():
    assert account('partner_removed').waba_id == WABA


def test_who_disconnected_a_number_is_kept():
    assert account('partner_removed_coexistence').disconnected_by == 'PRIMARY_INACTIVITY SYSTEM'


def test_the_limit_of_a_portfolio_may_be_a_number():
    assert account('limit_2000_as_integer', 'business_capability_update').tier == 'TIER_2K'


def test_an_alert_carries_what_it_is_about():
    alert = AccountAlert.from_item(sample('account_alerts', 'profile_picture_lost'))
    assert (alert.entity_id, alert.severity, alert.type) == ('560318847729901', 'WARNING', 'PROFILE_PICTURE_LOST')


# --- People --------------------------------------------------------------------------------------------------------


def test_a_stop_carries_who_and_when():
    preference = Preference.from_item(sample('user_preferences', 'marketing_stop'))
    assert (preference.wa_id, preference.user_id, preference.value, preference.at) == (
        '493023125310', 'DE.90817263544410028371', 'stop', datetime(2026, 11, 23, 11, 50, 42))


def test_a_person_who_hides_the_number_is_known_by_the_user_id():
    item = item_of({'user_preferences': [{'user_id': 'DE.1', 'value': 'STOP', 'timestamp': '1795434642'}]},
                   'user_preferences')
    preference = Preference.from_item(item)
    assert (preference.wa_id, preference.user_id, preference.value) == ('', 'DE.1', 'stop')


# --- Errors and moments --------------------------------------------------------------------------------------------


def test_an_error_of_the_account_is_put_in_words():
    error = error_of(item_of({'errors': [{'code': 131031, 'title': 'Locked'}]}, 'messages'))
    assert (error.code, error.user_message.startswith('The account is locked.')) == (131031, True)


def test_an_error_without_a_code_is_not_taken_for_one_of_the_table():
    error = error_of(item_of({'errors': [{'title': 'Solar flare'}]}, 'messages'))
    assert 'token' not in error.user_message
    assert 'Solar flare' in error.user_message


@pytest.mark.parametrize('time', [1795435000, '1795435000', 1795435000123])
def test_the_moment_of_an_entry_is_read_however_it_is_written(time):
    item = item_of({'event': 'X'}, 'account_update', time=time)

    assert item.moment == datetime(2026, 11, 23, 11, 56, 40)


def test_an_entry_without_a_moment_has_none():
    body = {'object': 'whatsapp_business_account', 'entry': [
        {'id': WABA, 'changes': [{'field': 'account_update', 'value': {}}]}]}
    assert [item.moment for item in webhooks.parse(json.dumps(body).encode())] == [None]
