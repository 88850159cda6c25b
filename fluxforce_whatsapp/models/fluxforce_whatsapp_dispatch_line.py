from odoo import api, fields, models
from odoo.tools import SQL


class FluxforceWhatsappDispatchLine(models.Model):
    """One record of a bulk send: whether it was served. Written by SQL, deleted when the bulk send is over."""

    _name = 'fluxforce.whatsapp.dispatch.line'
    _description = 'WhatsApp Bulk Send: Record'
    _log_access = False

    dispatch_id = fields.Many2one('fluxforce.whatsapp.dispatch', required=True, readonly=True, ondelete='cascade')
    res_id = fields.Integer('Document', required=True, readonly=True)
    state = fields.Selection(
        [('waiting', 'Waiting'), ('queued', 'Queued'), ('refused', 'Not sent'), ('left_out', 'Left out')],
        required=True, readonly=True, default='waiting')
    phone = fields.Char(readonly=True)

    _once = models.Constraint('unique(dispatch_id, res_id)', 'This record is part of the bulk send already.')
    _waiting_idx = models.Index("(dispatch_id, id) WHERE state = 'waiting'")
    _phone_idx = models.Index('(dispatch_id, phone) WHERE phone IS NOT NULL')

    @api.model
    def _add(self, dispatch, ids):
        """Add the records of a bulk send, in their order."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            INSERT INTO fluxforce_whatsapp_dispatch_line (dispatch_id, res_id, state)
            SELECT %s, asked.id, 'waiting' FROM unnest(%s::int[]) WITH ORDINALITY AS asked (id, place) ORDER BY place
            ON CONFLICT DO NOTHING
            """, dispatch.id, list(ids)))
        dispatch.invalidate_recordset(['line_ids'])

    @api.model
    def _next(self, dispatch, limit):
        """:return: the next records to be served: by record id, the id of the line."""
        self.env.cr.execute(SQL(
            """
            SELECT res_id, id FROM fluxforce_whatsapp_dispatch_line
             WHERE dispatch_id = %s AND state = 'waiting' ORDER BY id LIMIT %s FOR UPDATE
            """, dispatch.id, limit))
        return dict(self.env.cr.fetchall())

    @api.model
    def _served_phones(self, dispatch, phones):
        """:return: set of those of the numbers that were written to in this bulk send."""
        self.env.cr.execute(SQL(
            'SELECT phone FROM fluxforce_whatsapp_dispatch_line WHERE dispatch_id = %s AND phone = ANY(%s)',
            dispatch.id, [phone for phone in phones if phone]))
        return {phone for phone, in self.env.cr.fetchall()}

    @api.model
    def _mark(self, lines, outcomes):
        """Keep what became of records.

        :param dict lines: line ids by record id
        :param dict outcomes: by record id, (state, number written to or None)
        """
        rows = [(lines[res_id], state, phone) for res_id, (state, phone) in outcomes.items()]
        self.env.cr.execute(SQL(
            """
            UPDATE fluxforce_whatsapp_dispatch_line line SET state = told.state, phone = told.phone
              FROM unnest(%s::int[], %s::varchar[], %s::varchar[]) AS told (id, state, phone) WHERE line.id = told.id
            """, *[list(column) for column in zip(*rows, strict=True)]))

    @api.model
    def _forget(self, dispatch):
        """Delete the records of a bulk send that is over: what was sent stands in the outbox."""
        self.env.cr.execute(SQL('DELETE FROM fluxforce_whatsapp_dispatch_line WHERE dispatch_id = %s', dispatch.id))
