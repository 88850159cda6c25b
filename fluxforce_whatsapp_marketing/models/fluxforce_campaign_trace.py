from odoo import api, fields, models

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import steps, tree

REASONS = [
    ('filter', 'The record does not fit'),
    ('late', 'Its time was over'),
    ('absent', 'It did not happen in time'),
    ('elsewhere', 'Another way was taken'),
    ('past', 'The date was over'),
    ('no_date', 'The record has no date'),
    ('cap', 'Enough messages'),
    ('no_email', 'No e-mail address to write to'),
    ('no_phone', 'No phone number to write to'),
    ('blacklist', 'On the blacklist of phones'),
    ('withdrawn', 'Has said they want no more of it'),
    ('no_text', 'Nothing left of the text'),
    ('duplicate', 'Somebody else has the number'),
    ('goal', 'Goal reached'),
    ('exit', 'Left the campaign'),
    ('stopped', 'Said stop'),
    ('parked', 'Another step failed'),
    ('ended', 'The campaign was over'),
]
# Columns that keep when a person first did something with a message, by kind of the signal.
MOMENT_OF = {'replied': 'replied_at', 'clicked': 'clicked_at', 'opted_out': 'opted_out_at'}
# Triggers of which only one happens, as pairs.
OPPOSITES = [(denying, denied) for denying, all_denied in tree.DENIES.items() for denied in sorted(all_denied)]
# What waits for something that happens to the message before it.
LISTENING = (tree.DONE, *tree.AFTER_MESSAGE)


