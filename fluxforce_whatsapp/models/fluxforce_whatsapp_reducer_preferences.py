from odoo import fields, models

from ..cloud_api import const as meta
from ..cloud_api.updates import Preference
from ..policy.consent import RESUMED, WITHDRAWN
from .fluxforce_whatsapp_identity import MAX_ID_LENGTH
from .fluxforce_whatsapp_renewal import Ids

DECISIONS = {meta.PREFERENCE_STOP: WITHDRAWN, meta.PREFERENCE_RESUME: RESUMED}


class FluxforceWhatsappReducer(models.AbstractModel):
    """Preferences: who stopped marketing from us in WhatsApp, and who lets it come again."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _reduce_field_user_preferences(self, account, items):
        preferences = [Preference.from_item(item._to_item()) for item in items]
        people = self.env['fluxforce.whatsapp.identity']._of_people(
            account, self._present_ids(account, items, preferences))
        told = [(item, preference, person) for item, preference, person in zip(items, preferences, people, strict=True)
                if self._is_about_marketing(account, item, preference)]
        entries = [entry for entry in told if entry[2].partner or entry[2].phone]
        lost = [(item, preference) for item, preference, person in told
                if not (person.partner or person.phone) and preference.value == meta.PREFERENCE_STOP]
        self._record_preferences(account, entries)
        self._brake_after_stops(account, entries)
        self._settle(items, items.browse([item.id for item, *__ in entries]))
        self._park_lost_stops(account, lost)

    def _present_ids(self, account, items, preferences):
        """:return: (WhatsApp ID, BSUID) of each person today: they may have changed number since."""
        people = self.env['fluxforce.whatsapp.renewal']._present(account, [
            Ids(preference.wa_id, preference.user_id, preference.at or item.received_at)
            for item, preference in zip(items, preferences, strict=True)])
        return [(person.wa_id, person.bsuid) for person in people]

    def _is_about_marketing(self, account, item, preference):
        if preference.value in DECISIONS and preference.category in ('', meta.PREFERENCE_MARKETING):
            return True
        self._tell_unknown(account, item, f'{preference.category} {preference.value}'.strip())
        return False

    def _park_lost_stops(self, account, lost):
        """A stop must not go by in silence where nobody can tell whose it is: it waits for people, who are warned even
        if they know already that some webhook needs attention.

        :param list lost: (item, preference)
        """
        for item, preference in lost:
            item.write({'state': 'error', 'error': self._lost_stop_words([preference])})
        if lost:
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'webhook', account, severity='critical', times=len(lost),
                detail=self._lost_stop_words([preference for __, preference in lost]))

    def _lost_stop_words(self, preferences):
        return self.env._(
            'Somebody stopped marketing messages in WhatsApp, but nobody here is known by the id that Meta tells: '
            '%(ids)s. Marketing may still go to this person. Once they have written, apply this again in the webhook '
            'journal. If you know who it is, record the withdrawal on the contact and set this aside.',
            ids=', '.join(sorted({preference.user_id[:MAX_ID_LENGTH] for preference in preferences})) or '–')

    def _record_preferences(self, account, entries):
        """Every signal is kept with its own moment, so that the ledger comes out the same in whatever order they come.

        A stop is a withdrawal like any other. Its lifting is no consent: what the person had told us before counts
        again, and the gate needs it.
        """
        now = fields.Datetime.now()
        # sudo: consent - nobody but WhatsApp tells that a stop was lifted
        self.env['fluxforce.whatsapp.consent'].sudo()._record_from_whatsapp(account.company_id, [{
            'partner_id': person.partner.id, 'phone': person.phone, 'decision': DECISIONS[preference.value],
            'wording': preference.detail, 'given_at': min(preference.at or item.received_at, now),
        } for item, preference, person in entries])

    def _brake_after_stops(self, account, entries):
        """People who stop marketing may add up to a reason to brake."""
        told_to = {item.phone_number_id for item, preference, __ in entries if preference.value == meta.PREFERENCE_STOP}
        account.number_ids.filtered(lambda number: number.phone_number_id in told_to)._evaluate_brake()
