from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..flow import steps


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
    state = fields.Selection([
        (steps.WAITING, 'Waiting'),
        (steps.DONE, 'Done'),
        (steps.DUPLICATE, 'Duplicate'),
        (steps.ERROR, 'Error'),
        (steps.STOPPED, 'Said Stop'),
    ], required=True, readonly=True, default=steps.WAITING,
        help='Duplicate: somebody earlier in the campaign has the same number, and one person gets it once. Said Stop: '
             'the person wanted no more before their turn came.')
    error = fields.Text(readonly=True)
    activity_id = fields.Many2one('fluxforce.campaign.activity', 'Last Activity', readonly=True,
                                  index='btree_not_null', ondelete='set null')
    due_at = fields.Datetime('Not before', readonly=True)
    trace_ids = fields.One2many('fluxforce.campaign.trace', 'participant_id', 'Steps', readonly=True)
    message_id = fields.Many2one('fluxforce.whatsapp.message', 'Message', readonly=True, index='btree_not_null',
                                 ondelete='set null')
    message_state = fields.Selection(related='message_id.state', string='Message State')
    explanation = fields.Char(compute='_compute_explanation')

    _record_unique = models.Constraint('unique(campaign_id, res_id)', 'This record is already in the campaign.')
    _phone_unique = models.UniqueIndex("(campaign_id, phone) WHERE phone IS NOT NULL AND state != 'duplicate'",
                                       'This number is already in the campaign.')
    # What the cron asks for in every batch; holds only who waits.
    _waiting_idx = models.Index("(campaign_id, id) WHERE state = 'waiting'")

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

    def _to_flow(self):
        """:return: what the step machine needs to know, in the order of ``self``."""
        return [steps.Participant(participant.id, participant.state, participant.activity_id.id or None,
                                  participant.due_at or None) for participant in self]

    def _advance(self, messages):
        """Note that an activity was done for each, by the message it made.

        :param messages: messages of participants, at most one each.
        """
        for activity, group in messages.grouped('campaign_activity_id').items():
            state = steps.state_after(activity.id, activity.campaign_id.activity_ids._to_flow())
            group.participant_id.write({'state': state, 'activity_id': activity.id, 'error': False})
        for message in messages:
            message.participant_id.message_id = message

    def _step_back(self):
        """Let them wait again for the activity that was taken back."""
        for activity, group in self.grouped('activity_id').items():
            previous = steps.before(activity.id, activity.campaign_id.activity_ids._to_flow())
            group.write({'state': steps.WAITING, 'activity_id': previous})

    @api.model
    def _end_for(self, company, people, purposes):
        """End the journeys of people who want no more messages for some purposes.

        :param list people: (contact, maybe empty; E.164 number or False) of each.
        """
        contacts = self.env['res.partner'].concat(*[partner for partner, __ in people])
        phones = [phone for __, phone in people if phone]
        waiting = self.search(
            Domain('company_id', '=', company.id) & Domain('state', '=', steps.WAITING)
            & (Domain('partner_id', 'in', contacts.ids) | Domain('phone', 'in', phones)))
        served = waiting.campaign_id.filtered(lambda campaign: any(
            template._purpose() in purposes for template in campaign.activity_ids.template_id))
        waiting.filtered(lambda participant: participant.campaign_id in served).write({'state': steps.STOPPED})

    def _park(self, error):
        """Put aside who cannot be served, with the reason; the others go on."""
        self.write({'state': steps.ERROR, 'error': error})

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
        parked.write({'state': steps.WAITING, 'error': False})
        parked.campaign_id.filtered(lambda campaign: campaign.state == 'done').write({'state': 'running'})
        self.env['fluxforce.campaign']._wake()

    def action_open_record(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }

    def action_open_message(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'fluxforce.whatsapp.message',
            'res_id': self.message_id.id,
            'views': [(False, 'form')],
        }
