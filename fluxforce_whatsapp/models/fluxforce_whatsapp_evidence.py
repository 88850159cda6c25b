from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class FluxforceWhatsappEvidence(models.Model):
    """What proves an entry of the ledger and not everybody may see: files and the address a person came from.

    Its rules say who sees it: administrators and who recorded the entry. The files follow them.
    """

    _name = 'fluxforce.whatsapp.evidence'
    _description = 'Evidence of a WhatsApp Consent'
    _order = 'id'

    consent_id = fields.Many2one('fluxforce.whatsapp.consent', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='consent_id.company_id', store=True, index=True)
    user_id = fields.Many2one(related='consent_id.user_id', store=True, string='Recorded by')
    attachment_ids = fields.Many2many('ir.attachment', string='Files', readonly=True)
    ip = fields.Char('IP Address', readonly=True)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._('Evidence is kept as it is.'))

    def unlink(self):
        if self.env.su and self.env.context.get(MODULE_UNINSTALL_FLAG):
            return super().unlink()
        raise UserError(self.env._('Evidence is kept as it is.'))  # pylint: disable=no-raise-unlink

    @api.model
    def _erase(self, consents):
        """Delete the proofs of entries whose person had everything erased; only the ledger's own way comes here."""
        evidence = self.sudo().search([('consent_id', 'in', consents.ids)])  # sudo: evidence - the rights were checked
        evidence.attachment_ids.unlink()
        super(FluxforceWhatsappEvidence, evidence).unlink()

    @api.model
    def _keep(self, proofs):
        """Keep what proves entries that were just made.

        :param proofs: iterable of (entry, dict with ``attachment_ids``, commands or None, and ``ip``)
        """
        values_list = []
        for consent, proof in proofs:
            files = self._files(proof['attachment_ids'])
            if files or proof['ip']:
                values_list.append({'consent_id': consent.id, 'ip': proof['ip'],
                                    'attachment_ids': [fields.Command.set(files.ids)]})
        # sudo: evidence - whoever may record an entry may prove it
        for evidence in self.sudo().create(values_list) if values_list else ():
            evidence._own_files()

    def _files(self, commands):
        """:return: the files of many2many commands, which the user has to be able to read."""
        ids = []
        for command in commands or ():  # the browser leaves out what a command does not need
            if command[0] == fields.Command.SET:
                ids += command[2]
            elif command[0] == fields.Command.LINK:
                ids.append(command[1])
        files = self.env['ir.attachment'].browse(ids)
        files.check_access('read')
        return files

    def _own_files(self):
        """Bind fresh uploads to the evidence, so that its rules hold for them and nobody changes them any more; a file
        of another document is copied."""
        fresh = self.attachment_ids.filtered(lambda file: not file.res_id)
        fresh.write({'res_model': self._name, 'res_id': self.id})
        foreign = self.attachment_ids.filtered(lambda file: file.res_model != self._name)
        copies = self.env['ir.attachment'].concat(*[
            file.copy({'res_model': self._name, 'res_id': self.id}) for file in foreign])
        super().write({'attachment_ids': [fields.Command.set((self.attachment_ids - foreign | copies).ids)]})
