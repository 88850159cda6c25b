from collections import defaultdict, namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..cloud_api import const as meta
from ..policy.budget import WINDOW, room_moments
from ..policy.pace import Pair
from ..policy.variants import all_spellings, canonical, spellings
from .arrays import text_array

COLUMNS = ('number_id', 'person', 'window_until', 'burst_at', 'burst_count', 'blocked_until', 'reached_at',
           'marketing_from', 'marketing_holds')
EMPTY = (None, None, None, None, 0, None, None, None, 0)


class PairRow(namedtuple('PairRow', COLUMNS, defaults=EMPTY)):
    """What is known between a number and a person; all empty for two that have not met."""

    __slots__ = ()

    def to_pace(self):
        """:return: the :class:`policy.pace.Pair`."""
        return Pair(self.burst_at, self.burst_count or 0, self.blocked_until)

    @classmethod
    def _of_person(cls, person, rows):
        """:param list rows: of all spellings of the person's number, at least one.
        :return: what holds for the person: of each moment the latest."""
        if len(rows) == 1:
            return rows[0]._replace(person=person)
        latest = {name: max(filter(None, (getattr(row, name) for row in rows)), default=None) for name in (
            'window_until', 'blocked_until', 'reached_at', 'marketing_from')}
        burst = max(rows, key=lambda row: (row.burst_at is not None, row.burst_at or 0))
        holds = max(row.marketing_holds or 0 for row in rows)
        return burst._replace(**latest, person=person, marketing_holds=holds)

    def window_open(self, now):
        """:return: whether the person wrote in the last 24 hours."""
        return bool(self.window_until and self.window_until > now)


