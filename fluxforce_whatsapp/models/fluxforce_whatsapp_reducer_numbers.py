from odoo import models

from ..cloud_api import const as meta
from ..cloud_api.updates import NumberUpdate, plain_digits

# Decisions about a name that change nothing yet.
UNDECIDED = ('DEFERRED', 'PENDING')


class FluxforceWhatsappReducer(models.AbstractModel):
    """Numbers: what Meta decides about their speed, limit and name, and who touches their PIN."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_field_phone_number_quality_update(self, account, items):
        self._reduce_numbers(account, items, self._apply_number_quality)

    def _reduce_field_phone_number_name_update(self, account, items):
        self._reduce_numbers(account, items, self._apply_number_name)

    def _reduce_field_security(self, account, items):
        self._reduce_numbers(account, items, self._apply_security)

    def _reduce_numbers(self, account, items, apply):
        """:param apply: a method (number, update, moment, item) that returns whether it told something new."""
        numbers = self._numbers_by_digits(account)
        done = items.browse()
        for item, moment in self._by_moment(items):
            update = NumberUpdate.from_item(item._to_item())
            number = numbers.get(update.digits)
            if number and apply(number, update, moment, item):
                done |= item
            elif not number and update.digits:
                account._ask_for_numbers()
        self._settle(items, done)

    def _numbers_by_digits(self, account):
        """:return: the account's numbers as Meta writes them here: digits only."""
        numbers = account.with_context(active_test=False).number_ids
        return {plain_digits(number.display_phone_number): number for number in numbers.sorted('active')}

    # ------------------------------------------------------------
    # SPEED AND LIMIT
    # ------------------------------------------------------------

    def _apply_number_quality(self, number, update, moment, item):
        is_news = bool(update.tier) and number.account_id.portfolio_id._hear_limit(update.tier, moment)
        if update.event == meta.NUMBER_EVENT_THROUGHPUT:
            return self._upgrade_throughput(number) or is_news
        if update.event in (meta.NUMBER_EVENT_FLAGGED, meta.NUMBER_EVENT_UNFLAGGED):
            return self._flag_number(number, update, moment) or is_news
        if update.event not in meta.NUMBER_EVENTS:
            self._tell_unknown(number.account_id, item, update.event)
        return is_news

    def _upgrade_throughput(self, number):
        """It only ever goes up."""
        if number.throughput_level == meta.THROUGHPUT_UPGRADED:
            return False
        number.write({'throughput_level': meta.THROUGHPUT_UPGRADED})
        number._end_warmup_if_due()
        number.account_id.message_post(body=self.env._(
            'Meta lets %(number)s send up to %(count)s messages a second from now on.',
            number=number.display_name, count=meta.THROUGHPUT[meta.THROUGHPUT_UPGRADED]))
        return True

    def _flag_number(self, number, update, moment):
        """Meta's old way to say that a number's quality is low; it still sends."""
        is_flagged = update.event == meta.NUMBER_EVENT_FLAGGED
        weight = str(int(is_flagged))
        if number._was_fetched_after(moment) or not number._is_news('flag', moment, weight):
            return False
        number._keep_told('flag', moment, weight)
        alert = self.env['fluxforce.whatsapp.alert']
        if is_flagged:
            number.write({'status': 'FLAGGED'})
            alert._raise_alert('quality', number.account_id, number=number, detail=self.env._(
                'Meta has flagged the number: its quality is low.'))
            return True
        if number.status == 'FLAGGED':
            number.write({'status': 'CONNECTED'})
        alert._close('quality', number.account_id, number=number, note=self.env._('Meta has taken the flag back.'))
        return True

    # ------------------------------------------------------------
    # NAME
    # ------------------------------------------------------------

    def _apply_number_name(self, number, update, moment, item):
        if update.decision not in (meta.NAME_APPROVED, meta.NAME_REJECTED):
            if update.decision not in UNDECIDED:
                self._tell_unknown(number.account_id, item, update.decision)
            return False
        is_rejected = update.decision == meta.NAME_REJECTED
        weight = str(int(is_rejected))
        if not number._is_news('name', moment, weight):
            return False
        number._keep_told('name', moment, weight)
        if is_rejected:
            self._tell_name_rejected(number, update)
        else:
            self._take_name(number, update, moment)
        return True

    def _tell_name_rejected(self, number, update):
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'name_rejected', number.account_id, number=number,
            detail=self.env['fluxforce.whatsapp.wording']._sentence(
                self.env._('Meta has rejected the name "%(name)s".', name=update.name),
                self.env['fluxforce.whatsapp.wording']._of('name_rejection', update.reason)))

    def _take_name(self, number, update, moment):
        if update.name and not number._was_fetched_after(moment):
            number.write({'verified_name': update.name})
        self.env['fluxforce.whatsapp.alert']._close(
            'name_rejected', number.account_id, number=number,
            note=self.env._('Meta has approved the name "%(name)s".', name=update.name))

    # ------------------------------------------------------------
    # PIN
    # ------------------------------------------------------------

    def _apply_security(self, number, update, moment, item):
        """Whoever has the PIN can take the number away, so everything about it is told, known or not."""
        wording = self.env['fluxforce.whatsapp.wording']
        who = update.requester and self.env._('Asked for by the Facebook user %(user)s.', user=update.requester)
        when = self.env._('It happened on %(moment)s.', moment=wording._moment(moment, number.account_id))
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'pin', number.account_id, number=number,
            severity='critical' if update.event == meta.SECURITY_PIN_RESET_REQUEST else 'warning',
            detail=wording._sentence(wording._of('security', update.event), when, who or ''))
        return True
