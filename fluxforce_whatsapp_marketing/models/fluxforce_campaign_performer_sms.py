from odoo import models
from odoo.tools import plaintext2html

from odoo.addons.fluxforce_whatsapp.policy.consent import WITHDRAWN
from odoo.addons.fluxforce_whatsapp.policy.variants import all_spellings, canonical

from .fluxforce_campaign_audience import CampaignError


class FluxforceCampaignPerformer(models.AbstractModel):
    """Writes SMS: they are put into Odoo's own queue, which sends them later; nothing is called meanwhile."""

    _inherit = 'fluxforce.campaign.performer'

    def _perform_sms(self, activity, cases, records):
        """Queue an SMS for each who can be written to that way and has not asked for none."""
        if not activity._has_sms():
            raise CampaignError(self.env._(
                'The step "%(step)s" writes SMS, but Odoo\'s app for them is not installed any more. Install it again, '
                'or take the step out.', step=activity.name))
        recipients, texts = records._whatsapp_recipients(), activity._render_sms(records)
        refusals = self._sms_refusals(activity, recipients, texts)
        for case in cases:
            if reason := refusals.get(case.record):
                self._skip([case], reason)
        reachable = [case for case in cases if case.record not in refusals]
        self._queue_sms(activity, records.browse([case.record for case in reachable]), recipients, texts)
        return reachable

    def _sms_refusals(self, activity, recipients, texts):
        """:return: by record id, why nothing is sent: the reasons of a trace; nothing for who gets it."""
        people = {record_id: (recipient.partner.id or False, recipient.phone)
                  for record_id, recipient in recipients.items()}
        black = self._blacklisted_phones({phone for __, phone in people.values() if phone})
        # sudo: consent - the decision does not depend on who asks
        states = self.env['fluxforce.whatsapp.consent'].sudo()._current_states(
            activity.company_id, {person for person in people.values() if person[1]})
        refusals = {}
        for record_id, person in people.items():
            if not person[1]:
                refusals[record_id] = 'no_phone'
            elif canonical(person[1]) in black:
                refusals[record_id] = 'blacklist'
            elif states[person].get(activity.sms_purpose) == WITHDRAWN:
                refusals[record_id] = 'withdrawn'
            elif not texts[record_id]:
                refusals[record_id] = 'no_text'
        return refusals

    def _blacklisted_phones(self, phones):
        """:return: canonical numbers of those on Odoo's blacklist, whatever the spelling there."""
        # sudo: phone.blacklist - only whether a number is on it
        found = self.env['phone.blacklist'].sudo().search([('number', 'in', list(all_spellings(phones, '+')))])
        return {canonical(number) for number in found.mapped('number')}

    def _queue_sms(self, activity, records, recipients, texts):
        if not records:
            return
        notes = {}
        if activity.log_in_chatter:
            logged = records._message_log_batch(
                bodies={record.id: plaintext2html(texts[record.id]) for record in records}, message_type='sms')
            notes = dict(zip(records.ids, logged.ids, strict=True))
        # sudo: sms.sms - its queue is Odoo's own; the text was read with the responsible's rights
        self.env['sms.sms'].sudo().create([{
            'number': recipients[record.id].phone, 'body': texts[record.id], 'mail_message_id': notes.get(record.id),
            'partner_id': recipients[record.id].partner.id,
        } for record in records])
