from odoo import api, models


class FluxforceWhatsappLanding(models.AbstractModel):
    """Where a message belongs is found by what it answers; that is kept."""

    _inherit = 'fluxforce.whatsapp.landing'

    @api.model
    def _quoted(self, messages):
        quoted = super()._quoted(messages)
        own = {message_id: row for message_id, row in quoted.items() if row._name == 'fluxforce.whatsapp.message'}
        messages.filtered(lambda message: not message.group)._answer(own)
        return quoted

    @api.model
    def _latest(self, messages):
        latest = super()._latest(messages)
        messages._answer({message.id: latest[message.id] for message in messages
                          if latest[message.id] and message._is_reply_to(latest[message.id])})
        messages._wait_for_rules()
        return latest
