from odoo import api, models


class FluxforceWhatsappTemplateDraftPart(models.AbstractModel):
    """A row of a draft: it is changed only while the draft itself may be."""

    _name = 'fluxforce.whatsapp.template.draft.part'
    _description = 'WhatsApp Template Draft Part'

    def _draft(self):
        """:return: the drafts these rows belong to."""
        return self.draft_id

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._draft()._begin_change()
        return rows

    def write(self, vals):
        self._draft()._begin_change()
        result = super().write(vals)
        if vals.keys() & {'draft_id', 'card_id'}:
            self._draft()._begin_change()  # of the draft it has come to
        return result

    def unlink(self):
        self._draft()._begin_change()
        return super().unlink()
