from odoo import fields, models

REASONS = [
    ('filter', 'The record does not fit'),
    ('late', 'Its time was over'),
    ('absent', 'It did not happen in time'),
    ('elsewhere', 'Another way was taken'),
    ('past', 'The date was over'),
    ('no_date', 'The record has no date'),
    ('cap', 'Enough messages'),
    ('duplicate', 'Somebody else has the number'),
    ('goal', 'Goal reached'),
    ('exit', 'Left the campaign'),
    ('stopped', 'Said stop'),
    ('parked', 'Another step failed'),
    ('ended', 'The campaign was over'),
]


class FluxforceCampaignTrace(models.Model):
    """What one step does or did for one participant: exactly one for each; written by the campaign only."""

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
        ('waiting', 'Waiting'),
        ('done', 'Done'),
        ('skipped', 'Passed Over'),
        ('failed', 'Failed'),
        ('cancelled', 'Cancelled'),
    ], required=True, readonly=True, default='waiting')
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
    _activity_idx = models.Index('(activity_id, state)')
