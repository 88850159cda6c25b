from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.fluxforce_whatsapp.cloud_api import const as meta
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import STATES
from odoo.addons.fluxforce_whatsapp.policy.price import CATEGORIES

from .mailing_mailing import WHATSAPP
from .mailing_trace import CLOCKS, REPLY_DAYS

# Who says stop within so many days after a message is counted for it. (Our own choice.)
STOP_DAYS = 7
DELIVERED = ('delivered', 'read', 'played')
TOOK = ('accepted', 'sent', *DELIVERED)
WAITING = ('queued', 'held', 'sending')
# Digits of the longest number, by which its price is looked up. [ITU-T E.164]
LONGEST = 15
# Columns that are shares: of which one, of which whole.
RATES = {
    'delivered_rate': ('delivered', 'sent'), 'read_rate': ('has_read', 'delivered'),
    'reply_rate': ('replied', 'delivered'), 'click_rate': ('clicked', 'delivered'),
    'conversion_rate': ('converted', 'delivered'), 'opt_out_rate': ('opted_out', 'delivered'),
    'block_rate': ('blocked', 'delivered'),
}
# As PostgreSQL counts them.
WEEKDAYS = [('1', 'Monday'), ('2', 'Tuesday'), ('3', 'Wednesday'), ('4', 'Thursday'), ('5', 'Friday'),
            ('6', 'Saturday'), ('7', 'Sunday')]
HOURS = [(f'{hour:02}', f'{hour:02}:00') for hour in range(24)]


