from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, float_round

from ..flow.canary import Action, Limits, Outcome, judge
from .mailing_trace import UNDELIVERABLE

# Columns of the report by the name of what they count.
SUMS = {'sent': 'sent', 'delivered': 'delivered', 'read': 'has_read', 'replied': 'replied', 'clicked': 'clicked',
        'refused': 'refused', 'unknown': 'unknown'}
STOPS = {'blocked': 'blocked', 'opted_out': 'opted_out'}
# What else is counted of recipients.
STAGES = ('total', 'waiting', 'sending', 'pending', 'bounced', 'failed', 'left_out', 'retry')


class MailingMailing(models.Model):
    """What came back, read from the outbox at the moment it is shown, and when it will be finished."""

    _inherit = 'mailing.mailing'

    whatsapp_left = fields.Integer('To Go', compute='_compute_whatsapp_figures', help='Not gone yet.')
    whatsapp_refused = fields.Integer('Refused', compute='_compute_whatsapp_figures',
                                      help='The rules kept it back; the recipients tell why.')
    whatsapp_unknown = fields.Integer('Outcome Unknown', compute='_compute_whatsapp_figures')
    whatsapp_retry_count = fields.Integer('May Be Tried Again', compute='_compute_whatsapp_figures')
    whatsapp_blocked = fields.Integer('Blocked', compute='_compute_whatsapp_figures',
                                      help='Stopped us in WhatsApp itself.')
    whatsapp_opted_out = fields.Integer('Opted Out', compute='_compute_whatsapp_figures',
                                        help='Said stop within a week after it.')
    whatsapp_progress = fields.Float('Progress', compute='_compute_whatsapp_figures',
                                     help='Recipients that do not wait any more, in percent.')
    whatsapp_finish = fields.Char('Finished', compute='_compute_whatsapp_finish')

    # ------------------------------------------------------------
    # COUNT
    # ------------------------------------------------------------

    def _whatsapp_figures(self, with_stops=True, wave=None):
        """:param bool with_stops: whether blocks and stops are asked for, too; it takes longer.
        :param wave: only who belongs to this slice of the first people.
        :return: by mailing id, how many recipients are where, each counted once; one statement.
        """
        if not self.ids:
            return {}
        self.env['mailing.trace'].flush_model()
        self.env['fluxforce.whatsapp.message'].flush_model()
        report = self.env['fluxforce.marketing.report']
        columns = SQL(', ').join([report._sql_outcome(), *([report._sql_stops()] if with_stops else [])])
        counts = self.env.execute_query_dict(SQL(
            """
            SELECT trace.mass_mailing_id AS id, count(*) AS total,
                   count(*) FILTER (WHERE trace.whatsapp_due OR message.state IN ('queued', 'held')) AS waiting,
                   count(*) FILTER (WHERE message.state = 'sending') AS sending,
                   %(sums)s, COALESCE(sum(report.sent - report.delivered), 0) AS pending,
                   count(*) FILTER (WHERE report.failed = 1 AND message.error_code = %(undeliverable)s) AS bounced,
                   count(*) FILTER (WHERE report.failed = 1 AND message.error_code IS DISTINCT FROM %(undeliverable)s
                                    OR message.id IS NULL AND trace.trace_status = 'error') AS failed,
                   count(*) FILTER (WHERE report.left_out = 1
                                    OR message.id IS NULL AND trace.trace_status = 'cancel') AS left_out,
                   count(*) FILTER (WHERE NOT trace.whatsapp_due AND %(retry)s) AS retry
              FROM mailing_trace trace
              LEFT JOIN fluxforce_whatsapp_message message ON message.id = trace.whatsapp_message_id
              -- As the report tells of it. Joined to the report itself, very many would be looked up for each other as
              -- long as the database does not know how many they are.
              LEFT JOIN LATERAL (
                   SELECT %(columns)s
                     FROM (SELECT trace.reply_datetime AS at) reply
                    CROSS JOIN (SELECT NULL::bigint AS count) brought
                     LEFT JOIN LATERAL (%(stop)s) stop ON true
                    WHERE message.id IS NOT NULL) report ON true
             WHERE trace.mass_mailing_id = ANY(%(ids)s) AND trace.trace_type = 'whatsapp'
               AND trace.is_test_trace IS NOT TRUE %(wave)s
             GROUP BY trace.mass_mailing_id
            """, sums=SQL(', ').join(
                SQL('COALESCE(sum(report.%s), 0) AS %s', SQL.identifier(column), SQL.identifier(name))
                for name, column in {**SUMS, **(STOPS if with_stops else {})}.items()),
            undeliverable=UNDELIVERABLE, retry=self._retry_condition(), columns=columns, stop=report._sql_stop(),
            ids=self.ids, wave=self._of_wave(wave)))
        rows = {row['id']: row for row in counts}
        return rows if wave is not None else self._with_those_to_come(rows)

    def _with_those_to_come(self, rows):
        """Who has no trace yet waits, too."""
        # sudo: batch - only how many
        for id_, count in self.env['fluxforce.mailing.batch'].sudo()._counts(self).items():
            row = rows.setdefault(id_, {'id': id_, **dict.fromkeys((*STAGES, *SUMS, *STOPS), 0)})
            row.update(total=row['total'] + count, waiting=row['waiting'] + count)
        return rows

    def _of_wave(self, wave):
        return SQL() if wave is None else SQL('AND trace.whatsapp_wave = %s', wave)

    def _compute_statistics(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        super(MailingMailing, self - ours)._compute_statistics()
        figures = ours._origin._whatsapp_figures(with_stops=False)
        for mailing in ours:
            mailing.update(self._prepare_statistics(figures.get(mailing._origin.id)))

    def _prepare_statistics(self, row):
        """:return: core's figures, with core's meanings."""
        row = row or dict.fromkeys(('total', 'waiting', 'sending', 'unknown', 'sent', 'pending', 'delivered', 'read',
                                    'replied', 'bounced', 'failed', 'refused', 'left_out', 'clicked'), 0)
        canceled = row['refused'] + row['left_out']
        gone = row['sent'] + row['bounced']
        return {
            'expected': row['total'], 'scheduled': row['waiting'], 'canceled': canceled, 'sent': row['sent'],
            'process': row['sending'] + row['unknown'], 'pending': row['pending'], 'delivered': row['delivered'],
            'opened': row['read'], 'replied': row['replied'], 'clicked': row['clicked'], 'bounced': row['bounced'],
            'failed': row['failed'],
            'received_ratio': self._percent(row['delivered'], gone),
            'opened_ratio': self._percent(row['read'], row['delivered']),
            'replied_ratio': self._percent(row['replied'], row['delivered']),
            'bounced_ratio': self._percent(row['bounced'], gone),
        }

    def _percent(self, part, whole):
        return float_round(100.0 * part / whole, precision_digits=2) if whole else 0.0

    def _compute_clicks_ratio(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        super(MailingMailing, self - ours)._compute_clicks_ratio()
        for mailing in ours:
            mailing.clicks_ratio = self._percent(mailing.clicked, mailing.delivered)

    def _compute_whatsapp_figures(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        figures = ours._origin._whatsapp_figures()
        for mailing in self:
            row = figures.get(mailing._origin.id, {})
            total, waiting = row.get('total', 0), row.get('waiting', 0)
            mailing.update({
                'whatsapp_left': waiting, 'whatsapp_refused': row.get('refused', 0),
                'whatsapp_unknown': row.get('unknown', 0), 'whatsapp_retry_count': row.get('retry', 0),
                'whatsapp_blocked': row.get('blocked', 0), 'whatsapp_opted_out': row.get('opted_out', 0),
                'whatsapp_progress': self._percent(total - waiting, total),
            })

    def _prepare_statistics_email_values(self):
        values = super()._prepare_statistics_email_values()
        if self._is_whatsapp():
            values['kpi_data'][0] = {
                'kpi_fullname': self.env._('Report on %(count)s WhatsApp messages', count=self.expected),
                'kpi_col1': {'value': f'{self.received_ratio}%',
                             'col_subtitle': self.env._('DELIVERED (%(count)s)', count=self.delivered)},
                'kpi_col2': {'value': f'{self.opened_ratio}%',
                             'col_subtitle': self.env._('READ (%(count)s)', count=self.opened)},
                'kpi_col3': {'value': f'{self.replied_ratio}%',
                             'col_subtitle': self.env._('REPLIED (%(count)s)', count=self.replied)},
                'kpi_action': None,
                'kpi_name': self.mailing_type,
            }
        return values

    # ------------------------------------------------------------
    # FOR THE FIRST PEOPLE
    # ------------------------------------------------------------

    def _has_canary(self, count):
        """:param int count: recipients. :return: whether a few get it first."""
        return self.whatsapp_canary and not self._is_version() and count > self.whatsapp_canary_size

    def _whatsapp_limits(self):
        return Limits(self.whatsapp_limit_failed, self.whatsapp_limit_blocked, self.whatsapp_limit_opted_out,
                      self.whatsapp_limit_unread)

    def _whatsapp_outcome(self, wave=None):
        """:param wave: only who belongs to this slice of the first people.
        :return: what became of those prepared so far. :rtype: Outcome"""
        row = self._whatsapp_figures(wave=wave).get(self.id)
        if not row:
            return Outcome()
        due = self.env['mailing.trace'].search_count([
            ('mass_mailing_id', '=', self.id), ('whatsapp_due', '=', True),
            *([] if wave is None else [('whatsapp_wave', '=', wave)])])
        if wave is None:
            due += self.env['fluxforce.mailing.batch'].sudo()._counts(self).get(self.id, 0)  # sudo: batch - how many
        return Outcome(
            # Who is not prepared yet is not among the people of now.
            waiting=row['waiting'] - due + row['sending'], sent=row['sent'], delivered=row['delivered'],
            read=row['read'], failed=row['failed'] + row['bounced'], blocked=row['blocked'],
            opted_out=row['opted_out'])

    def _whatsapp_verdict(self):
        """Judge the latest slice by its own people, however well the ones before took it; all of them together, too:
        what stops it must not be hidden in slices.

        :return: the slice's outcome, and the verdict. :rtype: (Outcome, Verdict)
        """
        limits, total = self._whatsapp_limits(), self._whatsapp_outcome()
        verdict = judge(total, limits)
        if verdict.action is Action.STOP or self.whatsapp_phase not in ('slice', 'wait'):
            return total, verdict
        outcome = self._whatsapp_outcome(self.whatsapp_wave)
        return outcome, judge(outcome, limits)

    # ------------------------------------------------------------
    # WHEN IT WILL BE FINISHED
    # ------------------------------------------------------------

    def _compute_whatsapp_finish(self):
        for mailing in self:
            active = mailing._is_whatsapp() and mailing.state in ('in_queue', 'sending') and mailing.whatsapp_left
            mailing.whatsapp_finish = active and mailing._finish_words(mailing.whatsapp_left)

    def _finishes_at(self, messages, begins):
        moment = super()._finishes_at(messages, begins)
        if moment and self._has_canary(messages) and self.whatsapp_phase != 'rest':
            moment += timedelta(hours=self.whatsapp_canary_hours)
        return moment