class FluxforceWhatsappPair(models.Model):
    """What passed between one of our numbers and a person: service window, pair rate, gaps Meta asks for.

    Written by the claim, the results and the reducers, by SQL.
    """

    _name = 'fluxforce.whatsapp.pair'
    _description = 'WhatsApp Number and Person'
    _log_access = False

    number_id = fields.Many2one('fluxforce.whatsapp.number', required=True, ondelete='cascade')
    person = fields.Char(required=True, help='The number as it is dialled, in international form.')
    wa_id = fields.Char(help='The same number as WhatsApp has it.')
    window_until = fields.Datetime(help='End of the service window.')
    burst_at = fields.Datetime(help='First message that is not paid off yet by the pair rate.')
    burst_count = fields.Integer()
    blocked_until = fields.Datetime(help='Meta wants no further try before.')
    reached_at = fields.Datetime(help='Last message outside a service window.')
    marketing_from = fields.Datetime(help='Meta wants no marketing to this person before.')
    marketing_holds = fields.Integer(help='How often in a row Meta asked for a gap.')
    stop_answered_at = fields.Datetime(help='When a stop was confirmed last.')
    start_answered_at = fields.Datetime(help='When the lifting of a stop was confirmed last.')

    _once = models.Constraint('unique(number_id, person)', 'This pair is known already.')
    _wa_id_idx = models.Index('(wa_id, number_id) WHERE wa_id IS NOT NULL')
    _reached_idx = models.Index('(number_id, reached_at) WHERE reached_at IS NOT NULL')
    _person_idx = models.Index('(person)')

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def _of(self, number_ids, people):
        """:return: :class:`PairRow` by (number id, person as asked); pairs that have not met are left out. What is
            known under another spelling of the person's number holds as well."""
        people = list(people)
        self.env.cr.execute(f"""
            SELECT {', '.join(COLUMNS)} FROM fluxforce_whatsapp_pair
             WHERE number_id = ANY(%s) AND person = ANY(%s::varchar[])
        """, [list(number_ids), text_array(all_spellings(people, '+'))])
        if not self.env.cr.rowcount:
            return {}
        rows = defaultdict(list)
        for row in map(PairRow._make, self.env.cr.fetchall()):
            rows[row.number_id, canonical(row.person)].append(row)
        return {(number_id, person): PairRow._of_person(person, rows[number_id, canonical(person)])
                for number_id in set(number_ids) for person in people if (number_id, canonical(person)) in rows}

    @api.model
    def _count_reached(self, number, since):
        """:return: people a number has reached outside service windows since a moment."""
        self.env.cr.execute(
            'SELECT count(*) FROM fluxforce_whatsapp_pair WHERE number_id = %s AND reached_at > %s', [number.id, since])
        return self.env.cr.fetchone()[0]

    @api.model
    def _room_moments(self, number, count, now):
        """:return: moments at which a number may reach so many people more than its day allows, ascending."""
        self.env.cr.execute("""
            SELECT reached_at FROM fluxforce_whatsapp_pair
             WHERE number_id = %s AND reached_at > %s ORDER BY reached_at LIMIT %s
        """, [number.id, now - WINDOW, count])
        return room_moments([moment for moment, in self.env.cr.fetchall()], count) or [now + WINDOW] * count

    @api.model
    def _known_numbers(self, numbers, people):
        """Find the number each person knows: the one with which the last message was exchanged.

        :return: dict of number id by person.
        """
        self.env.cr.execute("""
            SELECT DISTINCT ON (person) person, number_id FROM fluxforce_whatsapp_pair
             WHERE number_id = ANY(%s) AND person = ANY(%s)
             ORDER BY person, GREATEST(burst_at, reached_at, window_until - make_interval(hours => %s)) DESC NULLS LAST
        """, [numbers.ids, all_spellings(people, '+'), meta.SERVICE_WINDOW_HOURS])
        known = dict(self.env.cr.fetchall())
        by_number = {canonical(person): number_id for person, number_id in known.items()}
        return {person: known.get(person) or by_number[canonical(person)]
                for person in people if canonical(person) in by_number}

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _book(self, number, pairs, reached, now):
        """Keep what a claim gives away.

        :param dict pairs: :class:`policy.pace.Pair` by person
        :param set reached: those of the persons who are written to outside a window
        """
        rows = [(number.id, person, pair.burst_at, pair.burst_count, now if person in reached else None)
                for person, pair in sorted(pairs.items())]
        if rows:
            self.env.cr.execute_values("""
                INSERT INTO fluxforce_whatsapp_pair AS pair (number_id, person, burst_at, burst_count, reached_at)
                VALUES %s ON CONFLICT (number_id, person) DO UPDATE
                   SET burst_at = EXCLUDED.burst_at, burst_count = EXCLUDED.burst_count,
                       reached_at = COALESCE(EXCLUDED.reached_at, pair.reached_at)
            """, rows, template='(%s, %s, %s::timestamp, %s, %s::timestamp)', page_size=len(rows))

    @api.model
    def _unbook(self, rows):
        """Take back what was booked for messages that Meta did not take: a refusal uses up nothing.

        :param list rows: (number id, person)
        """
        if rows:
            self.env.cr.execute_values("""
                UPDATE fluxforce_whatsapp_pair pair SET burst_count = GREATEST(pair.burst_count - 1, 0)
                  FROM (VALUES %s) AS refused (number_id, person)
                 WHERE pair.number_id = refused.number_id AND pair.person = refused.person
            """, sorted(set(rows)), page_size=len(rows))

    @api.model
    def _block(self, rows):
        """:param list rows: (number id, person, moment before which no further try is to be made)."""
        self._upsert('blocked_until', rows, 'GREATEST(pair.blocked_until, EXCLUDED.blocked_until)')

    @api.model
    def _learn_wa_ids(self, rows):
        """:param list rows: (number id, person, WhatsApp's form of the number), only where the two differ."""
        self._upsert('wa_id', rows, 'EXCLUDED.wa_id')

    @api.model
    def _hold_marketing(self, rows):
        """:param list rows: (number id, person, moment before which Meta wants no marketing)."""
        if rows:
            self.env.cr.execute_values("""
                INSERT INTO fluxforce_whatsapp_pair AS pair (number_id, person, marketing_from, marketing_holds)
                VALUES %s ON CONFLICT (number_id, person) DO UPDATE
                   SET marketing_from = EXCLUDED.marketing_from,
                       marketing_holds = COALESCE(pair.marketing_holds, 0) + 1
            """, sorted(set(rows)), template='(%s, %s, %s::timestamp, 1)')

    def _upsert(self, column, rows, value):
        latest = {(number_id, person): content for number_id, person, content in sorted(rows)}
        if latest:
            kind = 'timestamp' if self._fields[column].type == 'datetime' else 'varchar'
            self.env.cr.execute_values(f"""
                INSERT INTO fluxforce_whatsapp_pair AS pair (number_id, person, {column})
                VALUES %s ON CONFLICT (number_id, person) DO UPDATE SET {column} = {value}
            """, [(*pair, content) for pair, content in sorted(latest.items())], template=f'(%s, %s, %s::{kind})')

    @api.model
    def _carry_over(self, numbers, old_phone, new_phone):
        """Whom Meta spares marketing is spared under a new number as well."""
        self.env.cr.execute("""
            INSERT INTO fluxforce_whatsapp_pair AS pair (number_id, person, marketing_from, marketing_holds)
            SELECT number_id, %s, marketing_from, marketing_holds FROM fluxforce_whatsapp_pair
             WHERE number_id = ANY(%s) AND person = %s AND marketing_from IS NOT NULL
            ON CONFLICT (number_id, person) DO UPDATE
                SET marketing_from = GREATEST(pair.marketing_from, EXCLUDED.marketing_from),
                    marketing_holds = GREATEST(pair.marketing_holds, EXCLUDED.marketing_holds)
        """, [new_phone, numbers.ids, old_phone])

    @api.model
    def _claim_answers(self, kind, pairs, now):
        """Book the answer to a stop or a start, which nobody gets twice in a day: not who says it again, not who said
        it in two webhooks at once, and not a machine that answers our answer.

        :param str kind: ``stop`` or ``start``
        :param pairs: iterable of (number id, person)
        :return: set of those to answer now: they wrote in the last 24 hours and were not answered in them
        """
        pairs = sorted(set(pairs))
        if not pairs:
            return set()
        column = SQL.identifier(f'{kind}_answered_at')
        self.env.cr.execute(SQL("""
            UPDATE fluxforce_whatsapp_pair pair SET %(column)s = %(now)s
              FROM (VALUES %(pairs)s) AS asked (number_id, person)
             WHERE pair.number_id = asked.number_id AND pair.person = asked.person AND pair.window_until > %(now)s
               AND (%(column)s IS NULL OR %(column)s <= %(before)s)
         RETURNING pair.number_id, pair.person
        """, column=column, now=now, before=now - timedelta(hours=meta.SERVICE_WINDOW_HOURS),
            pairs=SQL(', ').join(SQL('(%s, %s)', *pair) for pair in pairs)))
        return set(self.env.cr.fetchall())

    @api.model
    def _open_windows(self, written):
        """A person wrote: for 24 hours they may be answered with anything.

        :param list written: (number id, WhatsApp id, moment of Meta's), in any order
        """
        latest = {}
        for number_id, wa_id, at in written:
            latest[number_id, wa_id] = max(at, latest.get((number_id, wa_id), at))
        rows = [(number_id, wa_id, spelling, at + timedelta(hours=meta.SERVICE_WINDOW_HOURS))
                for (number_id, wa_id), at in sorted(latest.items()) for spelling in spellings(wa_id)]
        if rows:
            self.env.cr.execute_values("""
                WITH written (number_id, wa_id, spelling, until) AS (VALUES %s), known AS (
                    UPDATE fluxforce_whatsapp_pair pair SET window_until = GREATEST(window_until, written.until)
                      FROM written
                     WHERE pair.number_id = written.number_id
                       AND (pair.wa_id = written.spelling OR pair.person = '+' || written.spelling)
                 RETURNING written.number_id, written.wa_id
                )
                INSERT INTO fluxforce_whatsapp_pair (number_id, person, window_until)
                SELECT number_id, '+' || wa_id, until FROM written
                 WHERE spelling = wa_id AND (number_id, wa_id) NOT IN (SELECT number_id, wa_id FROM known)
                ON CONFLICT (number_id, person) DO UPDATE
                    SET window_until = GREATEST(fluxforce_whatsapp_pair.window_until, EXCLUDED.window_until)
            """, rows, template='(%s, %s, %s, %s::timestamp)', page_size=len(rows))
