from odoo import api, fields, models

from ..policy.consent import GIVEN, WITHDRAWN


class FluxforceWhatsappGate(models.AbstractModel):
    """The one message that goes without a consent: the question whether the person gives it, asked once."""

    _inherit = 'fluxforce.whatsapp.gate'

    @api.model
    def _judge(self, drafts, *args, **kwargs):
        asking = [index for index, draft in enumerate(drafts) if draft.get('confirm_label')]
        if asking:
            drafts = list(drafts)
            may_ask = self.env['fluxforce.whatsapp.asking']._may_ask(
                [drafts[index] for index in asking], fields.Datetime.now())
            for index, may in zip(asking, may_ask, strict=True):
                drafts[index] = {**drafts[index], 'may_ask': may}
        return super()._judge(drafts, *args, **kwargs)

    def _prepare_request(self, index, draft, facts):
        request = super()._prepare_request(index, draft, facts)
        # Who has withdrawn what the question's own template is for is not asked with it, whatever else waits.
        if draft.get('may_ask') and request.consent != WITHDRAWN:
            request.consent = GIVEN
        return request
