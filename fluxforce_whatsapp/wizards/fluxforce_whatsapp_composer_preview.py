from odoo import api, fields, models


class FluxforceWhatsappComposer(models.TransientModel):
    """The message as each person will see it, one after the other."""

    _inherit = 'fluxforce.whatsapp.composer'

    preview_index = fields.Integer('Person Shown')
    preview_name = fields.Char(compute='_compute_preview')
    preview = fields.Html(compute='_compute_preview', sanitize=False, help='For where the phone cannot be drawn.')
    preview_data = fields.Json(compute='_compute_preview')

    @api.depends('res_model', 'res_ids', 'template_id', 'number_id', 'in_own_language', 'value_ids.value',
                 'preview_index')
    def _compute_preview(self):
        for composer in self:
            draft = composer._shown_draft() if composer.template_id else None
            template = self.env['fluxforce.whatsapp.template'].browse(draft['template_id']) if draft else None
            composer.preview = draft and template._render_preview(draft['values'])
            composer.preview_data = draft and template._preview_data(draft['values'])
            composer.preview_name = draft and composer._shown_name(draft, template)

    def _shown_draft(self):
        """:return: the draft for the person shown, None if there is nobody any more."""
        records = self._records()
        if not records:
            return None
        drafts, __ = self._prepare_batch(records[self.preview_index % len(records)])
        return drafts[0]

    def _shown_name(self, draft, template):
        """:return: who is shown, and the language if there are several."""
        record = self.env[draft['res_model']].browse(draft['res_id'])
        name = self.env['res.partner'].browse(draft['partner_id']).display_name or record.display_name
        return f'{name} · {template._language_words(template.language)}' if self.has_languages else name
