from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = 'res.company'

    whatsapp_preference_days = fields.Integer(
        'WhatsApp Preference Links Valid for (days)', default=90, required=True,
        help='A link to the preference page that is older shows nothing.')
    whatsapp_confirm_template_id = fields.Many2one(
        'fluxforce.whatsapp.template', 'WhatsApp Template That Asks', ondelete='set null',
        domain="[('company_id', '=', id), ('model', '=', 'res.partner'), ('confirm_label', '!=', False)]",
        help='Asks people to confirm a consent that was recorded with "Asked to confirm". Its first quick-reply button '
             'is the consent.')

    whatsapp_own_review = fields.Boolean(
        'Authors May Approve Their Own WhatsApp Templates',
        help='Otherwise a template is approved by somebody who did not write it.')

    @api.constrains('whatsapp_preference_days')
    def _check_whatsapp_preference_days(self):
        if any(company.whatsapp_preference_days < 1 for company in self):
            raise ValidationError(self.env._('WhatsApp Preference Links Valid for (days): enter at least 1.'))

    @api.constrains('whatsapp_confirm_template_id')
    def _check_whatsapp_confirm_template(self):
        for company in self.filtered('whatsapp_confirm_template_id'):
            self.env['fluxforce.whatsapp.asking']._check_template(company.whatsapp_confirm_template_id)
            if company.whatsapp_confirm_template_id.company_id != company:
                raise ValidationError(self.env._(
                    'WhatsApp Template That Asks: it belongs to another company. Choose one of %(company)s.',
                    company=company.display_name))

    def _asking_template(self):
        """:return: the template that asks people to confirm what was recorded by hand or by another program."""
        return self.whatsapp_confirm_template_id
