import uuid
from collections import defaultdict

from odoo import api, models
from odoo.tools.urls import urljoin

# Stands for the key of a link until its message is written: what only looks ahead must not open anything.
FOLLOWS = 'key-of-this-person'
# What a model without a page says of its address.
NO_PAGE = '#'


class FluxforceWhatsappPortal(models.AbstractModel):
    """Links by which a customer sees a document without logging in."""

    _name = 'fluxforce.whatsapp.portal'
    _description = 'WhatsApp Links to Documents'

    @api.model
    def _has_page(self, model):
        """:return: whether records of the model have a page for customers, or one of the website."""
        return model is not None and bool({'access_token', 'website_url'} & model._fields.keys()) and (
            'access_url' in model._fields or 'website_url' in model._fields)

    @api.model
    def _link(self, record):
        """:param record: with the sender's rights
        :return: the link, with :data:`FOLLOWS` where the document has no key yet; '' if it has no page
        """
        if not self._has_page(record):
            return ''
        path = record.access_url if 'access_url' in record._fields else record.website_url
        if not path or path == NO_PAGE:
            return ''
        if 'access_token' in record._fields:
            path = f'{path}{"&" if "?" in path else "?"}access_token={record.access_token or FOLLOWS}'
        return urljoin(record.get_base_url(), path)

    @api.model
    def _open(self, drafts):
        """Give the documents of these drafts their keys, and the links in them theirs.

        :param list drafts: as for the outbox
        :return: the drafts, those with such a link as copies
        """
        waiting = [index for index, draft in enumerate(drafts) if FOLLOWS in str(draft['values'])]
        if not waiting:
            return drafts
        keys, drafts = self._keys([drafts[index] for index in waiting]), list(drafts)
        for index in waiting:
            draft = drafts[index]
            key = keys[draft['res_model'], draft['res_id']]
            drafts[index] = {**draft, **{name: self._with_key(draft[name], key) for name in ('values', 'body')}}
        return drafts

    def _keys(self, drafts):
        """:return: by (model, id) the key of each document; those without one get it, all together."""
        ids, keys = defaultdict(set), {}
        for draft in drafts:
            ids[draft['res_model']].add(draft['res_id'])
        for model, same in ids.items():
            # sudo: any document - its key, as core's own links give it; who writes may read the document
            documents = self.env[model].sudo().browse(same)
            for document in documents.filtered(lambda document: not document.access_token):
                document.access_token = str(uuid.uuid4())
            keys.update({(model, document.id): document.access_token for document in documents})
        return keys

    def _with_key(self, value, key):
        if isinstance(value, dict):
            return {name: self._with_key(inner, key) for name, inner in value.items()}
        return value.replace(FOLLOWS, key) if isinstance(value, str) else value
