from odoo import api, fields, models

from ..cloud_api.errors import ERRORS


class FluxforceWhatsappError(models.Model):
    """The playbook: Meta's error codes in words, translatable."""

    _name = 'fluxforce.whatsapp.error'
    _description = 'WhatsApp Error'
    _order = 'code'
    _rec_name = 'title'

    code = fields.Integer(required=True, readonly=True, aggregator=None)
    kind = fields.Char(readonly=True)
    title = fields.Char(required=True, readonly=True, translate=True)
    advice = fields.Char(required=True, readonly=True, translate=True)

    _code_unique = models.Constraint('unique(code)', 'This error code is already there.')

    @api.model
    def _load_playbook(self):
        """Write the table of ``cloud_api.errors`` as records, so that its words can be translated."""
        self._load_records([
            {'xml_id': f'fluxforce_whatsapp.error_{info.code}', 'noupdate': False, 'values': {
                'code': info.code, 'kind': info.kind.value, 'title': info.title, 'advice': info.advice,
            }} for info in ERRORS.values()
        ])

    @api.model
    def _explanations(self, codes):
        """:param codes: iterable of error codes. :return: by code, title and advice in the user's language."""
        wanted = [code for code in set(codes) if code]
        if not wanted:
            return {}
        errors = self.sudo().search([('code', 'in', wanted)])  # sudo: error - plain reference data
        return {error.code: f'{error.title}. {error.advice}' for error in errors}
