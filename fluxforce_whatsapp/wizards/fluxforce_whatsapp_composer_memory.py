from contextlib import suppress

import psycopg2

from odoo import api, fields, models
from odoo.tools import mute_logger

# For so long what was begun is offered again, hours. (Our own choice: a long weekend.)
KEPT_HOURS = 96


class FluxforceWhatsappComposerMemory(models.TransientModel):
    """What a user has begun to write about a record and not sent: a wrong click must not lose it."""

    _name = 'fluxforce.whatsapp.composer.memory'
    _description = 'WhatsApp Message Begun'
    _order = 'write_date desc, id desc'
    _transient_max_hours = KEPT_HOURS

    res_model = fields.Char(required=True)
    # Of the single record; the first one of many, with their number.
    res_id = fields.Integer(required=True)
    count = fields.Integer(required=True)
    content = fields.Json(required=True)

    _once = models.Constraint('unique(create_uid, res_model, res_id, count)', 'This is kept already.')

    @api.model
    def _of(self, composer):
        """:return: what the user has begun about the composer's records, maybe empty."""
        ids = composer._read_ids()
        return self.search([
            ('create_uid', '=', self.env.uid), ('res_model', '=', composer.res_model), ('res_id', '=', ids[0]),
            ('count', '=', len(ids))], limit=1) if ids else self

    @api.model
    def _keep(self, composer, content):
        """:param dict content: values of the composer's fields, and what was typed by variable key."""
        ids = composer._read_ids()
        if known := self._of(composer):
            known.content = content
        elif ids:
            self._begin({'res_model': composer.res_model, 'res_id': ids[0], 'count': len(ids), 'content': content})

    def _begin(self, values):
        """Nobody is told of an error while typing: the same user may have it open twice, and the next key keeps it."""
        with suppress(psycopg2.errors.UniqueViolation), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
            self.create(values)

    @api.model
    def _forget(self, composer):
        self._of(composer).unlink()
