from odoo import api, models

from ..cloud_api.errors import ApiError
from ..cloud_api.outgoing import tells_of_file
from ..policy.wait import Wait


class FluxforceWhatsappOutcome(models.AbstractModel):
    """A file that Meta does not know any more is uploaded anew, once for each message."""

    _inherit = 'fluxforce.whatsapp.outcome'

    def _write_outcomes(self, outcomes):
        messages = self.env['fluxforce.whatsapp.message'].browse([outcome.message_id for outcome in outcomes])
        lost = messages.browse([
            message.id for message, outcome in zip(messages, outcomes, strict=True)
            if self._is_lost_file(message, outcome.error)])
        self._forget_files(lost)
        super()._write_outcomes(outcomes)

    def _after_error(self, message, error, instruction, now, is_down):
        if self._is_lost_file(message, error):
            # Not its own fault, and no try of it; its code is kept and tells the second time.
            return 'held', Wait.FILE.value, None, 1
        return super()._after_error(message, error, instruction, now, is_down)

    def _is_lost_file(self, message, error):
        is_of_file = isinstance(error, ApiError) and tells_of_file(error)
        return bool(is_of_file and message.upload_ids and message.error_code != error.code)

    @api.model
    def _heed_reported(self, messages):
        """Meta had accepted these and found out later: the next message uploads its file anew."""
        super()._heed_reported(messages)
        self._beside(lambda: self._forget_files(messages.filtered(
            lambda message: message.error_code and tells_of_file(
                ApiError(message.error_code, message.error_message or '')))))

    def _forget_files(self, messages):
        used = {}
        for message in messages.filtered('claimed_at'):
            for upload in message.upload_ids:
                used[upload] = max(used.get(upload, message.claimed_at), message.claimed_at)
        if used:
            uploads = self.env['fluxforce.whatsapp.upload'].concat(*used)
            self.env['fluxforce.whatsapp.upload']._forget(uploads, used)
