from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.fluxforce_whatsapp.policy.purpose import MARKETING
from odoo.addons.fluxforce_whatsapp.policy.typed_number import shape_problem

STATES = [('given', 'Given'), ('withdrawn', 'Withdrawn'), ('pending', 'Asked to confirm'), ('expired', 'Run out'),
          ('none', 'None')]


class MailingContact(models.Model):
    """Contacts of mailing lists have a number, and the ledger knows what they agreed to."""

    # As Odoo's SMS mailings do it: beside them both mean the same number.
    _name = 'mailing.contact'
    _inherit = ['mailing.contact', 'mail.thread.phone']

    mobile = fields.Char()
    whatsapp_consent = fields.Selection(
        STATES, 'WhatsApp Marketing', compute='_compute_whatsapp_consent', search='_search_whatsapp_consent',
        help='What the consent ledger says about the number, for the current company.')

    @api.depends('phone_sanitized')
    @api.depends_context('company')
    def _compute_whatsapp_consent(self):
        # sudo: consent - its state, for who manages lists
        ledger = self.env['fluxforce.whatsapp.consent'].sudo()
        people = {(False, contact.phone_sanitized) for contact in self if contact.phone_sanitized}
        states = ledger._current_states(self.env.company, people)
        for contact in self:
            state = states.get((False, contact.phone_sanitized), {})
            contact.whatsapp_consent = state.get(MARKETING, 'none')

    @api.model
    def _search_whatsapp_consent(self, operator, value):
        if operator != 'in':
            return NotImplemented
        wanted = set(value)
        everybody = Domain('phone_sanitized', '!=', False)
        found = Domain('phone_sanitized', 'in', self._phones_with_consent(wanted - {'none', False}, everybody))
        if wanted & {'none', False}:
            told = self._phones_with_consent({state for state, __ in STATES}, everybody)
            found |= ~Domain('phone_sanitized', 'in', told)
        return found

    def _phones_with_consent(self, wanted, whom):
        """:param whom: domain of the contacts whose numbers are asked for.
        :return: those of their numbers about which the ledger says one of these, for the current company."""
        # sudo: consent, contact - which numbers, for who may read the contacts; archived ones are on no list
        ledger, contacts = self.env['fluxforce.whatsapp.consent'].sudo(), self.sudo()._search(whom)
        known = ledger._read_group([
            ('company_id', '=', self.env.company.id), ('purpose', '=', MARKETING),
            ('phone', 'in', contacts.subselect('phone_sanitized'))], ['phone'])
        states = ledger._current_states(self.env.company, [(False, phone) for phone, in known])
        return [phone for (__, phone), state in states.items()
                if state.get(MARKETING, 'none') in wanted - {'none'}]

    def _whatsapp_phone(self, number):
        """What Odoo has worked out when the number was entered need not be worked out anew."""
        if self.phone_sanitized and number == self.mobile and not shape_problem(number):
            return self.phone_sanitized
        return super()._whatsapp_phone(number)

    def action_record_whatsapp_consent(self):
        """Record what this person agreed to, or took back."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Record Consent'),
            'res_model': 'fluxforce.whatsapp.consent',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_phone': self.phone_sanitized, 'default_purpose': MARKETING},
        }
