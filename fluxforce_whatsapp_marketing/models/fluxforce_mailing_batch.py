from odoo import api, fields, models
from odoo.tools import SQL, split_every


class FluxforceMailingBatch(models.Model):
    """Recipients of a mailing that is being prepared whose turn has not come: a row for a thousand of them.

    Each gets a trace together with the message: to write all traces first, and each once more with its message, took a
    quarter of the whole preparation. Of a mailing that is held the scheduled action gives a trace to everybody who is
    left; a button that did would meet the workers.
    """

    _name = 'fluxforce.mailing.batch'
    _description = 'WhatsApp Mailing Recipients to Come'
    _order = 'id'
    _rec_name = 'mailing_id'
    _log_access = False

    mailing_id = fields.Many2one('mailing.mailing', 'Mailing', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    res_ids = fields.Json(required=True, readonly=True, help='Technical: of the records, in their order.')
    count = fields.Integer('Recipients', required=True, readonly=True)

    @api.model
    def _fill(self, mailing, ids, size):
        """:param list ids: of all recipients, in the order in which they are served. :param int size: of a batch"""
        self.create([{'mailing_id': mailing.id, 'res_ids': part, 'count': len(part)}
                     for part in split_every(size, ids, list)])

    @api.model
    def _take(self, mailing):
        """Take out the next batch; those of other workers are passed over.

        :return: ids of its records; none if there is no batch.
        """
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            DELETE FROM fluxforce_mailing_batch
             WHERE id = (SELECT id FROM fluxforce_mailing_batch WHERE mailing_id = %s
                          ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING res_ids
            """, mailing.id))
        taken = self.env.cr.fetchone()
        self.invalidate_model()
        return taken[0] if taken else []

    @api.model
    def _counts(self, mailings):
        """:return: by the id of a mailing, how many people have not had their turn; none for nobody."""
        rows = self._read_group([('mailing_id', 'in', mailings.ids)], ['mailing_id'], ['count:sum'])
        return {mailing.id: count for mailing, count in rows}

    @api.model
    def _ids_left(self, mailing):
        """:return: ids of the records that have not had their turn."""
        return self.search([('mailing_id', '=', mailing.id)])._record_ids()

    def _record_ids(self):
        return [res_id for batch in self for res_id in batch.res_ids]

    @api.model
    def _trace_next(self, mailing, limit):
        """Give a trace to the next of those who are left.

        :param int limit: of batches
        :return: how many batches they were
        :raise: a conflict, if a worker has taken one of them since this transaction began
        """
        batches = self.search([('mailing_id', '=', mailing.id)], limit=limit)
        if batches:
            self.env['mailing.trace']._enrol(mailing, batches._record_ids())
            batches.unlink()
        return len(batches)

    @api.model
    def _leave_out(self, mailing, ids):
        """Some of those whose turn has not come get nothing: their records are nobody's any more.

        :raise: a conflict, if a worker has taken one of their batches since this transaction began
        """
        for batch in self.search([('mailing_id', '=', mailing.id)]):
            if gone := set(ids).intersection(batch.res_ids):
                if left := [res_id for res_id in batch.res_ids if res_id not in gone]:
                    batch.write({'res_ids': left, 'count': len(left)})
                else:
                    batch.unlink()
                self.env['mailing.trace']._add(
                    mailing, [(res_id, None, None, 'whatsapp_gone', None) for res_id in sorted(gone)])