class FluxforceMarketingReport(models.Model):
    """What became of each message of campaigns and mailings: the one place in which it is counted.

    A message that a later one took the place of, or that was taken back, is nobody's any more and has no row.
    """

    _name = 'fluxforce.marketing.report'
    _description = 'WhatsApp Marketing Report'
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'message_id'
    _depends = {
        'fluxforce.campaign.activity': ['variant_id'],
        'fluxforce.campaign.trace': ['message_id', 'replied_at', 'reply_ids'],
        'fluxforce.conversion': ['message_id', 'amount'],
        'fluxforce.whatsapp.consent': ['company_id', 'phone', 'partner_id', 'purpose', 'decision', 'source', 'given_at',
                                       'corrects_id'],
        'fluxforce.whatsapp.inbound': ['sent_at', 'heard', 'stop_question', 'revoked_at'],
        'fluxforce.whatsapp.message': [
            'account_id', 'campaign_id', 'campaign_activity_id', 'participant_id', 'mailing_id', 'template_id',
            'partner_id', 'phone', 'res_model', 'res_id', 'purpose', 'state', 'reason', 'error_code', 'claimed_at',
            'delivered_at', 'read_at', 'clicked_at', 'company_id', 'number_id'],
        'fluxforce.whatsapp.price': ['prefix', 'category', 'amount', 'currency_id', 'valid_from', 'company_id'],
        'mailing.trace': ['whatsapp_message_id', 'trace_type', 'is_test_trace', 'reply_datetime'],
        'res.company': ['currency_id', 'parent_path', 'partner_id'],
        'res.currency.rate': ['currency_id', 'company_id', 'name', 'rate'],
        'res.partner': ['tz'],
    }

    message_id = fields.Many2one('fluxforce.whatsapp.message', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', readonly=True)
    campaign_id = fields.Many2one('fluxforce.campaign', readonly=True)
    activity_id = fields.Many2one('fluxforce.campaign.activity', 'Step', readonly=True)
    variant_id = fields.Many2one('fluxforce.campaign.activity', readonly=True,
                                 help='The way the person took where the campaign splits the people.')
    participant_id = fields.Many2one('fluxforce.campaign.participant', readonly=True)
    mailing_id = fields.Many2one('mailing.mailing', readonly=True)
    template_id = fields.Many2one('fluxforce.whatsapp.template', readonly=True)
    partner_id = fields.Many2one('res.partner', 'Contact', readonly=True)
    phone = fields.Char('Number', readonly=True)
    person = fields.Char(readonly=True, help='Technical: the same for the same person.')
    # A number, so that lists can be measured by it; whole ones up to 2^53 are exact.
    people = fields.Float(digits=(16, 0), readonly=True, aggregator='count_distinct',
                          help='Each once, however many messages they got.')
    purpose = fields.Char(readonly=True)
    state = fields.Selection(STATES, readonly=True)
    error_code = fields.Integer(readonly=True, aggregator=None)
    consent_source = fields.Selection(
        lambda self: self.env['fluxforce.whatsapp.consent']._fields['source']._description_selection(self.env),
        'Consent by', readonly=True, help='How the person had agreed when the message went.')
    date = fields.Datetime(readonly=True, help='When it was given to Meta, or written into the outbox.')

    # By the clock on the person's own wall, as far as it is known.
    read_local = fields.Datetime('Read, Local Time', readonly=True)
    read_weekday = fields.Selection(WEEKDAYS, 'Day of Reading', readonly=True, help='Where the person lives.')
    read_hour = fields.Selection(
        HOURS, 'Hour of Reading', readonly=True,
        help='Where the person lives: by the time zone of the contact, else of the number, else of the company.')

    sent = fields.Integer(readonly=True)
    delivered = fields.Integer(readonly=True, help='Who replied or followed a link got it, too.')
    # "read" is a method of every model.
    has_read = fields.Integer('Read', readonly=True, help='Who replied or followed a link has read it, too.')
    replied = fields.Integer(readonly=True, help='Wrote within a week after it; a stop is no reply.')
    clicked = fields.Integer('Followed a Link', readonly=True)
    converted = fields.Integer(readonly=True, help='It has brought a lead or an order.')
    failed = fields.Integer(readonly=True)
    refused = fields.Integer(readonly=True, help='The rules kept it back.')
    waiting = fields.Integer(readonly=True)
    left_out = fields.Integer('Cancelled or Too Late', readonly=True)
    unknown = fields.Integer('Outcome Unknown', readonly=True)
    blocked = fields.Integer(readonly=True, help='Stopped us in WhatsApp itself.')
    opted_out = fields.Integer(readonly=True, help='Said stop within a week after it.')
    # Shares of messages, exact in every group: what has no whole is not in the mean.
    delivered_rate = fields.Float('Delivered (%)', digits=(16, 1), readonly=True, aggregator='avg',
                                  help='Of what was sent.')
    read_rate = fields.Float('Read (%)', digits=(16, 1), readonly=True, aggregator='avg',
                             help='Of what was delivered.')
    reply_rate = fields.Float('Replied (%)', digits=(16, 1), readonly=True, aggregator='avg',
                              help='Of what was delivered.')
    click_rate = fields.Float('Followed a Link (%)', digits=(16, 1), readonly=True, aggregator='avg',
                              help='Of what was delivered.')
    conversion_rate = fields.Float('Converted (%)', digits=(16, 1), readonly=True, aggregator='avg',
                                   help='Of what was delivered.')
    opt_out_rate = fields.Float('Opted Out (%)', digits=(16, 1), readonly=True, aggregator='avg',
                                help='Of what was delivered.')
    block_rate = fields.Float('Blocked (%)', digits=(16, 1), readonly=True, aggregator='avg',
                              help='Of what was delivered.')
    conversions = fields.Integer('Leads and Orders', readonly=True)
    orders = fields.Integer(readonly=True, help='What it has brought that is worth something.')
    amount = fields.Monetary('Value', readonly=True, help='Of what it has brought.')
    cost = fields.Monetary('Cost (Estimated)', readonly=True,
                           help='By your price table, in the currency of the company. Meta charges what is delivered.')
    unpriced = fields.Integer('Without a Price', readonly=True, help='Delivered, and your price table has no price.')

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        """Two halves, so that whoever asks for one campaign or mailing reads its half only."""
        campaign = SQL('message.campaign_id, message.campaign_activity_id AS activity_id, activity.variant_id, '
                       'message.participant_id, NULL::integer AS mailing_id')
        mailing = SQL('NULL::integer AS campaign_id, NULL::integer AS activity_id, NULL::integer AS variant_id, '
                      'NULL::integer AS participant_id, message.mailing_id')
        rates = SQL(', ').join(
            SQL('CASE WHEN %s = 1 THEN 100.0 * %s END AS %s', *map(SQL.identifier, (whole, part, name)))
            for name, (part, whole) in RATES.items())
        people = SQL("(hashtextextended(person, 0) & ((1::bigint << 53) - 1))::float8 AS people")
        halves = (self._sql_half(campaign, self._sql_campaigns()), self._sql_half(mailing, self._sql_mailings()))
        return SQL(' UNION ALL ').join(
            SQL('SELECT half.*, %s, %s FROM (%s) half', people, rates, half) for half in halves)

    def _sql_half(self, origin, source):
        """Whatever is asked about a message is asked once, and only where somebody wants to know: PostgreSQL leaves out
        joins that nobody reads, if it sees that they have one row. An aggregate without GROUP BY shows it.

        :param SQL origin: the columns that tell where a message is from. :param SQL source: the messages.
        """
        return SQL(
            """SELECT %s, %s, %s, %s, %s FROM %s
                 LEFT JOIN res_company company ON company.id = message.company_id
                 LEFT JOIN res_partner house ON house.id = company.partner_id
                 LEFT JOIN res_partner partner ON partner.id = message.partner_id
                 LEFT JOIN LATERAL (
                      SELECT count(*) AS count, count(*) FILTER (WHERE amount != 0) AS orders, sum(amount) AS amount
                        FROM fluxforce_conversion conversion WHERE conversion.message_id = message.id
                      HAVING count(*) > 0) brought ON true
                 LEFT JOIN LATERAL (%s) stop ON true
                 LEFT JOIN LATERAL (%s) charged ON true
                 LEFT JOIN LATERAL (%s) price ON true
                 LEFT JOIN LATERAL (%s) rates ON true""",
            self._sql_what(origin), self._sql_reading(), self._sql_outcome(), self._sql_stops(), self._sql_money(),
            source, self._sql_stop(), self._sql_charged(), self._sql_price(), self._sql_rates())

    def _sql_campaigns(self):
        """The last message of a step, with the first reply to it that is no stop."""
        return SQL(
            """fluxforce_campaign_trace trace
               JOIN fluxforce_whatsapp_message message ON message.id = trace.message_id
               LEFT JOIN fluxforce_campaign_activity activity ON activity.id = message.campaign_activity_id
               LEFT JOIN LATERAL (
                    SELECT min(inbound.sent_at) AS at FROM fluxforce_whatsapp_inbound inbound
                     WHERE trace.replied_at IS NOT NULL
                       AND inbound.id = ANY(ARRAY(
                           SELECT answer.id::integer FROM jsonb_array_elements_text(trace.reply_ids) AS answer (id)))
                       AND inbound.sent_at <= message.claimed_at + make_interval(days => %s)
                       AND inbound.revoked_at IS NULL AND inbound.heard IS DISTINCT FROM 'stop'
                       AND COALESCE(inbound.stop_question, 'no') = 'no') reply ON true""", REPLY_DAYS)

    def _sql_mailings(self):
        """The message that stands for a recipient."""
        return SQL(
            """(SELECT whatsapp_message_id, reply_datetime AS at FROM mailing_trace
                 WHERE trace_type = %s AND is_test_trace IS NOT TRUE) reply
               JOIN fluxforce_whatsapp_message message ON message.id = reply.whatsapp_message_id""", WHATSAPP)

    def _sql_what(self, origin):
        return SQL(
            """message.id, message.id AS message_id, message.company_id, company.currency_id, message.number_id, %s,
               message.template_id, message.partner_id, message.phone,
               COALESCE(message.phone, message.res_model || ',' || message.res_id, message.id::varchar) AS person,
               message.purpose, message.state, message.error_code, %s AS consent_source,
               COALESCE(message.claimed_at, message.create_date) AS date""", origin, self._sql_consent())

    def _sql_reached(self):
        """:return: SQL of whether a message got to the person."""
        return SQL('(message.state = ANY(%s) OR reply.at IS NOT NULL OR message.clicked_at IS NOT NULL)',
                   list(DELIVERED))

    def _sql_outcome(self):
        """:return: SQL of the columns that tell what became of a ``message``, given ``reply`` and ``brought``."""
        return SQL(
            """(message.state = ANY(%(took)s) OR %(reached)s)::integer AS sent,
               %(reached)s::integer AS delivered,
               (message.state IN ('read', 'played') OR reply.at IS NOT NULL OR message.clicked_at IS NOT NULL)::integer
                   AS has_read,
               (reply.at IS NOT NULL)::integer AS replied, (message.clicked_at IS NOT NULL)::integer AS clicked,
               (brought.count IS NOT NULL)::integer AS converted,
               (message.state = 'failed' AND NOT %(reached)s)::integer AS failed,
               (message.state = 'refused')::integer AS refused, (message.state = ANY(%(waiting)s))::integer AS waiting,
               (message.state IN ('cancelled', 'expired'))::integer AS left_out,
               (message.state = 'unknown' AND NOT %(reached)s)::integer AS unknown""",
            took=list(TOOK), reached=self._sql_reached(), waiting=list(WAITING))

    def _sql_consent(self):
        """How the person had agreed by the moment it went; what was corrected does not count. Who answers at once with
        another consent had agreed by the one before.
        """
        moment = SQL('COALESCE(message.claimed_at, message.create_date)')
        return SQL(
            """(SELECT consent.source FROM fluxforce_whatsapp_consent consent
                 WHERE consent.company_id = message.company_id AND consent.purpose = message.purpose
                   AND consent.decision = 'given'
                   AND consent.given_at <= %s + %s
                   AND (consent.phone = message.phone
                        OR consent.phone IS NULL AND consent.partner_id = message.partner_id)
                   AND NOT EXISTS (SELECT 1 FROM fluxforce_whatsapp_consent later WHERE later.corrects_id = consent.id)
                 ORDER BY consent.given_at <= %s DESC, consent.given_at DESC, consent.id DESC LIMIT 1)""",
            moment, CLOCKS, moment)

    # ------------------------------------------------------------
    # HOURS
    # ------------------------------------------------------------

    def _sql_reading(self):
        local = SQL("(message.read_at AT TIME ZONE 'UTC' AT TIME ZONE %s)", self._sql_zone())
        return SQL("%(local)s AS read_local, to_char(%(local)s, 'ID') AS read_weekday, "
                   "to_char(%(local)s, 'HH24') AS read_hour", local=local)

    def _sql_zone(self):
        """The zone of the contact, else of the number; one that may be in several is in the company's if that is one
        of them, else in the middle one."""
        return SQL(
            """COALESCE(
                CASE WHEN partner.tz IN (SELECT name FROM pg_timezone_names) THEN partner.tz END,
                (SELECT CASE WHEN house.tz = ANY(string_to_array(zone.names, ',')) THEN house.tz ELSE zone.name END
                   FROM fluxforce_marketing_zone zone
                  WHERE zone.beginning = ANY(%s)
                  ORDER BY length(zone.beginning) DESC LIMIT 1),
                CASE WHEN house.tz IN (SELECT name FROM pg_timezone_names) THEN house.tz END, 'UTC')""",
            self._sql_beginnings())

    def _sql_beginnings(self):
        """:return: SQL of an array of all beginnings of the number, so that each is looked up in an index."""
        return SQL('ARRAY[%s]', SQL(', ').join(
            SQL('substr(message.phone, 2, %s)', digits) for digits in range(LONGEST + 1)))

    # ------------------------------------------------------------
    # STOPS
    # ------------------------------------------------------------

    def _sql_stops(self):
        """What Meta refused because the person had stopped us there counts as blocked, and not once more."""
        refused = SQL("COALESCE(message.state = 'failed' AND message.error_code = %s, false)", meta.ERROR_OPTED_OUT)
        return SQL(
            '(%(refused)s OR COALESCE(stop.kinds & 1 = 1, false))::integer AS blocked, '
            '(NOT %(refused)s AND COALESCE(stop.kinds & 2 = 2, false))::integer AS opted_out', refused=refused)

    def _sql_stop(self):
        """In a campaign the last message before a stop is what it counts for.

        :return: SQL of ``kinds``: 1 for a stop in WhatsApp itself, 2 for one said elsewhere, 3 for both, else NULL.
        """
        return SQL(
            """SELECT bit_or(CASE consent.source WHEN 'meta' THEN 1 ELSE 2 END) AS kinds
                 FROM fluxforce_whatsapp_consent consent
                WHERE consent.company_id = message.company_id AND consent.phone = message.phone
                  AND consent.decision = 'withdrawn' AND consent.purpose = message.purpose
                  -- A consent that ends by itself, as in a journey that asks for it anew, is no stop of the person.
                  AND consent.source != 'other'
                  AND consent.given_at BETWEEN message.claimed_at - %s
                                           AND message.claimed_at + make_interval(days => %s)
                  AND NOT EXISTS (SELECT 1 FROM fluxforce_whatsapp_consent later WHERE later.corrects_id = consent.id)
                  AND NOT EXISTS (
                      SELECT 1 FROM fluxforce_whatsapp_message later
                       WHERE later.participant_id = message.participant_id
                         AND later.claimed_at > message.claimed_at AND later.claimed_at <= consent.given_at + %s)""",
            CLOCKS, STOP_DAYS, CLOCKS)

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def _sql_money(self):
        return SQL(
            """COALESCE(brought.count, 0)::integer AS conversions, COALESCE(brought.orders, 0)::integer AS orders,
               COALESCE(brought.amount, 0) AS amount, price.amount * rates.rate AS cost,
               (charged.day IS NOT NULL AND price.amount IS NULL)::integer AS unpriced""")

    def _sql_charged(self):
        """:return: SQL of the ``day`` whose prices count for a message; none for one that costs nothing."""
        return SQL(
            """SELECT max(reached.day) AS day FROM (
                      SELECT COALESCE(message.delivered_at, message.claimed_at, message.create_date)::date AS day
                       WHERE %s) reached""", self._sql_reached())

    def _sql_price(self):
        """The price of the day and the longest country code that fits, as ``policy.price`` finds it; Meta tells no
        amounts."""
        category = SQL(' ').join(
            SQL('WHEN %s THEN %s', purpose, category) for purpose, category in CATEGORIES.items())
        return SQL(
            """SELECT min(found.amount) AS amount, min(found.currency_id) AS currency_id FROM (
                      SELECT price.amount, price.currency_id FROM fluxforce_whatsapp_price price
                       WHERE price.category = CASE message.purpose %s END AND price.valid_from <= charged.day
                         AND (price.company_id IS NULL OR price.company_id = message.company_id)
                         AND starts_with(message.phone, '+' || COALESCE(price.prefix, ''))
                       ORDER BY length(COALESCE(price.prefix, '')) DESC, price.valid_from DESC,
                                price.company_id NULLS LAST
                       LIMIT 1) found""", category)

    def _sql_rates(self):
        """It depends on a day, two currencies and a company only, so PostgreSQL remembers it (Memoize).

        :return: SQL of the ``rate`` between the currency of a price and that of the company.
        """
        return SQL(
            'SELECT max(found.rate) AS rate FROM (SELECT CASE WHEN price.currency_id = company.currency_id THEN 1.0 '
            'ELSE %s / %s END AS rate) found',
            self._sql_rate(SQL('company.currency_id')), self._sql_rate(SQL('price.currency_id')))

    def _sql_rate(self, currency):
        """The rate of a day as ``res.currency`` finds it: of the main company, else of all; before the first one, that.
        """
        return SQL(
            """COALESCE((SELECT rate.rate FROM res_currency_rate rate
                          WHERE rate.currency_id = %s
                            AND (rate.company_id IS NULL
                                 OR rate.company_id = split_part(company.parent_path, '/', 1)::integer)
                          ORDER BY (rate.name <= charged.day) DESC, rate.company_id NULLS LAST,
                                   abs(rate.name - charged.day) LIMIT 1),
                        1.0)""", currency)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_message(self):
        self.ensure_one()
        return self.message_id._get_records_action(context={})
