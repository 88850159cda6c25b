from dataclasses import dataclass, field
from datetime import timedelta, timezone

from odoo import api, fields, models

from odoo.addons.fluxforce_whatsapp.policy.quiet_hours import known_zones, quiet_until, zones_of_phone

from ..flow import steps, tree
from ..flow.timing import Openings

# Working hours are looked up so far around now: what lies further away is asked about again by then. (Our own choice.)
HORIZON = timedelta(days=21)
BUTTON_TYPES = ('button', 'interactive')
# Whatever became of the message: these are not its columns but its step's, or computed from both.
COLUMNS = """
    SELECT trace.id, trace.participant_id, trace.activity_id, participant.res_id, participant.partner_id,
           participant.phone, participant.tz, participant.state AS standing, participant.res_model,
           COALESCE(before.done_at, participant.entered_at) AS begun_at, before.id AS before_id,
           before.clicked_at, before.opted_out_at, before.reply_ids,
           message.state AS message_state, message.reason AS message_reason, message.error_code,
           COALESCE(message.accepted_at, message.unknown_at, message.claimed_at) AS gone_at,
           message.delivered_at, message.read_at, message.failed_at
      FROM fluxforce_campaign_trace trace
      JOIN fluxforce_campaign_participant participant ON participant.id = trace.participant_id
      JOIN fluxforce_campaign_activity activity ON activity.id = trace.activity_id
      LEFT JOIN fluxforce_campaign_trace before
        ON before.participant_id = trace.participant_id AND before.activity_id = activity.parent_id
      LEFT JOIN fluxforce_whatsapp_message message ON message.id = before.message_id
     WHERE trace.id = ANY(%s)
     ORDER BY trace.due_at, trace.id
"""


@dataclass(slots=True)
class Case:
    """A trace that waits, with all that matters to what becomes of it.

    :ivar id: of the trace
    :ivar participant, activity, record: ids
    :ivar partner: id of the contact, or None
    :ivar person: what tells people apart, for lots and limits
    :ivar standing: state of the participant
    :ivar facts: :class:`flow.steps.Facts`
    """

    id: int
    participant: int
    activity: int
    record: int
    partner: int | None
    phone: str | None
    person: str
    standing: str
    facts: steps.Facts = field(repr=False)


class FluxforceCampaignFacts(models.AbstractModel):
    """Reads what the step machine needs to know about traces: everything for a batch at once."""

    _name = 'fluxforce.campaign.facts'
    _description = 'WhatsApp Campaign Facts'

    @api.model
    def _cases(self, campaign, trace_ids):
        """:return: a :class:`Case` for each trace, in the order in which they were due."""
        # The ORM may have in hand what the statement reads.
        self.env.flush_all()
        self.env.cr.execute(COLUMNS, [trace_ids])
        rows = self.env.cr.dictfetchall()
        replies, openings = self._replies(rows), self._openings(campaign)
        follows_message = self._followers_of_messages(campaign)
        return [self._case(row, replies, openings, row['activity_id'] in follows_message) for row in rows]

    def _case(self, row, replies, openings, follows_message):
        person = row['phone'] or f'{row["res_model"]},{row["res_id"]}'
        names = ('gone_at', 'delivered_at', 'read_at', 'failed_at', 'clicked_at', 'opted_out_at')
        return Case(
            row['id'], row['participant_id'], row['activity_id'], row['res_id'], row['partner_id'], row['phone'],
            person, row['standing'],
            steps.Facts(
                row['begun_at'], row['tz'], state=self._message_state(row, follows_message),
                failure=tuple(str(value) for value in (row['error_code'], row['message_reason']) if value),
                replies=tuple(replies[reply] for reply in row['reply_ids'] or () if reply in replies),
                openings=lambda hours, moment: openings(hours, moment, row['phone'], row['tz']),
                **{name: self._to_second(row[name]) for name in names}))

    def _to_second(self, moment):
        """Odoo's clock shows whole seconds: what has just happened must not be a moment that is still to come."""
        return moment and moment.replace(microsecond=0)

    def _message_state(self, row, follows_message):
        """A message that is not there any more has not gone out; what is no message has no state."""
        return (row['message_state'] or 'cancelled') if follows_message else None

    def _followers_of_messages(self, campaign):
        return set(campaign.activity_ids.filtered(lambda activity: activity.parent_id.type in tree.MESSAGE_TYPES).ids)

    def _replies(self, rows):
        """:return: :class:`flow.steps.Reply` by id of what people wrote, in the order in which they wrote it."""
        ids = {reply for row in rows for reply in row['reply_ids'] or ()}
        if not ids:
            return {}
        # sudo: inbound - a step may follow from the words; nobody is shown them
        received = self.env['fluxforce.whatsapp.inbound'].sudo().browse(ids).exists().sorted('sent_at')
        return {message.id: steps.Reply(message.sent_at, tree.folded(message.original), message.type in BUTTON_TYPES)
                for message in received}

    # ------------------------------------------------------------
    # HOURS
    # ------------------------------------------------------------

    def _openings(self, campaign):
        """:return: function (name of the hours, moment, number, time zone) -> first open moment."""
        named = set(campaign.activity_ids.mapped('hours'))
        working = self._working_hours(campaign.company_id) if 'working' in named else Openings()
        account = campaign.account_id

        def first(hours, moment, phone, zone):
            if hours == 'working':
                return working.first(moment)
            zones = known_zones(zones_of_phone(phone)) or known_zones((zone,)) or ('UTC',)
            return quiet_until(moment, zones, account.quiet_from, account.quiet_to) or moment

        return first

    def _working_hours(self, company):
        """:return: :class:`flow.timing.Openings` of a company around now, by its own calendar."""
        calendar = company.resource_calendar_id
        if not calendar:
            return Openings()
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        intervals = calendar._work_intervals_batch(now - HORIZON, now + HORIZON)[False]
        spans = tuple((self._naive(begin), self._naive(end)) for begin, end, __ in intervals)
        return Openings(spans, self._naive(now + HORIZON))

    def _naive(self, moment):
        return moment.astimezone(timezone.utc).replace(tzinfo=None)