class FluxforceCampaignTrace(models.Model):
    """What one step does or did for one participant: exactly one for each; written by the campaign only.

    There are many, so they are written by statements that are about a batch.
    """

    _name = 'fluxforce.campaign.trace'
    _description = 'WhatsApp Campaign Trace'
    _order = 'id desc'

    campaign_id = fields.Many2one('fluxforce.campaign', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', readonly=True, index=True)
    participant_id = fields.Many2one('fluxforce.campaign.participant', required=True, readonly=True,
                                     ondelete='cascade')
    activity_id = fields.Many2one('fluxforce.campaign.activity', 'Step', required=True, readonly=True,
                                  ondelete='cascade')
    state = fields.Selection([
        (steps.WAITING, 'Waiting'),
        (steps.DONE, 'Done'),
        (steps.SKIPPED, 'Passed Over'),
        (steps.FAILED, 'Failed'),
        (steps.CANCELLED, 'Cancelled'),
    ], required=True, readonly=True, default=steps.WAITING)
    due_at = fields.Datetime('Not before', readonly=True, help='Empty: it waits for what becomes of the message '
                                                               'before it.')
    done_at = fields.Datetime('Done on', readonly=True)
    reason = fields.Selection(REASONS, readonly=True)
    error = fields.Text(readonly=True)
    message_id = fields.Many2one('fluxforce.whatsapp.message', 'Message', readonly=True, index='btree_not_null',
                                 ondelete='set null')
    message_state = fields.Selection(related='message_id.state', string='Message State')
    # What the person did with the message, each the first time.
    replied_at = fields.Datetime('Replied', readonly=True)
    clicked_at = fields.Datetime('Followed a Link', readonly=True)
    opted_out_at = fields.Datetime('Wanted No More', readonly=True)
    reply_ids = fields.Json(readonly=True, help='Technical: ids of the messages the person answered with.')

    _step_unique = models.Constraint('unique(participant_id, activity_id)', 'This participant has this step already.')
    # What the runner asks for in every batch; it holds only what waits.
    _due_idx = models.Index("(campaign_id, due_at, id) WHERE state = 'waiting'")
    # Whether anything is left for somebody.
    _waiting_idx = models.Index("(participant_id) WHERE state = 'waiting'")
    _activity_idx = models.Index('(activity_id, state)')

    @api.depends('participant_id', 'activity_id')
    def _compute_display_name(self):
        for trace in self:
            trace.display_name = f'{trace.activity_id.display_name}: {trace.participant_id.display_name}'

    # ------------------------------------------------------------
    # PLANNED
    # ------------------------------------------------------------

    @api.model
    def _insert(self, rows):
        """Let steps be waited for; who waits for one or had it already is left as they are.

        :param list rows: (campaign, company, participant, activity, state, due_at, reason), ids
        """
        if not rows:
            return
        now = fields.Datetime.now()
        self.env.cr.execute_values("""
            INSERT INTO fluxforce_campaign_trace
                        (campaign_id, company_id, participant_id, activity_id, state, due_at, reason,
                         create_uid, create_date, write_uid, write_date)
                 VALUES %s
            ON CONFLICT (participant_id, activity_id) DO NOTHING
        """, [(*row, self.env.uid, now, self.env.uid, now) for row in rows], page_size=BATCH)
        self.invalidate_model()

    # ------------------------------------------------------------
    # SETTLED
    # ------------------------------------------------------------

    @api.model
    def _settle(self, rows):
        """Write what became of traces that were waiting.

        :param list rows: (id, state, due_at, done_at, reason)
        """
        if not rows:
            return
        self.env.cr.execute_values("""
            UPDATE fluxforce_campaign_trace trace
               SET state = new.state, due_at = new.due_at, done_at = new.done_at, reason = new.reason, error = NULL
              FROM (VALUES %s) AS new (id, state, due_at, done_at, reason)
             WHERE trace.id = new.id AND trace.state = 'waiting'
        """, rows, template='(%s, %s, %s::timestamp, %s::timestamp, %s)', page_size=len(rows))
        self.invalidate_model()

    @api.model
    def _cancel(self, participants, reason):
        """Let nothing more come of what waits for participants, but what is for those who want no more."""
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace trace SET state = 'cancelled', reason = %s
              FROM fluxforce_campaign_activity activity
             WHERE trace.participant_id = ANY(%s) AND trace.state = 'waiting' AND activity.id = trace.activity_id
               AND (%s != 'stopped' OR activity.trigger != 'opted_out')
        """, [reason, participants.ids, reason])
        self.invalidate_model()

    @api.model
    def _exclude(self, pairs):
        """Pass over what does not happen any more because its opposite was done.

        :param list pairs: (participant, activity), ids
        """
        if not pairs:
            return
        self.env.cr.execute_values("""
            UPDATE fluxforce_campaign_trace trace SET state = 'skipped', reason = 'elsewhere'
              FROM (VALUES %s) AS pair (participant_id, activity_id)
             WHERE trace.participant_id = pair.participant_id AND trace.activity_id = pair.activity_id
               AND trace.state = 'waiting'
        """, pairs, page_size=len(pairs))
        self.invalidate_model()

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    @api.model
    def _follow(self, messages):
        """Note that steps were done, by the messages they made, and wait for what follows them: also when one is sent
        again by hand.

        :param messages: of participants, just written.
        """
        self.env.flush_all()
        values = {'now': fields.Datetime.now(), 'ids': messages.ids, 'lost': list(steps.LOST), 'uid': self.env.uid}
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace trace
               SET state = 'done', done_at = %(now)s, message_id = message.id, reason = NULL, error = NULL
              FROM fluxforce_whatsapp_message message
             WHERE message.id = ANY(%(ids)s) AND trace.participant_id = message.participant_id
               AND trace.activity_id = message.campaign_activity_id
        """, values)
        self._revive(values)
        self.env.cr.execute("""
            INSERT INTO fluxforce_campaign_trace
                        (campaign_id, company_id, participant_id, activity_id, state, due_at,
                         create_uid, create_date, write_uid, write_date)
            SELECT participant.campaign_id, participant.company_id, participant.id, child.id, 'waiting',
                   CASE WHEN child.trigger = 'date' OR message.state = ANY(%(lost)s) THEN %(now)s END,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM fluxforce_whatsapp_message message
              JOIN fluxforce_campaign_participant participant
                ON participant.id = message.participant_id AND participant.state = 'waiting'
              JOIN fluxforce_campaign_activity child
                ON child.parent_id = message.campaign_activity_id AND child.active
             WHERE message.id = ANY(%(ids)s)
            ON CONFLICT (participant_id, activity_id) DO NOTHING
        """, values)
        self.invalidate_model()

    def _revive(self, values):
        """What was passed over because the message before it was lost may happen now that it is sent again.

        Who was through for that is on the way once more. What was done because it was lost stays done, and so does
        what that excludes.
        """
        self.env.cr.execute("""
            WITH revived AS (
                UPDATE fluxforce_campaign_trace child
                   SET state = 'waiting', reason = NULL,
                       due_at = CASE WHEN message.state = ANY(%(lost)s) THEN %(now)s::timestamp END
                  FROM fluxforce_whatsapp_message message, fluxforce_campaign_activity activity,
                       fluxforce_campaign_participant participant
                 WHERE message.id = ANY(%(ids)s) AND activity.parent_id = message.campaign_activity_id
                   AND activity.active AND activity.trigger != 'date'
                   AND participant.id = message.participant_id AND participant.state IN ('waiting', 'done')
                   AND child.participant_id = participant.id AND child.activity_id = activity.id
                   AND child.state = 'skipped' AND child.reason = 'absent'
                   AND NOT EXISTS (
                       SELECT 1 FROM fluxforce_campaign_trace other
                         JOIN fluxforce_campaign_activity sibling ON sibling.id = other.activity_id
                         JOIN unnest(%(denying)s, %(denied)s) AS pair (denying, denied)
                           ON pair.denying = sibling.trigger AND pair.denied = activity.trigger
                        WHERE other.participant_id = participant.id AND other.state = 'done'
                          AND sibling.parent_id = activity.parent_id)
             RETURNING child.participant_id)
            UPDATE fluxforce_campaign_participant participant SET state = 'waiting', ended_at = NULL
             WHERE participant.state = 'done' AND participant.id IN (SELECT participant_id FROM revived)
         RETURNING participant.campaign_id
        """, {**values, 'denying': [pair[0] for pair in OPPOSITES], 'denied': [pair[1] for pair in OPPOSITES]})
        if again := {campaign_id for campaign_id, in self.env.cr.fetchall()}:
            self.env['fluxforce.campaign.participant'].invalidate_model()
            # sudo: campaign - who sends a message again need not see campaigns
            self.env['fluxforce.campaign'].sudo().browse(again)._go_on_again()

    @api.model
    def _step_back(self, messages):
        """Let steps be waited for again whose messages were taken back, and forget what was to follow them."""
        self.env.cr.execute("""
            DELETE FROM fluxforce_campaign_trace child
             USING fluxforce_campaign_trace before, fluxforce_campaign_activity activity
             WHERE before.message_id = ANY(%(ids)s) AND activity.parent_id = before.activity_id
               AND child.participant_id = before.participant_id AND child.activity_id = activity.id
               AND child.state IN ('waiting', 'skipped')
        """, {'ids': messages.ids})
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace trace
               SET state = CASE WHEN participant.state IN ('waiting', 'done') THEN 'waiting' ELSE 'cancelled' END,
                   due_at = %(now)s, done_at = NULL, message_id = NULL
              FROM fluxforce_campaign_participant participant
             WHERE trace.message_id = ANY(%(ids)s) AND participant.id = trace.participant_id
        """, {'ids': messages.ids, 'now': fields.Datetime.now()})
        self.invalidate_model()

    @api.model
    def _keep_facts(self, signals):
        """Keep what people did with messages: each first moment, and all replies.

        :param list signals: dicts with message_id, kind, moment and inbound_id.
        """
        for kind, column in MOMENT_OF.items():
            rows = [(signal['message_id'], signal['moment'], signal['inbound_id'])
                    for signal in signals if signal['kind'] == kind]
            if rows:
                self._keep_kind(column, rows)
        self.invalidate_model()

    def _keep_kind(self, column, rows):
        self.env.cr.execute_values(f"""
            UPDATE fluxforce_campaign_trace trace
               SET {column} = LEAST(trace.{column}, new.moment),
                   reply_ids = COALESCE(trace.reply_ids, '[]'::jsonb) || new.replies
              FROM (SELECT message_id, min(moment) AS moment,
                           COALESCE(jsonb_agg(inbound_id) FILTER (WHERE inbound_id IS NOT NULL), '[]') AS replies
                      FROM (VALUES %s) AS said (message_id, moment, inbound_id) GROUP BY message_id) new
             WHERE trace.message_id = new.message_id
        """, rows, template='(%s, %s::timestamp, %s::int)', page_size=len(rows))

    @api.model
    def _look_again(self, message_ids):
        """Let all that wait for something to happen to these messages be asked about now."""
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace child SET due_at = %s
              FROM fluxforce_campaign_trace before, fluxforce_campaign_activity activity
             WHERE before.message_id = ANY(%s) AND activity.parent_id = before.activity_id
               AND activity.trigger = ANY(%s)
               AND child.participant_id = before.participant_id AND child.activity_id = activity.id
               AND child.state = 'waiting'
        """, [fields.Datetime.now(), list(message_ids), list(LISTENING)], log_exceptions=False)
        self.invalidate_model()

    @api.model
    def _look_again_at_forgotten(self):
        """Messages that have come to an end although nobody told it: whoever waits for them is asked about now.

        :return: how many
        """
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace child SET due_at = %s
              FROM fluxforce_campaign_trace before, fluxforce_campaign_activity activity,
                   fluxforce_whatsapp_message message
             WHERE child.state = 'waiting' AND child.due_at IS NULL AND activity.id = child.activity_id
               AND before.participant_id = child.participant_id AND before.activity_id = activity.parent_id
               AND message.id = before.message_id AND message.state NOT IN ('queued', 'held', 'sending')
               AND NOT EXISTS (SELECT 1 FROM fluxforce_campaign_signal WHERE message_id = message.id)
        """, [fields.Datetime.now()], log_exceptions=False)
        self.invalidate_model()
        return self.env.cr.rowcount

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_message(self):
        self.ensure_one()
        return self.message_id._get_records_action(context={})
