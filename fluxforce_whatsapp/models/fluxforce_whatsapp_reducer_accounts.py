from odoo import fields, models

from ..cloud_api import const as meta
from ..cloud_api.updates import AccountAlert, AccountUpdate, error_of
from ..policy import brake as brake_policy

# Severities of our alerts by Meta's; a warning for one that nobody knows.
SEVERITIES = {meta.ALERT_CRITICAL: 'critical', meta.ALERT_INFORMATIONAL: 'info'}
# Decisions of the account's review that change nothing yet.
UNDECIDED = ('DEFERRED', 'PENDING')


class FluxforceWhatsappReducer(models.AbstractModel):
    """Accounts: what Meta decides about the whole account, from its limit of people to its end."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_field_account_update(self, account, items):
        self._reduce_account(account, items, self._apply_account_update)

    def _reduce_field_account_review_update(self, account, items):
        self._reduce_account(account, items, self._apply_review)

    def _reduce_field_business_capability_update(self, account, items):
        self._reduce_account(account, items, self._apply_capability)

    def _reduce_account(self, account, items, apply):
        """:param apply: a method (account, update, moment, item) that returns whether it told something new."""
        done = items.browse()
        for item, moment in self._by_moment(items):
            update = AccountUpdate.from_item(item._to_item())
            if self._concerns(account, update) and apply(account, update, moment, item):
                done |= item
        self._settle(items, done)

    def _concerns(self, account, update):
        """A partner hears of all its clients' accounts, and of other apps of theirs."""
        is_our_app = not update.app_id or update.app_id == (account.app_id or update.app_id)
        return update.waba_id in ('', account.waba_id) and is_our_app

    def _apply_capability(self, account, update, moment, item):
        return bool(update.tier) and account.portfolio_id._hear_limit(update.tier, moment)

    # ------------------------------------------------------------
    # REVIEW, ALERTS, ERRORS
    # ------------------------------------------------------------

    def _apply_review(self, account, update, moment, item):
        is_rejected = update.decision == meta.REVIEW_REJECTED
        if update.decision not in (meta.REVIEW_APPROVED, meta.REVIEW_REJECTED, *UNDECIDED):
            self._tell_unknown(account, item, update.decision)
            return False
        if not account._is_news('review', moment, str(int(is_rejected))):
            return False
        account._keep_told('review', moment, str(int(is_rejected)))
        account.review_status = update.decision
        alert = self.env['fluxforce.whatsapp.alert']
        if is_rejected:
            alert._raise_alert('review', account, detail=self.env._('Meta has rejected the account in its review.'))
        elif update.decision == meta.REVIEW_APPROVED:
            alert._close('review', account, note=self.env._('Meta has approved the account.'))
        return True

    def _reduce_field_account_alerts(self, account, items):
        numbers = {number.phone_number_id: number for number in account.with_context(active_test=False).number_ids}
        for item, __ in self._by_moment(items):
            alert = AccountAlert.from_item(item._to_item())
            is_about_number = alert.entity_type in meta.ALERT_ENTITIES_NUMBER
            self._tell_account_alert(account, alert, numbers.get(alert.entity_id) if is_about_number else None)
        self._settle(items, items)

    def _tell_account_alert(self, account, alert, number):
        wording = self.env['fluxforce.whatsapp.wording']
        words = wording._sentence(
            wording._of('account_alert', alert.type) or self.env._('Meta does not say what it is about.'),
            alert.description)
        if alert.severity == meta.ALERT_INFORMATIONAL:
            account.message_post(body=f'{number.display_name}: {words}' if number else words)
            return
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'meta_alert', account, number=number, detail=words,
            severity=SEVERITIES.get(alert.severity, 'warning'))

    def _reduce_error(self, account, items):
        """Errors that are about no message: they are told in the words of the error playbook."""
        numbers = {number.phone_number_id: number for number in account.with_context(active_test=False).number_ids}
        for item in items:
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'meta_error', account, number=numbers.get(item.phone_number_id),
                detail=error_of(item._to_item()).user_message)
        self._settle(items, items)

    def _reduce_other(self, account, items):
        """Clicks on links of marketing messages, and whatever else may come: kept for who counts them."""
        self._settle(items, items.browse())

    # ------------------------------------------------------------
    # VIOLATIONS, RESTRICTIONS, THE END
    # ------------------------------------------------------------

    def _apply_account_update(self, account, update, moment, item):
        if update.event == meta.ACCOUNT_VIOLATION:
            return self._tell_violation(account, update)
        if update.event == meta.ACCOUNT_RESTRICTION:
            return self._apply_restriction(account, update, moment)
        if update.event == meta.ACCOUNT_BAN:
            return self._apply_ban(account, update, moment, item)
        if update.event in meta.ACCOUNT_EVENTS_STOPPED or update.event in meta.ACCOUNT_EVENTS_BACK:
            return self._apply_end(account, update, moment)
        if update.event not in meta.ACCOUNT_EVENTS_KEPT:
            self._tell_unknown(account, item, update.event)
        return False

    def _tell_violation(self, account, update):
        wording = self.env['fluxforce.whatsapp.wording']
        words = update.violation and self.env._(
            'Meta says that the account breaks its policy: %(what)s.',
            what=wording._of('violation', update.violation)) or self.env._(
            'Meta says that the account breaks its policy.')
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'violation', account, detail=wording._sentence(words, update.remediation))
        return True

    # --- Restrictions: for a time, of some ways to send -------------------------------------------------------

    def _apply_restriction(self, account, update, moment):
        number = self._numbers_by_digits(account).get(update.digits) if update.digits else None
        now = fields.Datetime.now()
        running = [one for one in update.restrictions if not one.until or one.until > now]
        is_ours = number or not update.digits
        news = [one for one in running if is_ours and self._keep_restriction(account, number, one, moment)]
        if not news:
            return False
        (number or account.number_ids)._heed_restrictions()
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'restriction', account, number=number, detail=self._restriction_words(account, news))
        return True

    def _keep_restriction(self, account, number, restriction, moment):
        """:return: whether it is news; of one type the last one told holds, within a second the longer one."""
        level = self._level_of(restriction.type)
        kind = f'restriction {number.id if number else ""} {restriction.type}'
        weight = restriction.until and fields.Datetime.to_string(restriction.until) or 'no end'
        if not account._is_news(kind, moment, weight):
            return False
        account._keep_told(kind, moment, weight)
        if level != brake_policy.NONE:
            account._restrict(kind, level, restriction.until, number)
        return True

    def _level_of(self, restriction_type):
        """:return: what has to stop; of a kind that nobody knows, marketing. (Our own choice.)"""
        if restriction_type in meta.RESTRICTIONS_ALL:
            return brake_policy.ALL
        return brake_policy.NONE if restriction_type in meta.RESTRICTIONS_OTHER else brake_policy.MARKETING

    def _restriction_words(self, account, restrictions):
        wording = self.env['fluxforce.whatsapp.wording']
        ends = [one.until for one in restrictions]
        until = self.env._('Until %(moment)s.', moment=wording._moment(max(ends), account)) if all(ends) else (
            self.env._('Meta does not say until when.'))
        return wording._sentence(
            *[wording._of('restriction', one.type) for one in restrictions], until,
            *dict.fromkeys(one.remediation for one in restrictions))

    # --- The end of the account, and its return ---------------------------------------------------------------

    def _apply_ban(self, account, update, moment, item):
        if update.ban_state not in (meta.BAN_DISABLED, meta.BAN_SCHEDULED, meta.BAN_REINSTATED):
            self._tell_unknown(account, item, f'{update.event} {update.ban_state}')
            return False
        if not self._is_news_of_use(account, update.ban_state != meta.BAN_REINSTATED, update.event, moment):
            return False
        if update.ban_state == meta.BAN_REINSTATED:
            note = self.env._('Meta has taken it back.')
            account._go_on(meta.ACCOUNT_BAN, note)
            self.env['fluxforce.whatsapp.alert']._close('ban', account, note=note)
        elif update.ban_state == meta.BAN_SCHEDULED:
            self.env['fluxforce.whatsapp.alert']._raise_alert('ban', account, detail=self.env._(
                'Meta is going to disable the account. Date given: %(date)s.', date=update.ban_date or '–'))
        else:
            self._stop_account(account, update, self.env._(
                'Meta has disabled the account for breaking its policies. Read why in Business Support Home and '
                'appeal there; sending goes on by itself when Meta reinstates the account.'))
        return True

    def _apply_end(self, account, update, moment):
        is_end = update.event in meta.ACCOUNT_EVENTS_STOPPED
        cause = meta.ACCOUNT_EVENTS_BACK.get(update.event, update.event)
        if update.digits:
            return is_end and self._disconnect_number(account, update, moment)
        if not self._is_news_of_use(account, is_end, cause, moment):
            return False
        wording = self.env['fluxforce.whatsapp.wording']
        if is_end:
            self._stop_account(account, update, wording._sentence(
                wording._of('stop_event', update.event), self.env._(
                    'Put it right in Meta Business Suite, then press Connect.')))
        else:
            account._go_on(cause, self.env._('It was connected again at Meta.'))
        return True

    def _is_news_of_use(self, account, is_end, cause, moment):
        """Tell whether an event about the account's use is the newest; within a second the end wins.

        What was told before somebody connected the account anew is over: Meta was asked then.
        """
        weight = f'{int(is_end)}{cause}'
        if account.last_connected and moment < account.last_connected or not account._is_news('use', moment, weight):
            return False
        account._keep_told('use', moment, weight)
        return True

    def _stop_account(self, account, update, reason):
        """An account that was never connected has nothing to stop."""
        if account.state != 'draft':
            account._halt(reason, cause=update.event)

    def _disconnect_number(self, account, update, moment):
        number = self._numbers_by_digits(account).get(update.digits)
        is_over = account.last_connected and moment < account.last_connected
        if not number or is_over or not number._is_news('use', moment):
            return False
        number._keep_told('use', moment)
        wording = self.env['fluxforce.whatsapp.wording']
        number._halt(wording._sentence(
            self.env._('The number was disconnected from the Cloud API.'),
            update.disconnected_by and f'({update.disconnected_by})',
            self.env._('Connect it again from the WhatsApp Business app, then connect the account here.')))
        return True
