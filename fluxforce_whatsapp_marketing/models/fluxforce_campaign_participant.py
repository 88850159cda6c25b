from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..flow import steps
from .fluxforce_campaign_watch import MAY_REACH


class FluxforceCampaignParticipant(models.Model):
    """One record in a campaign and where it stands there; written by the campaign only."""

    _name = 'fluxforce.campaign.participant'
    _description = 'WhatsApp Campaign Participant'
    _order = 'id desc'

    campaign_id = fields.Many2one('fluxforce.campaign', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one('res.company', readonly=True, index=True)
    res_model = fields.Char('Record Model', required=True, readonly=True)
    res_id = fields.Many2oneReference('Record', model_field='res_model', required=True, readonly=True)
    partner_id = fields.Many2one('res.partner', 'Contact', readonly=True, index='btree_not_null', ondelete='set null')
    phone = fields.Char(readonly=True, help='In international form.')
    # The number where each person takes part once: empty for duplicates and for whom a later entry took the place of.
    person_key = fields.Char(readonly=True, copy=False)
    tz = fields.Char('Time Zone', readonly=True)
    entry = fields.Selection([('audience', 'Audience'), ('action', 'Server Action')], 'Came by', required=True,
                             readonly=True, default='audience')
    is_current = fields.Boolean('Latest Time', readonly=True, default=True,
                                help='Who comes in once more is a participant anew; the former one is kept.')
    entered_at = fields.Datetime('Came In', readonly=True, default=fields.Datetime.now)
    ended_at = fields.Datetime('Ended', readonly=True)
    reached_at = fields.Datetime('Goal Reached', readonly=True)
    state = fields.Selection([
        (steps.WAITING, 'Waiting'),
        (steps.DONE, 'Done'),
        (steps.DUPLICATE, 'Duplicate'),
        (steps.ERROR, 'Error'),
        (steps.STOPPED, 'Said Stop'),
        (steps.GOAL, 'Goal Reached'),
        (steps.EXITED, 'Left'),
        (steps.HELD_OUT, 'Hold-Out'),
    ], required=True, readonly=True, default=steps.WAITING,
        help='Duplicate: somebody earlier in the campaign has the same number, and one person gets it once. Said Stop: '
             'the person wanted no more before their turn came. Hold-Out: gets nothing, to compare with.')
    error = fields.Text(readonly=True)
    activity_id = fields.Many2one('fluxforce.campaign.activity', 'Last Step', readonly=True, index='btree_not_null',
                                  ondelete='set null')
    trace_ids = fields.One2many('fluxforce.campaign.trace', 'participant_id', 'Steps', readonly=True)
    message_id = fields.Many2one('fluxforce.whatsapp.message', 'Message', readonly=True, index='btree_not_null',
                                 ondelete='set null')
    message_state = fields.Selection(related='message_id.state', string='Message State')
    explanation = fields.Char(compute='_compute_explanation')

    _record_unique = models.UniqueIndex('(campaign_id, res_id) WHERE is_current',
                                        'This record is already in the campaign.')
    _person_unique = models.UniqueIndex('(campaign_id, person_key) WHERE person_key IS NOT NULL',
                                        'This number is already in the campaign.')
    # What the cron asks for: who waits, and who may still reach the goal.
    _waiting_idx = models.Index("(campaign_id, id) WHERE state = 'waiting'")
    _phone_idx = models.Index('(phone) WHERE phone IS NOT NULL')
    _entered_idx = models.Index('(campaign_id, entered_at) WHERE reached_at IS NULL')

    @api.depends('partner_id', 'phone')
    def _compute_display_name(self):
        for participant in self:
            participant.display_name = participant.partner_id.display_name or participant.phone or ''

    @api.depends('state', 'error', 'message_id')
    @api.depends_context('lang')
    def _compute_explanation(self):
        duplicate = self.env._('Somebody earlier in the campaign has the same number.')
        for participant in self:
            own = duplicate if participant.state == steps.DUPLICATE else participant.error
            participant.explanation = own or participant.message_id.explanation

    # ------------------------------------------------------------
    # WHERE THEY STAND
    # ------------------------------------------------------------

    @api.model
    def _follow(self, messages):
        """Note the latest message of each, just written."""
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_participant participant
               SET message_id = message.id, activity_id = message.campaign_activity_id
              FROM fluxforce_whatsapp_message message
             WHERE message.id = ANY(%s) AND participant.id = message.participant_id
        """, [messages.ids])
        self.invalidate_model()

    def _close_done(self):
        """Note for whom nothing is left to come."""
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_participant participant SET state = 'done', ended_at = %s, error = NULL
             WHERE id = ANY(%s) AND state = 'waiting' AND NOT EXISTS (
                   SELECT 1 FROM fluxforce_campaign_trace trace
                    WHERE trace.participant_id = participant.id AND trace.state = 'waiting')
        """, [fields.Datetime.now(), self.ids])
        self.invalidate_model()

    @api.model
    def _close_overlooked(self, campaign):
        """Two workers that end the last two steps of somebody at the same moment each see the other one's waiting.

        Asked as the difference of two sets: however many people wait, and whatever the database believes of that.
        """
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_participant SET state = 'done', ended_at = %(now)s, error = NULL
             WHERE state = 'waiting' AND id = ANY(ARRAY(
                   SELECT id FROM fluxforce_campaign_participant WHERE campaign_id = %(campaign)s AND state = 'waiting'
                   EXCEPT
                   SELECT participant_id FROM fluxforce_campaign_trace
                    WHERE campaign_id = %(campaign)s AND state = 'waiting'))
        """, {'now': fields.Datetime.now(), 'campaign': campaign.id})
        if self.env.cr.rowcount:
            self.invalidate_model()

    def _step_back(self, messages):
        """Let them wait again for the steps whose messages were taken back."""
        self.env['fluxforce.campaign.trace']._step_back(messages)
        self.filtered(lambda participant: participant.state == steps.DONE).write({
            'state': steps.WAITING, 'ended_at': False})

    def _end(self, state, reason):
        """Let the journey end for those who are on it.

        :param str state: where they stand then.
        :param str reason: of what is not done any more.
        """
        now = fields.Datetime.now()
        reached = {'reached_at': now} if state == steps.GOAL else {}
        self.write({'state': state, 'ended_at': now, **reached})
        self.flush_recordset()
        self.env['fluxforce.campaign.trace']._cancel(self, reason)

    @api.model
    def _end_for(self, company, people, purposes):
        """End the journeys of people who want no more messages for some purposes.

        :param list people: (contact, maybe empty; E.164 number or False) of each.
        """
        contacts = self.env['res.partner'].concat(*[partner for partner, __ in people])
        phones = [phone for __, phone in people if phone]
        theirs = (Domain('company_id', '=', company.id) & Domain('is_current', '=', True)
                  & (Domain('partner_id', 'in', contacts.ids) | Domain('phone', 'in', phones)))
        waiting = self.search(theirs & Domain('state', 'in', (steps.WAITING, steps.ERROR)))
        served = waiting.campaign_id.filtered(lambda campaign: campaign.activity_ids._purposes() & set(purposes))
        self._note_opt_out(self.search(theirs & Domain('state', 'in', (steps.WAITING, steps.DONE))))
        waiting.filtered(lambda participant: participant.campaign_id in served)._end(steps.STOPPED, 'stopped')

    def _note_opt_out(self, participants):
        """What follows somebody's wish for no more is done although their journey has ended."""
        since = fields.Datetime.now() - steps.PATIENCE
        messages = participants.message_id.filtered(
            lambda message: message.state in steps.GONE and message.create_date >= since)
        if messages:
            self.env['fluxforce.campaign.signal']._note(messages, 'opted_out')

    @api.model
    def _heed_replies(self, message_ids):
        """Let those leave, or reach the goal, for whom a reply is that.

        :param list message_ids: the messages that were replied to.
        """
        replied = self.env['fluxforce.whatsapp.message'].browse(message_ids).participant_id
        for campaign, group in replied.grouped('campaign_id').items():
            if campaign.on_reply == 'exit':
                group.filtered(lambda participant: participant.state == steps.WAITING)._end(steps.EXITED, 'exit')
            elif campaign.on_reply == 'goal':
                self.env['fluxforce.campaign.watch']._reach(group._who_may_reach(campaign))

    def _who_may_reach(self, campaign):
        """:return: those for whom it counts if they reach the goal now: also who is through, as long as their days for
            it are not over."""
        watch = self.env['fluxforce.campaign.watch']
        since = watch._counts_since(campaign)
        return self.filtered(lambda participant: participant.state == steps.WAITING or (
            participant.state in MAY_REACH and not participant.reached_at and participant.entered_at >= since))

    def _park(self, error):
        """Put aside who cannot be served, with the reason; the others go on."""
        self.write({'state': steps.ERROR, 'error': error})
        self.flush_recordset()
        self.env['fluxforce.campaign.trace']._cancel(self, 'parked')

    def _unpark(self):
        """Let steps be tried again that failed, and those that waited for that."""
        self.write({'state': steps.WAITING, 'error': False})
        self.flush_recordset()
        self.env.cr.execute("""
            UPDATE fluxforce_campaign_trace
               SET state = 'waiting', reason = NULL, error = NULL,
                   due_at = CASE WHEN state = 'failed' THEN %(now)s ELSE COALESCE(due_at, %(now)s) END
             WHERE participant_id = ANY(%(ids)s)
               AND (state = 'failed' OR (state = 'cancelled' AND reason = 'parked'))
        """, {'ids': self.ids, 'now': fields.Datetime.now()})
        self.env['fluxforce.campaign.trace'].invalidate_model()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try_again(self):
        """Let who was put aside for an error wait once more."""
        self.check_access('read')
        # sudo: participant, campaign - written by the buttons and the cron only
        parked = self.sudo().filtered(lambda participant: participant.state == steps.ERROR)
        if not parked:
            raise UserError(self.env._('Only participants with an error can be tried again.'))
        parked._unpark()
        parked.campaign_id._go_on_again()

    def action_open_record(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }

    def action_open_traces(self):
        """Show each step of a participant."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.fluxforce_campaign_trace_action')
        return {**action, 'domain': [('participant_id', 'in', self.ids)], 'context': {'create': False}}

    def action_open_message(self):
        self.ensure_one()
        return self.message_id._get_records_action(context={})
