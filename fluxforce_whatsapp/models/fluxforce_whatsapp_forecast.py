from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime, format_time

from ..policy.budget import WINDOW
from ..policy.forecast import Kind, Queue, Waiting, foresee, seconds_to_finish
from ..policy.gate import Reason
from ..policy.pace import slowest, throttle_step, throttled
from ..policy.purpose import AUTHENTICATION, MARKETING, UTILITY
from ..policy.wait import Wait
from .fluxforce_whatsapp_message import PRIORITY_OF_PURPOSE, WAITING

PRIORITIES = sorted(set(PRIORITY_OF_PURPOSE.values()))
# Due messages of a lane that are counted at most to tell a place in line: where more wait, "not before" is told.
COUNTED = 100_000
# Days ahead that are told by their weekday.
WEEK = 7


class FluxforceWhatsappForecast(models.AbstractModel):
    """Tells people when a waiting message will go and how a number's queue stands, with the pace of this moment.

    The cost depends on the numbers concerned, not on how many messages are asked about.
    """

    _name = 'fluxforce.whatsapp.forecast'
    _description = 'WhatsApp Forecast'

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    @api.model
    def _words_for(self, messages):
        """:return: for each waiting message, by its id, when it goes: words that follow "Goes out"."""
        waiting = messages.sudo().filtered(lambda message: message.state in WAITING)  # sudo: message - as its list
        if not waiting:
            return {}
        now = fields.Datetime.now()
        queues = self._queues(waiting.number_id, now)
        places = self._places(waiting, now)
        return {message.id: self._words(foresee(self._to_waiting(message, places), queues[message.number_id], now))
                for message in waiting}

    def _to_waiting(self, message, places):
        return Waiting(message.purpose, message.due_at or None, message.reason or '', places.get(message.id),
                       message.expires_at or None)

    def _places(self, messages, now):
        """:return: by message id, how many due messages of the same number go before it, from one statement."""
        lanes = {(message.number_id.id, message.priority) for message in messages}
        urgent = [(number_id, priority) for number_id, least in self._least_urgent(lanes).items()
                  for priority in PRIORITIES if priority <= least]
        messages.flush_model(['number_id', 'priority', 'state', 'due_at'])
        self.env.cr.execute(SQL(
            """
            SELECT id, place - 1 FROM (
                SELECT waiting.id, row_number() OVER (PARTITION BY lane.number_id
                                                      ORDER BY lane.priority, waiting.due_at, waiting.id) AS place
                  FROM (VALUES %s) lane (number_id, priority)
                 CROSS JOIN LATERAL (
                    SELECT id, due_at FROM fluxforce_whatsapp_message
                     WHERE number_id = lane.number_id AND state IN %s AND priority = lane.priority AND due_at <= %s
                     ORDER BY due_at, id LIMIT %s) waiting) line
             WHERE id = ANY(%s)
            """, SQL(', ').join(SQL('(%s, %s)', *lane) for lane in urgent), WAITING, now, COUNTED, messages.ids))
        return dict(self.env.cr.fetchall())

    def _least_urgent(self, lanes):
        least = {}
        for number_id, priority in lanes:
            least[number_id] = max(priority, least.get(number_id, priority))
        return least

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def _queues(self, numbers, now):
        """:return: the policy's ``Queue`` by number."""
        paces = self.env['fluxforce.whatsapp.pace']._read(numbers)
        return {number: self._queue(number, paces.get(number.id, {}), now) for number in numbers}

    def _queue(self, number, pace, now):
        step = throttle_step(pace.get('throttle_step'), pace.get('throttled_at'), now)
        warmup = number._warmup_step()
        return Queue(
            per_second=throttled(slowest(number._pace_limits(now)).per_second, step),
            brake=number.brake,
            begun_per_second=warmup and warmup.messages_per_minute / 60,
            people_left=warmup and self._people_left(number, warmup, now),
            budget_left=self._budget_left(number.account_id.portfolio_id),
            opens_at=pace.get('closed_until'),
            stop=number._stop_code(),
            counted=COUNTED,
        )

    def _people_left(self, number, warmup, now):
        reached = self.env['fluxforce.whatsapp.pair']._count_reached(number, now - WINDOW)
        return max(warmup.people_per_day - reached, 0)

    def _budget_left(self, portfolio):
        if not portfolio.limit_people:
            return None
        left = max(portfolio.limit_people - portfolio.used_people, 0)
        return {MARKETING: portfolio.free_people, UTILITY: left, AUTHENTICATION: left}

    # ------------------------------------------------------------
    # THE QUEUE OF A NUMBER
    # ------------------------------------------------------------

    @api.model
    def _panel_of(self, numbers):
        """Say in words how the queues of numbers stand.

        :return: by number, values of its fields ``queue_*``.
        """
        now = fields.Datetime.now()
        numbers = numbers.sudo()  # sudo: number - counts and speeds, no contents
        queues, counts, sent = self._queues(numbers, now), self._counts(numbers, now), self._sent(numbers, now)
        return {number: self._prepare_panel(number, queues[number], counts[number.id], sent.get(number.id, 0), now)
                for number in numbers}

    def _prepare_panel(self, number, queue, counts, sent, now):
        due = {purpose: row['due'] for purpose, row in counts.items() if row['due']}
        return {
            'queue_due_count': sum(due.values()),
            'queue_held_count': sum(row['held'] for row in counts.values()),
            'queue_sent_count': sent,
            'queue_rate': self._rate_words(0 if queue.stop else queue.per_second),
            'queue_limit': self._limit_words(number, queue, now),
            'queue_finish': self._finish_words(due, queue),
            'queue_next': self._next_words(due, counts, queue, now),
        }

    def _counts(self, numbers, now):
        """:return: by number id and purpose, how many messages are due and how many are held until later."""
        self.env['fluxforce.whatsapp.message'].flush_model(['number_id', 'purpose', 'state', 'due_at'])
        self.env.cr.execute(SQL("""
            SELECT number_id, purpose, count(*) FILTER (WHERE due_at <= %s) AS due,
                   count(*) FILTER (WHERE due_at IS NULL OR due_at > %s) AS held, min(due_at) AS first
              FROM fluxforce_whatsapp_message
             WHERE number_id = ANY(%s) AND state IN %s GROUP BY number_id, purpose
        """, now, now, numbers.ids, WAITING))
        result = defaultdict(dict)
        for row in self.env.cr.dictfetchall():
            result[row['number_id']][row['purpose']] = row
        return result

    def _sent(self, numbers, now):
        """:return: by number id, how many messages Meta took in the last hour."""
        self.env['fluxforce.whatsapp.message'].flush_model(['number_id', 'claimed_at', 'accepted_at'])
        self.env.cr.execute(SQL("""
            SELECT number_id, count(*) FROM fluxforce_whatsapp_message
             WHERE number_id = ANY(%s) AND claimed_at > %s AND accepted_at IS NOT NULL GROUP BY number_id
        """, numbers.ids, fields.Datetime.subtract(now, hours=1)))
        return dict(self.env.cr.fetchall())

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    def _words(self, forecast):
        """:param Forecast forecast: of the policy. :return: when, in the user's language and time zone."""
        if forecast.kind is Kind.NOW:
            return self.env._('in a moment')
        if forecast.kind in (Kind.ROOM, Kind.EVENT):
            return self._event_words(forecast.cause)
        moment = self._moment_words(forecast.moment)
        if forecast.kind is Kind.AT:
            return moment
        texts = {
            Kind.AFTER: self.env._('not before %(moment)s', moment=moment),
            Kind.LATE: self.env._('never: it ends %(moment)s', moment=moment),
        }
        return texts.get(forecast.kind) or self.env._('about %(moment)s', moment=moment)

    @api.model
    def _moment_words(self, moment):
        """:return: a moment as people say it: "today 14:32", "tomorrow 8:00", "Thursday 8:00", a date further on."""
        zone = str(self.env.tz)
        time = format_time(self.env, moment, tz=zone, time_format='short')
        days = (fields.Date.context_today(self, moment) - fields.Date.context_today(self)).days
        if days == 0:
            return self.env._('today %(time)s', time=time)
        if days == 1:
            return self.env._('tomorrow %(time)s', time=time)
        if 0 < days < WEEK:
            weekday = format_datetime(self.env, moment, tz=zone, dt_format='EEEE')
            return self.env._('%(weekday)s %(time)s', weekday=weekday, time=time)
        return self.env._('%(date)s %(time)s', date=format_date(self.env, moment), time=time)

    def _event_words(self, cause):
        texts = {
            'paused': self.env._('when sending is resumed'),
            'problem': self.env._('when the trouble of the number is mended'),
            Reason.ACCOUNT_INACTIVE.value: self.env._('when the account is connected again'),
            Reason.NUMBER_UNABLE.value: self.env._('when Meta lets the number send again'),
            Reason.BRAKE.value: self.env._('when the brake is released'),
            Reason.TEMPLATE_PAUSED.value: self.env._('when Meta lets the template go again'),
            Wait.BUDGET.value: self.env._('when room for more people returns'),
            Wait.WARMUP.value: self.env._('when the warm-up lets more people be reached'),
            Wait.FILE.value: self.env._('as soon as its file is at WhatsApp'),
            Wait.NO_FILE.value: self.env._('when its file is mended and tried again'),
        }
        return texts.get(cause) or self.env._('when what keeps it is over')

    def _rate_words(self, per_second):
        if per_second > 1:
            return self.env._('%(count)s messages a second', count=round(per_second))
        return self.env._('%(count)s messages a minute', count=round(per_second * 60))

    def _limit_words(self, number, queue, now):
        """:return: why the number is not faster, or why it does not send."""
        if queue.stop:
            return number._explain_stop()
        if queue.opens_at and queue.opens_at > now:
            return self.env._('Meta takes no calls before %(moment)s: its hourly limit is used up.',
                              moment=self._moment_words(queue.opens_at))
        limit = slowest(number._pace_limits(now))
        if queue.per_second < limit.per_second:
            return self.env._('Meta asked to slow down or is in trouble; the number recovers by itself within seconds.')
        return self._limit_texts().get(limit.name, limit.name)

    def _limit_texts(self):
        return {
            'throughput': self.env._('This is what Meta takes from this number, with a little left free.'),
            'business_app': self.env._('Meta takes no more from a number that is shared with the Business app.'),
            'operator': self.env._('Your own limit holds it back.'),
            'warmup': self.env._('The number is new and warms up.'),
        }

    def _finish_words(self, due, queue):
        """:return: how long the due messages take, '' if nothing can be told."""
        if queue.stop or not due:
            return ''
        seconds = seconds_to_finish(due, queue)
        if seconds < 60:
            return self.env._('less than a minute')
        if seconds < 3600:
            return self.env._('about %(count)s minutes', count=round(seconds / 60))
        if seconds < 48 * 3600:
            return self.env._('about %(count)s hours', count=round(seconds / 3600))
        return self.env._('about %(count)s days', count=round(seconds / 86400))

    def _next_words(self, due, counts, queue, now):
        """:return: when the next message goes, '' if none waits."""
        first = min((row['first'] for row in counts.values() if row['first']), default=None)
        if not counts:
            return ''
        return self._words(foresee(Waiting(None, now if due else first), queue, now))
