from odoo import models

from ..cloud_api.outgoing import files
from ..policy.gate import Action, Verdict, combine
from ..policy.wait import Wait


class FluxforceWhatsappGate(models.AbstractModel):
    """What carries a file goes when Meta has the file."""

    _inherit = 'fluxforce.whatsapp.gate'

    def _more_reasons(self, drafts, facts):
        reasons = super()._more_reasons(drafts, facts)
        for index, verdict in self._file_reasons(drafts, facts).items():
            reasons[index] = combine(reasons[index], verdict) if index in reasons else verdict
        return reasons

    def _file_reasons(self, drafts, facts):
        """:return: by index, what those that are written already wait for; before that nothing is uploaded."""
        going = {index: found for index, draft in enumerate(drafts)
                 if draft.get('message_id') and (found := files(draft['values']))}
        if not going:
            return {}
        printed = {index: found for index, found in going.items() if all('attachment' in file for __, file in found)}
        self.env['fluxforce.whatsapp.printing']._ask(
            [drafts[index]['message_id'] for index in going.keys() - printed.keys()])
        uploads = self._uploads_of(drafts, printed)
        verdicts = {index: self._file_verdict(index, drafts[index], printed.get(index), uploads, facts.now)
                    for index in going}
        return {index: verdict for index, verdict in verdicts.items() if verdict}

    def _uploads_of(self, drafts, printed):
        # sudo: message - the decision does not depend on who asks
        messages = self.env['fluxforce.whatsapp.message'].sudo().browse(
            [drafts[index]['message_id'] for index in printed])
        priority = {message.id: message.priority for message in messages}
        return self.env['fluxforce.whatsapp.upload']._ensure({
            (drafts[index]['number_id'], file['checksum']): (file, priority[drafts[index]['message_id']])
            for index, found in printed.items() for __, file in found})

    def _file_verdict(self, index, draft, found, uploads, now):
        if found is None:
            return Verdict(str(index), Action.HOLD, Wait.FILE.value)
        for kind, file in found:
            upload = uploads[draft['number_id'], file['checksum']]
            if not upload._is_good(now):
                return Verdict(str(index), Action.HOLD, Wait.FILE.value)
            problem = self.env['fluxforce.whatsapp.file']._unfit_words(
                file.get('filename'), file.get('kind') or kind, upload.mime_type, upload.size, file.get('header'))
            if problem:
                return Verdict(str(index), Action.HOLD, Wait.NO_FILE.value, problem)
        return None

    def _hold_texts(self):
        return {
            **super()._hold_texts(),
            Wait.FILE.value: self.env._('Its file is being prepared and brought to WhatsApp; it goes right after.'),
            Wait.NO_FILE.value: self.env._('Its file cannot be sent. Mend that, then press Try Now.'),
        }
