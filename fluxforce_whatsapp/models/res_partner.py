from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.urls import urljoin

from ..const import PREFERENCES_ROUTE
from ..policy.typed_number import shape_problem
from ..policy.variants import all_spellings

CONSENT_STATES = [('given', 'Given'), ('withdrawn', 'Withdrawn'), ('pending', 'Asked to confirm')]
# The purposes a contact shows; care needs none, the person's own message is the permission.
CONSENT_FIELDS = {
    'marketing': 'whatsapp_consent_marketing',
    'utility': 'whatsapp_consent_utility',
    'authentication': 'whatsapp_consent_authentication',
}


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # Written by the consent ledger only, see write().
    whatsapp_consent_marketing = fields.Selection(CONSENT_STATES, 'WhatsApp Marketing', company_dependent=True,
                                                  copy=False, index='btree_not_null')
    whatsapp_consent_utility = fields.Selection(CONSENT_STATES, 'WhatsApp Service Updates', company_dependent=True,
                                                copy=False, index='btree_not_null')
    whatsapp_consent_authentication = fields.Selection(CONSENT_STATES, 'WhatsApp Authentication',
                                                       company_dependent=True, copy=False, index='btree_not_null')
    whatsapp_consent_ids = fields.One2many('fluxforce.whatsapp.consent', 'partner_id', 'WhatsApp Consents',
                                           readonly=True, groups='fluxforce_whatsapp.group_whatsapp_user')
    whatsapp_preference_url = fields.Char('WhatsApp Preference Page', compute='_compute_whatsapp_preference_url',
                                          groups='fluxforce_whatsapp.group_whatsapp_user',
                                          help='Send it to the person, who sees and changes there what they agreed to.')
    whatsapp_message_count = fields.Integer(compute='_compute_whatsapp_message_count',
                                            groups='fluxforce_whatsapp.group_whatsapp_user')

    whatsapp_phone_hint = fields.Char('WhatsApp Number', compute='_compute_whatsapp_phone_hint',
                                      help='What is wrong with the number of the contact, if it cannot be right.')

    # An inbound message looks its sender up by number; core keeps this field without an index.
    _phone_sanitized_idx = models.Index('(phone_sanitized) WHERE phone_sanitized IS NOT NULL')

    def _compute_whatsapp_message_count(self):
        counts = dict(self.env['fluxforce.whatsapp.message']._read_group(
            [('partner_id', 'in', self.ids)], ['partner_id'], ['__count']))
        for partner in self:
            partner.whatsapp_message_count = counts.get(partner, 0)

    @api.depends('phone_sanitized')
    @api.depends_context('company')
    def _compute_whatsapp_preference_url(self):
        for partner in self:
            present = partner._origin
            partner.whatsapp_preference_url = present._whatsapp_preference_url(self.env.company) if present else False

    def _whatsapp_phone(self, number):
        """What Odoo has worked out when the number was entered need not be worked out anew: for ten thousand contacts
        that takes longer than everything else."""
        if self.phone_sanitized and number == self.phone and not shape_problem(number):
            return self.phone_sanitized
        return super()._whatsapp_phone(number)

    def _whatsapp_dialable(self, number):
        """WhatsApp's form of a number need not be one that can be dialled; then the contact's own stands for it.

        :param number: in international form, maybe False; the contact may be empty.
        :return: E.164, False if there is none
        """
        return (number and self.env['res.partner']._phone_format(number=number)) or self.phone_sanitized or False

    def _whatsapp_of(self, company):
        """:return: those that are the company's or everybody's. To its accounts another company's contacts are nobody:
        what they say there counts for their number."""
        return self.filtered(lambda partner: partner.company_id.id in (False, company.id))

    def _whatsapp_moved_away(self, company):
        """:return: those that were given to a company which is neither this one nor above it, where its users may not
            see them."""
        return self.filtered(lambda partner: partner.company_id and partner.company_id not in company.parent_ids)

    def _whatsapp_preference_url(self, company):
        """:return: address of the page on which this person decides what a company may write; good for as many days
            as the company's settings say."""
        token = self.env['fluxforce.whatsapp.preferences']._sign(self, company)
        return urljoin(self.get_base_url(), f'{PREFERENCES_ROUTE}/{token}')

    @api.depends('phone', 'country_id')
    @api.depends_context('lang')
    def _compute_whatsapp_phone_hint(self):
        typed = self.env['fluxforce.whatsapp.typed.number']
        for partner in self:
            wrong = partner.phone and not typed._phone(partner.phone, partner.country_id)
            partner.whatsapp_phone_hint = wrong and typed._hint(partner.phone, partner.country_id)

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            self._check_consent_not_written(values)
            if not self.env.su:
                values.update(dict.fromkeys(CONSENT_FIELDS.values(), False))  # nor does a default value give consent
        return super().create(vals_list)

    def write(self, vals):
        if self.env.context.get('whatsapp_consent_from_ledger'):
            vals = {name: value for name, value in vals.items() if name not in CONSENT_FIELDS.values()}
        self._check_consent_not_written(vals)
        if 'phone' not in vals and 'country_id' not in vals:
            return super().write(vals)
        numbers_before = set(self.mapped('phone_sanitized'))
        result = super().write(vals)
        # A consent is for the number it was given for.
        for company in self._whatsapp_consent_companies(numbers_before):
            self._refresh_whatsapp_consent(company)
        return result

    def _whatsapp_consent_companies(self, numbers_before):
        """:return: the companies whose ledger says something about these contacts or their numbers, old and new."""
        numbers = all_spellings(numbers_before | set(self.mapped('phone_sanitized')), '+')
        groups = self.env['fluxforce.whatsapp.consent'].sudo()._read_group(  # sudo: consent - only which companies
            ['|', ('partner_id', 'in', self.ids), ('phone', 'in', numbers)], ['company_id'])
        return self.env['res.company'].concat(*[company for company, in groups])

    def _check_consent_not_written(self, vals):
        if not self.env.su and any(name in vals for name in CONSENT_FIELDS.values()):
            raise AccessError(self.env._(
                'WhatsApp consent is not set on the contact: record it with its source and wording in the contact\'s '
                'tab WhatsApp.'))

    def _refresh_whatsapp_consent(self, company):
        """Bring the consent shown on the contacts to what the ledger says for a company."""
        if not self:
            return
        states = self.env['fluxforce.whatsapp.consent']._current_states(
            company, [(partner.id, partner.phone_sanitized) for partner in self])
        # sudo: res.partner - the ledger's state, which nobody writes by hand
        for partner in self.sudo().with_company(company):
            state = states[partner.id, partner.phone_sanitized]
            # What has expired is shown as none; the gate tells the two apart.
            shown = {name: value if (value := state.get(purpose)) in dict(CONSENT_STATES) else False
                     for purpose, name in CONSENT_FIELDS.items()}
            values = {name: value for name, value in shown.items() if value != partner[name]}
            if values:
                partner.write(values)

    def _whatsapp_erase(self, reason):
        """Erase what is kept about these people on WhatsApp; proof of consents stays without name and number.

        For other addons and scripts; people use the wizard Personal Data on WhatsApp.

        :param str reason: kept in the chatter and the log.
        :raise AccessError: if the user is no WhatsApp administrator.
        """
        for partner in self:
            self.env['fluxforce.whatsapp.privacy']._erase(partner, reason)

    def action_open_whatsapp_messages(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_message_action')
        return {**action, 'domain': [('partner_id', '=', self.id)], 'context': {}}
