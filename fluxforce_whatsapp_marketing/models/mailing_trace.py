from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import REASONS

from .mailing_mailing import WHATSAPP

# Meta could not deliver: the number is not on WhatsApp, or the phone does not take it. [S26:support/error-codes]
UNDELIVERABLE = 131026
# A reply counts for so many days after the message. (Our own choice.)
REPLY_DAYS = 7
# What others tell has whole seconds, and the moment of a send may lie a little ahead.
CLOCKS = timedelta(seconds=5)
# A message in one of these states may be replaced by another try; in any other it goes out, or may have.
LOST = ('failed', 'refused', 'expired', 'cancelled')
# Why somebody gets nothing without the gate having been asked, or without it being the gate's word.
OWN_FAILURES = [
    ('whatsapp_failed', 'Failed at WhatsApp'),
    ('whatsapp_undeliverable', 'Not deliverable on WhatsApp'),
    ('whatsapp_same_number', 'Same number as an earlier recipient'),
    ('whatsapp_left_list', 'Left the mailing list'),
    ('whatsapp_gone', 'Record gone or not readable'),
    ('whatsapp_cancelled', 'Cancelled'),
    ('whatsapp_stopped', 'Mailing stopped'),
    ('whatsapp_unknown', 'Outcome unknown'),
    ('whatsapp_error', 'Could not be prepared'),
    ('whatsapp_rule', 'Held back by a rule'),
]
FAILURES = [*OWN_FAILURES, *((f'whatsapp_{code}', label) for code, label in REASONS.items())]

# What a recipient's trace says of what has just become of them.
TOLD_STATUS = SQL("""CASE WHEN told.message_id IS NOT NULL THEN 'outgoing'
                          WHEN told.failure_type = 'whatsapp_error' THEN 'error' ELSE 'cancel' END""")


