from odoo import api, fields, models
from odoo.fields import Domain


class FluxforceWhatsappMessage(models.Model):
    """Messages know the campaign, the step and the participant they are for."""

    _inherit = 'fluxforce.whatsapp.message'

    campaign_id = fields.Many2one('fluxforce.campaign', readonly=True, ondelete='set null')
    campaign_activity_id = fields.Many2one('fluxforce.campaign.activity', readonly=True, index='btree_not_null',
                                           ondelete='set null')
    participant_id = fields.Many2one('fluxforce.campaign.participant', readonly=True, ondelete='set null',
                                     help='Empty for a message that a later one has taken the place of.')

    campaign_trace_ids = fields.One2many('fluxforce.campaign.trace', 'message_id', 'Campaign Steps', readonly=True)

    report_ids = fields.One2many('fluxforce.marketing.report', 'message_id', readonly=True,
                                 groups='fluxforce_whatsapp_marketing.group_whatsapp_marketer',
                                 help='Technical: what became of it, if it counts for a campaign or a mailing.')

    # Whatever the workers do: one message for a participant's activity.
    _participant_unique = models.UniqueIndex(
        '(participant_id, campaign_activity_id) WHERE participant_id IS NOT NULL',
        'This participant has this message already.')
    _campaign_idx = models.Index('(campaign_id, state) WHERE campaign_id IS NOT NULL')
    # What the frequency cap asks about people.
    _campaign_person_idx = models.Index('(phone, create_date) WHERE campaign_id IS NOT NULL')

    @api.model_create_multi
    def create(self, vals_list):
        """A participant's message takes the place of an earlier one that was taken back or is sent again."""
        self._make_room([values for values in vals_list if values.get('participant_id')])
        messages = super().create(vals_list)
        of_participants = messages.filtered('participant_id')
        if of_participants:
            self.env['fluxforce.campaign.trace']._follow(of_participants)
            self.env['fluxforce.campaign.participant']._follow(of_participants)
            of_participants.participant_id._close_done()
        return messages

    def write(self, vals):
        """What becomes of a campaign's message may be what a step waits for."""
        result = super().write(vals)
        if 'state' in vals and (ids := self._origin.filtered('participant_id').ids):
            self.flush_recordset(['state'])
            self.env['fluxforce.campaign.signal']._note_moved(ids)
        return result

    def _make_room(self, vals_list):
        """Detach the messages whose place the new ones take."""
        if not vals_list:
            return
        earlier = self.search([
            ('participant_id', 'in', [values['participant_id'] for values in vals_list]),
            ('campaign_activity_id', 'in', list({values.get('campaign_activity_id') for values in vals_list}))])
        earlier.write({'participant_id': False})
        earlier.flush_recordset(['participant_id'])  # before the new rows meet the unique index

    @api.model
    def _forgotten_domain(self):
        halted = Domain('reason', '=', 'halted') & Domain('campaign_id.state', 'not in', ('stopped', 'paused'))
        return super()._forgotten_domain() | halted

    def _draft_fields(self):
        return [*super()._draft_fields(), 'campaign_id', 'participant_id']

    def _to_drafts(self):
        drafts = super()._to_drafts()
        for message, draft in zip(self, drafts, strict=True):
            draft.update(campaign_id=message.campaign_id.id, participant_id=message.participant_id.id)
        return drafts

    def _prepare_again_draft(self):
        # sudo: message - who sends again need not see campaigns
        message_sudo = self.sudo()
        return {
            **super()._prepare_again_draft(),
            'campaign_id': message_sudo.campaign_id.id,
            'campaign_activity_id': message_sudo.campaign_activity_id.id,
            'participant_id': message_sudo.participant_id.id,
            **({'expires_at': message_sudo.campaign_id.ends_at} if message_sudo.campaign_id.ends_at else {}),
        }

    @api.depends('participant_id', 'campaign_id')
    def _compute_may(self):
        """What a campaign took back is sent anew by the campaign; put back by hand it would go out twice."""
        super()._compute_may()
        for message in self:
            # sudo: message - who looks need not see campaigns
            message.may_be_put_back = message.may_be_put_back and not message.sudo().campaign_id

    def _take_back(self):
        """Cancel messages of participants that have not gone yet; these wait for them again.

        :return: the messages that were cancelled; those a sender holds stay as they are.
        """
        waiting = self.try_lock_for_update()
        waiting.write({'state': 'cancelled', 'reason': False, 'reason_detail': False})
        waiting._sync_notifications()
        waiting.participant_id._step_back(waiting)
        return waiting
