from odoo import api, fields, models
from odoo.tools import format_time

from ..cloud_api.preview import preview


class FluxforceWhatsappTemplate(models.Model):
    """What the phone beside a template shows."""

    _inherit = 'fluxforce.whatsapp.template'

    preview_data = fields.Json('Phone', compute='_compute_preview_data')

    @api.depends('components', 'language', 'category', 'account_id')
    @api.depends_context('lang', 'tz')
    def _compute_preview_data(self):
        for template in self:
            template.preview_data = template._preview_data({})

    def _preview_data(self, values):
        """Describe the message for the field widget ``whatsapp_phone_preview``.

        :param dict values: by variable key; samples stand in where one is missing, marked as such.
        :return: dict of :func:`cloud_api.preview.preview`
        """
        self.ensure_one()
        return preview(
            self.components or [], values, self.language, category=self.category,
            name=self._preview_sender_name(), time=format_time(self.env, fields.Datetime.now(), time_format='short'))

    def _preview_sender_name(self):
        """:return: the name people see, that of the account's first number."""
        # sudo: number - its name is what everybody who is written to sees
        numbers = self.account_id.sudo().number_ids
        return numbers[:1].verified_name or self.company_id.name or ''