class MailingTrace(models.Model):
    """One recipient of a WhatsApp mailing and what became of it: follows the message in the outbox."""

    _inherit = 'mailing.trace'

    trace_type = fields.Selection(selection_add=[(WHATSAPP, 'WhatsApp')], ondelete={WHATSAPP: 'set default'})
    failure_type = fields.Selection(selection_add=FAILURES)
    whatsapp_message_id = fields.Many2one('fluxforce.whatsapp.message', 'WhatsApp Message', readonly=True,
                                          index='btree_not_null', ondelete='set null')
    whatsapp_phone = fields.Char('WhatsApp Number', readonly=True, help='In international form.')
    whatsapp_due = fields.Boolean('To Be Prepared', readonly=True)
    whatsapp_wave = fields.Integer('Wave', readonly=True, aggregator=None,
                                   help='Among the first people: in which slice. 0 for everybody else.')
    whatsapp_recipient = fields.Char('Recipient', compute='_compute_whatsapp_recipient')
    whatsapp_explanation = fields.Char('Why', compute='_compute_whatsapp_explanation')

    # Whatever the workers do: a record once, and a number once.
    _whatsapp_once = models.UniqueIndex(
        "(mass_mailing_id, res_id) WHERE trace_type = 'whatsapp' AND is_test_trace IS NOT TRUE",
        'This record is part of the mailing already.')
    _whatsapp_number_once = models.UniqueIndex(
        '(mass_mailing_id, whatsapp_phone) WHERE whatsapp_message_id IS NOT NULL AND whatsapp_phone IS NOT NULL',
        'This number has got the mailing already.')
    # What each batch asks for; holds only who is not prepared yet.
    _whatsapp_due_idx = models.Index('(mass_mailing_id, id) WHERE whatsapp_due')

    @api.depends('model', 'res_id')
    def _compute_whatsapp_recipient(self):
        for trace in self:
            trace.whatsapp_recipient = trace.whatsapp_phone
        for model, traces in self.grouped('model').items():
            if model in self.env:
                records = self.env[model].browse(traces.mapped('res_id')).exists()._filtered_access('read')
                names = {record.id: record.display_name for record in records}
                for trace in traces:
                    trace.whatsapp_recipient = names.get(trace.res_id) or trace.whatsapp_phone

    @api.depends('failure_type', 'failure_reason', 'whatsapp_message_id')
    @api.depends_context('lang')
    def _compute_whatsapp_explanation(self):
        labels = dict(self._fields['failure_type']._description_selection(self.env))
        for trace in self:
            message = trace.whatsapp_message_id
            trace.whatsapp_explanation = (message.explanation if message else False) or trace.failure_reason or (
                labels.get(trace.failure_type))

    def action_open_whatsapp_message(self):
        """Open the message in the outbox."""
        self.ensure_one()
        return self.whatsapp_message_id._get_records_action(context={})

    # ------------------------------------------------------------
    # WHO IS IN
    # ------------------------------------------------------------

    @api.model
    def _enrol(self, mailing, ids):
        """Add recipients by one statement; who is in already stays as it is, who was deleted is in all the same. Nobody
        is noted as their author: each name is looked up for each row, which takes a third of the time.

        :param list ids: of the records, in the order in which they are served
        """
        model = self.env[mailing.mailing_model_real]
        phone, join = self._stored_phone(model)
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            INSERT INTO mailing_trace (trace_type, mass_mailing_id, campaign_id, model, res_id, trace_status,
                                       whatsapp_phone, whatsapp_due, whatsapp_wave, create_date, write_date)
            SELECT %s, %s, %s, %s, asked.id, 'outgoing', %s, true, 0, now() AT TIME ZONE 'UTC',
                   now() AT TIME ZONE 'UTC'
              FROM unnest(%s::int[]) WITH ORDINALITY AS asked (id, place)
              LEFT JOIN %s record ON record.id = asked.id %s
             ORDER BY place
            ON CONFLICT DO NOTHING
            """, WHATSAPP, mailing.id, mailing.campaign_id.id or None, model._name, phone, list(ids),
            SQL.identifier(model._table), join))
        mailing.invalidate_recordset(['mailing_trace_ids'])

    def _stored_phone(self, model):
        """:return: SQL of the number a record is known by before it is worked out, and the join it needs."""
        if 'phone_sanitized' in model._fields and model._fields['phone_sanitized'].store:
            return SQL('record.phone_sanitized'), SQL()
        partner = next((name for name in model._mail_get_partner_fields()
                        if model._fields[name].store and model._fields[name].type == 'many2one'), None)
        if not partner:
            return SQL('NULL'), SQL()
        return SQL('partner.phone_sanitized'), SQL(
            'LEFT JOIN res_partner partner ON partner.id = record.%s', SQL.identifier(partner))

    @api.model
    def _records_with(self, mailing, numbers):
        """:return: ids of the records of a mailing's model that are known by one of some numbers."""
        model = self.env[mailing.mailing_model_real]
        phone, join = self._stored_phone(model)
        self.env.flush_all()
        self.env.cr.execute(SQL(
            'SELECT record.id FROM %s record %s WHERE %s = ANY(%s)', SQL.identifier(model._table), join, phone,
            list(numbers)))
        return [res_id for res_id, in self.env.cr.fetchall()]

    @api.model
    def _served_ids(self, mailings):
        """:return: set of the ids of records that some mailings go to; not of whom a stop came before."""
        self.flush_model(['mass_mailing_id', 'res_id', 'failure_type', 'whatsapp_message_id'])
        self.env.cr.execute(SQL(
            """
            SELECT res_id FROM mailing_trace WHERE mass_mailing_id = ANY(%s)
               AND (failure_type IS DISTINCT FROM 'whatsapp_stopped' OR whatsapp_message_id IS NOT NULL)
            """, mailings.ids))
        return {id_ for id_, in self.env.cr.fetchall()}

    @api.model
    def _choose_first(self, mailing, count):
        """Mark the next slice of the first people: those who wrote or read last, then the oldest.

        :return: how many were marked.
        """
        mailing.flush_recordset(['whatsapp_wave'])
        self.env.cr.execute(SQL(
            """
            UPDATE mailing_trace SET whatsapp_wave = %(wave)s
              FROM (SELECT trace.id
                      FROM mailing_trace trace
                      LEFT JOIN LATERAL (SELECT max(pair.window_until) AS at FROM fluxforce_whatsapp_pair pair
                                           JOIN fluxforce_whatsapp_number number ON number.id = pair.number_id
                                          WHERE pair.person = trace.whatsapp_phone
                                            AND number.account_id = %(account)s) wrote ON true
                      LEFT JOIN LATERAL (SELECT max(read_at) AS at FROM fluxforce_whatsapp_message message
                                          WHERE message.phone = trace.whatsapp_phone
                                            AND message.purpose = 'marketing') has_read ON true
                     WHERE trace.mass_mailing_id = %(mailing)s AND trace.whatsapp_due AND trace.whatsapp_wave = 0
                     ORDER BY GREATEST(wrote.at, has_read.at) DESC NULLS LAST, trace.id
                     LIMIT %(count)s) first
             WHERE mailing_trace.id = first.id
            """, wave=mailing.whatsapp_wave, account=mailing.whatsapp_account_id.id, mailing=mailing.id, count=count))
        marked = self.env.cr.rowcount
        self.invalidate_model(['whatsapp_wave'])
        return marked

    # ------------------------------------------------------------
    # ONE BATCH
    # ------------------------------------------------------------

    @api.model
    def _next_due(self, mailing, limit):
        """Lock the next recipients to prepare; those of other workers are passed over.

        :return: by record id, the trace's id and the message it takes the place of.
        """
        self.flush_model(['whatsapp_due', 'whatsapp_wave', 'whatsapp_message_id'])
        first = SQL('AND whatsapp_wave BETWEEN 1 AND %s', mailing.whatsapp_wave) if (
            mailing.whatsapp_phase != 'rest') else SQL()
        self.env.cr.execute(SQL(
            """
            SELECT res_id, id, whatsapp_message_id FROM mailing_trace
             WHERE mass_mailing_id = %s AND whatsapp_due %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
            """, mailing.id, first, limit))
        due = {res_id: (trace_id, earlier_id) for res_id, trace_id, earlier_id in self.env.cr.fetchall()}
        return self._without_copied(mailing, due)

    def _without_copied(self, mailing, due):
        """Whom somebody has sent it again by hand since is served: the copy stands for them.

        :return: the others. Whoever sends again and whoever prepares anew both write on the message that is replaced,
            so that one of them meets the other.
        """
        earlier = [message_id for __, message_id in due.values() if message_id]
        if not earlier:
            return due
        self.env['fluxforce.whatsapp.message'].flush_model(['again_id', 'state'])
        self.env.cr.execute(SQL(
            """
            SELECT id FROM fluxforce_whatsapp_message
             WHERE id = ANY(%s) AND (again_id IS NOT NULL OR state != ALL(%s))
            """, earlier, list(LOST)))
        copied = {message_id for message_id, in self.env.cr.fetchall()}
        if copied:
            traces = [trace_id for trace_id, message_id in due.values() if message_id in copied]
            self.env.cr.execute(SQL('%s AND trace.id = ANY(%s)', self._follow_copies(mailing.ids), traces))
            self.env.cr.execute(SQL('UPDATE mailing_trace SET whatsapp_due = false WHERE id = ANY(%s)', traces))
            self.invalidate_model()
        return {res_id: row for res_id, row in due.items() if row[1] not in copied}

    @api.model
    def _taken_phones(self, mailings, phones):
        """:return: set of those of the numbers that some mailings have been prepared for."""
        self.flush_model(['mass_mailing_id', 'whatsapp_phone', 'whatsapp_message_id', 'whatsapp_due'])
        self.env.cr.execute(SQL(
            """
            SELECT whatsapp_phone FROM mailing_trace
             WHERE mass_mailing_id = ANY(%s) AND whatsapp_phone = ANY(%s) AND whatsapp_message_id IS NOT NULL
               AND NOT whatsapp_due
            """, mailings.ids, [phone for phone in phones if phone]))
        return {phone for phone, in self.env.cr.fetchall()}

    @api.model
    def _mark(self, rows):
        """Keep what became of a batch.

        :param list rows: (trace id, message id or None, number or None, failure type or None, its reason or None)
        """
        if not rows:
            return
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            UPDATE mailing_trace trace
               SET whatsapp_due = false, whatsapp_message_id = told.message_id, whatsapp_phone = told.phone,
                   trace_status = %s, failure_type = told.failure_type, failure_reason = told.reason,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM %s
             WHERE trace.id = told.id
            """, TOLD_STATUS, self._sql_told(rows)))
        self.browse([row[0] for row in rows]).invalidate_recordset()

    @api.model
    def _add(self, mailing, rows):
        """Write recipients together with what became of them; nobody is noted as their author, see :meth:`_enrol`.

        :param list rows: as of :meth:`_mark`, with the id of the record in the first place.
        """
        if not rows:
            return
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            INSERT INTO mailing_trace (trace_type, mass_mailing_id, campaign_id, model, res_id, trace_status,
                                       whatsapp_message_id, whatsapp_phone, failure_type, failure_reason, whatsapp_due,
                                       whatsapp_wave, create_date, write_date)
            SELECT %s, %s, %s, %s, told.id, %s, told.message_id, told.phone, told.failure_type, told.reason, false, 0,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM %s
            """, WHATSAPP, mailing.id, mailing.campaign_id.id or None, mailing.mailing_model_real, TOLD_STATUS,
            self._sql_told(rows)))
        mailing.invalidate_recordset(['mailing_trace_ids'])

    def _sql_told(self, rows):
        """:return: SQL of a table of what became of a batch"""
        return SQL('unnest(%s::int[], %s::int[], %s::varchar[], %s::varchar[], %s::varchar[]) '
                   'AS told (id, message_id, phone, failure_type, reason)', *map(list, zip(*rows, strict=True)))

    @api.model
    def _give_up(self, mailing):
        """Nobody else gets it: the mailing was stopped."""
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            UPDATE mailing_trace SET whatsapp_due = false, trace_status = 'cancel', failure_type = 'whatsapp_stopped'
             WHERE mass_mailing_id = %s AND whatsapp_due
            """, mailing.id))
        self.invalidate_model(['whatsapp_due', 'trace_status', 'failure_type'])

    @api.model
    def _retry(self, mailings):
        """Mark who may be prepared anew. :return: how many."""
        self._follow(mailings)
        # The number is free for whoever has it by now; the message that is replaced is still known.
        self.env.cr.execute(SQL(
            """
            UPDATE mailing_trace SET whatsapp_due = true, whatsapp_phone = NULL, trace_status = 'outgoing',
                                     failure_type = NULL, failure_reason = NULL
              FROM (SELECT trace.id FROM mailing_trace trace
                      LEFT JOIN fluxforce_whatsapp_message message ON message.id = trace.whatsapp_message_id
                     WHERE trace.mass_mailing_id = ANY(%s) AND NOT trace.whatsapp_due AND %s) again
             WHERE mailing_trace.id = again.id
            """, mailings.ids, mailings._retry_condition()))
        count = self.env.cr.rowcount
        self.invalidate_model()
        return count

    # ------------------------------------------------------------
    # FOLLOW THE OUTBOX
    # ------------------------------------------------------------

    @api.model
    def _follow(self, mailings):
        """Bring recipients to the states of their messages, however many they are, by three statements."""
        if not mailings:
            return
        self.flush_model()
        self.env['fluxforce.whatsapp.message'].flush_model()
        for statement in (self._follow_copies, self._follow_replies, self._follow_states):
            self.env.cr.execute(statement(mailings.ids))
        self.invalidate_model()
        mailings.sudo().write({'whatsapp_followed_at': fields.Datetime.now()})  # sudo: mailing - kept by the system

    def _follow_copies(self, ids):
        """Who sent a message again by hand made a new one: it stands for the recipient from now on, also where one was
        about to be prepared anew."""
        return SQL(
            """
            UPDATE mailing_trace trace
               SET whatsapp_message_id = message.again_id, whatsapp_due = false,
                   whatsapp_phone = CASE WHEN trace.whatsapp_due THEN NULL ELSE trace.whatsapp_phone END
              FROM fluxforce_whatsapp_message message
             WHERE message.id = trace.whatsapp_message_id AND message.again_id IS NOT NULL
               AND trace.mass_mailing_id = ANY(%s)
            """, ids)

    @api.model
    def _replace_messages(self, messages):
        """Let recipients have the messages that were made in the place of others."""
        self.flush_model(['whatsapp_message_id'])
        messages.flush_recordset(['again_id'])
        self.env.cr.execute(SQL(
            """
            UPDATE mailing_trace trace SET whatsapp_message_id = message.again_id
              FROM fluxforce_whatsapp_message message
             WHERE message.id = trace.whatsapp_message_id AND message.id = ANY(%s) AND message.again_id IS NOT NULL
            """, messages.ids))
        self.invalidate_model(['whatsapp_message_id'])

    def _follow_replies(self, ids):
        """Whatever a person writes to the number within some days is the reply, or quotes the message."""
        return SQL(
            """
            UPDATE mailing_trace trace SET reply_datetime = reply.at
              FROM (SELECT trace.id, min(inbound.sent_at) AS at
                      FROM mailing_trace trace
                      JOIN fluxforce_whatsapp_message message ON message.id = trace.whatsapp_message_id
                      JOIN fluxforce_whatsapp_identity identity
                        ON identity.account_id = message.account_id AND identity.wa_id = message.wa_id
                      JOIN fluxforce_whatsapp_inbound inbound
                        ON inbound.identity_id = identity.id AND inbound.number_id = message.number_id
                       AND inbound.sent_at BETWEEN message.claimed_at - %s
                                               AND message.claimed_at + make_interval(days => %s)
                     WHERE trace.mass_mailing_id = ANY(%s) AND trace.reply_datetime IS NULL
                       AND message.claimed_at IS NOT NULL AND inbound.revoked_at IS NULL
                       -- A stop is no answer.
                       AND inbound.heard IS DISTINCT FROM 'stop' AND COALESCE(inbound.stop_question, 'no') = 'no'
                     GROUP BY trace.id) reply
             WHERE trace.id = reply.id
            """, CLOCKS, REPLY_DAYS, ids)

    def _follow_states(self, ids):
        return SQL(
            """
            UPDATE mailing_trace trace
               SET trace_status = now_is.status, failure_type = now_is.failure, failure_reason = now_is.words,
                   sent_datetime = now_is.sent_at, open_datetime = now_is.read_at,
                   write_date = now() AT TIME ZONE 'UTC'
              FROM (SELECT trace.id, %(status)s AS status, %(failure)s AS failure, %(words)s AS words,
                           COALESCE(message.sent_at, message.accepted_at) AS sent_at,
                           COALESCE(message.read_at, LEAST(trace.reply_datetime, trace.links_click_datetime))
                               AS read_at
                      FROM mailing_trace trace
                      JOIN fluxforce_whatsapp_message message ON message.id = trace.whatsapp_message_id
                     WHERE trace.mass_mailing_id = ANY(%(ids)s) AND NOT trace.whatsapp_due) now_is
             WHERE trace.id = now_is.id
               AND (trace.trace_status, trace.failure_type, trace.failure_reason, trace.sent_datetime,
                    trace.open_datetime) IS DISTINCT FROM (now_is.status, now_is.failure, now_is.words, now_is.sent_at,
                                                           now_is.read_at)
            """, status=self._sql_status(), failure=self._sql_failure(), words=self._sql_words(), ids=ids)

    def _sql_status(self):
        return SQL(
            """CASE WHEN trace.reply_datetime IS NOT NULL THEN 'reply'
                    WHEN message.state IN ('read', 'played') OR trace.links_click_datetime IS NOT NULL THEN 'open'
                    WHEN message.state = 'delivered' THEN 'sent'
                    WHEN message.state IN ('accepted', 'sent') THEN 'pending'
                    WHEN message.state IN ('sending', 'unknown') THEN 'process'
                    WHEN message.state = 'failed' AND message.error_code = %s THEN 'bounce'
                    WHEN message.state = 'failed' THEN 'error'
                    WHEN message.state IN ('refused', 'cancelled', 'expired') THEN 'cancel'
                    ELSE 'outgoing' END""", UNDELIVERABLE)

    def _sql_failure(self):
        """What went out has none; who replied or followed a link got it, whatever WhatsApp reported."""
        return SQL(
            """CASE WHEN COALESCE(trace.reply_datetime, trace.links_click_datetime) IS NOT NULL THEN NULL
                    WHEN message.state = 'failed' AND message.error_code = %s THEN 'whatsapp_undeliverable'
                    WHEN message.state = 'failed' THEN 'whatsapp_failed'
                    WHEN message.state = 'unknown' THEN 'whatsapp_unknown'
                    WHEN message.state = 'cancelled' THEN 'whatsapp_cancelled'
                    WHEN message.state IN ('refused', 'expired', 'held') AND message.reason = ANY(%s)
                         THEN 'whatsapp_' || message.reason
                    WHEN message.state IN ('refused', 'held') THEN 'whatsapp_rule' END""",
            UNDELIVERABLE, list(REASONS))

    def _sql_words(self):
        return SQL(
            "CASE WHEN message.state = 'failed' THEN concat_ws(' ', message.error_code, message.error_message) END")

    @api.model
    def _whatsapp_clicked(self, moments):
        """Links in WhatsApp messages were clicked: the first click of each recipient counts.

        :param dict moments: moment by message id
        """
        if not moments:
            return
        self.flush_model(['whatsapp_message_id', 'links_click_datetime'])
        self.env.cr.execute_values("""
            UPDATE mailing_trace trace SET links_click_datetime = COALESCE(trace.links_click_datetime, clicked.at)
              FROM (VALUES %s) AS clicked (message_id, at) WHERE trace.whatsapp_message_id = clicked.message_id
        """, list(moments.items()), template='(%s, %s::timestamp)', page_size=len(moments))
        self.invalidate_model(['links_click_datetime'])
