from datetime import timedelta

from odoo import api, fields, models

from ..policy.pace import tighten

# Meta tells in minutes when calls are granted again; longer than a day is not believed. (Our own choice.)
LONGEST_CLOSE = timedelta(hours=23)


class FluxforceWhatsappPace(models.Model):
    """The stored times of a number's pace; every worker on every machine counts from the same ones.

    A table of its own: a claim writes it several times a second, which must not meet people who edit the number.
    """

    _name = 'fluxforce.whatsapp.pace'
    _description = 'WhatsApp Pace'
    _log_access = False

    number_id = fields.Many2one('fluxforce.whatsapp.number', required=True, ondelete='cascade')
    next_slot_at = fields.Datetime()
    marketing_slot_at = fields.Datetime(help='The same for marketing under a light brake.')
    throttle_step = fields.Integer(help='How often Meta made us halve the pace.')
    throttled_at = fields.Datetime()
    worker = fields.Char(help='Technical: which run of the sender claimed last; empty once it has signed off.')
    claimed_at = fields.Datetime(help='Technical: when it did.')
    company_until = fields.Datetime(help='Technical: until then a second process is taken to send from this number.')
    invited_until = fields.Datetime(help='Technical: until then another run may claim beside the one that did last.')
    closed_until = fields.Datetime(help='Meta wants no call at all before.')

    _once = models.Constraint('unique(number_id)', 'This number has a pace already.')

    @api.model
    def _lock(self, number):
        """Read a number's pace so that nobody else can give its slots away before this transaction ends.

        :return: the row as a dict, with the database's ``now``; None if another worker is at it at this moment
        """
        self.env.cr.execute("""
            SELECT next_slot_at, marketing_slot_at, throttle_step, throttled_at, closed_until, worker, claimed_at,
                   company_until, invited_until, clock_timestamp() AT TIME ZONE 'UTC' AS now
              FROM fluxforce_whatsapp_pace WHERE number_id = %s FOR NO KEY UPDATE SKIP LOCKED
        """, [number.id], log_exceptions=False)
        return self.env.cr.dictfetchone()

    @api.model
    def _hands(self, numbers):
        """:return: by number id, as a dict, which run claimed last and when, with the database's ``now``; no lock."""
        self.env.cr.execute("""
            SELECT number_id, worker, claimed_at, invited_until, clock_timestamp() AT TIME ZONE 'UTC' AS now
              FROM fluxforce_whatsapp_pace WHERE number_id = ANY(%s)
        """, [numbers.ids])
        return {row['number_id']: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _read(self, numbers):
        """:return: rows as dicts, by number id."""
        self.env.cr.execute("""
            SELECT number_id, next_slot_at, marketing_slot_at, throttle_step, throttled_at, closed_until
              FROM fluxforce_whatsapp_pace WHERE number_id = ANY(%s)
        """, [numbers.ids])
        return {row['number_id']: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _store(self, number, next_slot_at, marketing_slot_at, pace):
        """:param dict pace: the row as read, with the name of the run and until when it has or wants company."""
        self.env.cr.execute("""
            UPDATE fluxforce_whatsapp_pace
               SET next_slot_at = %s, marketing_slot_at = %s, company_until = %s, invited_until = %s, worker = %s,
                   claimed_at = %s
             WHERE number_id = %s
        """, [next_slot_at, marketing_slot_at, pace['company_until'], pace['invited_until'], pace['run'], pace['now'],
              number.id])

    @api.model
    def _announce(self, number, until):
        """Let the run that sends know that another one wants to join: from its next claim on it is not alone."""
        self.env.cr.execute(
            'UPDATE fluxforce_whatsapp_pace SET company_until = %s WHERE number_id = %s', [until, number.id])

    @api.model
    def _sign_off(self, run, rests):
        """A run of the sender has ended and has nothing planned any more.

        :param dict rests: by Meta's id of the number, for how many seconds nobody else may begin: what this run sent
            last has arrived closer together than it was planned
        """
        rests = [(run, phone_number_id, seconds) for phone_number_id, seconds in rests.items() if seconds > 0]
        if rests:
            self.env.cr.execute_values("""
                UPDATE fluxforce_whatsapp_pace pace
                   SET next_slot_at = GREATEST(pace.next_slot_at, clock_timestamp() AT TIME ZONE 'UTC'
                                                                  + rest.seconds * interval '1 second')
                  FROM (VALUES %s) AS rest (run, phone_number_id, seconds)
                  JOIN fluxforce_whatsapp_number number ON number.phone_number_id = rest.phone_number_id
                 WHERE pace.number_id = number.id AND pace.worker = rest.run
            """, rests, template='(%s, %s, %s::float8)')
        self.env.cr.execute('UPDATE fluxforce_whatsapp_pace SET worker = NULL WHERE worker = %s', [run])

    @api.model
    def _ensure(self, numbers):
        """Every number has its row from the beginning: a claim only locks, it never inserts."""
        if numbers:
            self.env.cr.execute_values(
                'INSERT INTO fluxforce_whatsapp_pace (number_id) VALUES %s ON CONFLICT (number_id) DO NOTHING',
                [(number_id,) for number_id in numbers.ids])

    @api.model
    def _tighten(self, number_id, now, answers):
        """Slow a number down if Meta's answers ask for it; it recovers by itself.

        :param datetime now: of the database's clock
        :param Answers answers: see :class:`policy.pace.Answers`
        """
        row = self._read(self.env['fluxforce.whatsapp.number'].browse(number_id)).get(number_id, {})
        change = tighten(row.get('throttle_step'), row.get('throttled_at'), now, answers)
        if change:
            self.env.cr.execute("""
                UPDATE fluxforce_whatsapp_pace SET throttle_step = %s, throttled_at = %s WHERE number_id = %s
            """, [*change, number_id])

    @api.model
    def _close(self, number_ids, until):
        """Make no call for these numbers before a moment, which is not believed beyond a day."""
        self.env.cr.execute(
            "UPDATE fluxforce_whatsapp_pace SET closed_until = LEAST(%s, clock_timestamp() AT TIME ZONE 'UTC' + %s) "
            'WHERE number_id = ANY(%s)', [until, LONGEST_CLOSE, list(number_ids)])
