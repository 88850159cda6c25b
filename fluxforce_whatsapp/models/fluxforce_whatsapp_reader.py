from odoo import api, models
from odoo.fields import Domain

# Those who may read every message of their companies.
CONTENT_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'


class FluxforceWhatsappReader(models.AbstractModel):
    """Who may read what was written: whoever may read the document a message is about, and administrators.

    The columns with the contents are for administrators; everybody else reads them through here.
    """

    _name = 'fluxforce.whatsapp.reader'
    _description = 'WhatsApp Reader'

    @api.model
    def _readable(self, messages):
        """:return: those whose document the user may read; a document that is gone counts as its author's."""
        if self._sees_all():
            return messages
        readable = messages.browse()
        # sudo: message - only whose document it is
        for model, group in messages.sudo().grouped('res_model').items():
            exist, allowed = self._documents(model, group.mapped('res_id'))
            readable |= group.filtered(
                lambda message, exist=exist, allowed=allowed: message.res_id in allowed
                or (message.res_id not in exist and message.create_uid == self.env.user))
        return messages & readable.with_env(messages.env)

    @api.model
    def _domain(self, messages='fluxforce.whatsapp.message'):
        """:param str messages: model of the messages, sent or received.
        :return: the domain of those about documents the user may read."""
        if self._sees_all():
            return Domain.TRUE
        # sudo: message - only which kinds of documents there are
        groups = self.env[messages].sudo()._read_group([('res_model', '!=', False)], ['res_model'])
        return Domain.OR(
            Domain('res_model', '=', model) & Domain('res_id', 'in', self.env[model]._search([]))
            for model, in groups if model in self.env and self.env[model].has_access('read'))

    def _sees_all(self):
        return self.env.su or self.env.user.has_group(CONTENT_GROUP)

    def _documents(self, model, ids):
        """:return: ids of the documents that exist, and of those among them that the user may read."""
        if not model or model not in self.env:
            return set(), set()
        documents = self.env[model].browse(set(ids)).exists()
        return set(documents.ids), set(documents._filtered_access('read').ids)
