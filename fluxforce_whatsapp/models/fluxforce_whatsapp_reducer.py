import re

from odoo import api, models

MESSAGES_FIELD = 'messages'
PLAIN_NAME = re.compile(r'[a-z][a-z_]*')


class FluxforceWhatsappReducer(models.AbstractModel):
    """Applies journal items to the models: one method per thing that Meta tells, for a batch in its order.

    The methods are found by their names: ``_reduce_status``, ``_reduce_message``, ``_reduce_error`` and
    ``_reduce_other`` for what the field ``messages`` holds, ``_reduce_field_FIELD`` for every other field. Each takes
    the account and its items, and sets their ``state``. It may raise: the items are then tried one by one. What has no
    method is kept and listed only.
    """

    _name = 'fluxforce.whatsapp.reducer'
    _description = 'WhatsApp Reducer'

    @api.model
    def _of(self, field, kind):
        """:return: the method (account, items) that applies such items, None for what is only kept."""
        name = f'_reduce_{kind}' if field == MESSAGES_FIELD else f'_reduce_field_{field}'
        return getattr(self, name, None) if PLAIN_NAME.fullmatch(field or '') else None
