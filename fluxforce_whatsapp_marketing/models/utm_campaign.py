import logging
from collections import Counter

from odoo import api, fields, models

from .mailing_mailing import WHATSAPP

_logger = logging.getLogger(__name__)

MAILING_GROUP = 'mass_mailing.group_mass_mailing_user'


class UtmCampaign(models.Model):
    """Campaigns know their WhatsApp mailings and the tests among them."""

    _inherit = 'utm.campaign'

    mailing_whatsapp_ids = fields.One2many(
        'mailing.mailing', 'campaign_id', 'WhatsApp Mailings', domain=[('mailing_type', '=', WHATSAPP)],
        groups=MAILING_GROUP)
    mailing_whatsapp_count = fields.Integer('Number of WhatsApp Mailings', compute='_compute_mailing_whatsapp_count',
                                            groups=MAILING_GROUP)
    ab_testing_mailings_whatsapp_count = fields.Integer('A/B Test WhatsApp Mailings',
                                                        compute='_compute_mailing_whatsapp_count')
    ab_testing_whatsapp_winner_selection = fields.Selection(
        [('manual', 'Manual'), ('replied_ratio', 'Highest Reply Rate'), ('opened_ratio', 'Highest Read Rate'),
         ('clicks_ratio', 'Highest Click Rate')], 'WhatsApp Winner Selection', default='replied_ratio')

    @api.depends('mailing_whatsapp_ids')
    def _compute_mailing_whatsapp_count(self):
        groups = self.env['mailing.mailing']._read_group(
            [('campaign_id', 'in', self._origin.ids), ('mailing_type', '=', WHATSAPP)],
            ['campaign_id', 'ab_testing_enabled'], ['__count'])
        counts, tests = Counter(), Counter()
        for campaign, is_test, count in groups:
            counts[campaign.id] += count
            tests[campaign.id] += count if is_test else 0
        for campaign in self:
            campaign.mailing_whatsapp_count = counts[campaign._origin.id]
            campaign.ab_testing_mailings_whatsapp_count = tests[campaign._origin.id]

    def action_open_whatsapp_mailings(self):
        """Show the WhatsApp mailings of a campaign."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp_marketing.mailing_mailing_action_whatsapp')
        return {**action, 'domain': [('mailing_type', '=', WHATSAPP), ('campaign_id', '=', self.id)],
                'context': {'default_mailing_type': WHATSAPP, 'default_campaign_id': self.id}}

    # ------------------------------------------------------------
    # WINNERS
    # ------------------------------------------------------------

    @api.model
    def _whatsapp_tests_due(self):
        """:return: campaigns whose test is to be decided now."""
        return self.search([
            ('ab_testing_whatsapp_winner_selection', '!=', 'manual'), ('ab_testing_completed', '=', False),
            ('ab_testing_schedule_datetime', '<=', fields.Datetime.now()),
            ('mailing_whatsapp_ids', 'any', [('ab_testing_enabled', '=', True), ('state', 'in', ('sending', 'done'))])])

    def _send_whatsapp_winner(self):
        self.ensure_one()
        self.mailing_whatsapp_ids.filtered('ab_testing_enabled')[:1].action_send_winner_mailing()

    def _tell_no_winner(self, problem):
        """A person has to choose; the test is not decided by itself any more."""
        self.ab_testing_whatsapp_winner_selection = 'manual'
        for mailing in self.mailing_whatsapp_ids.filtered('ab_testing_enabled')[:1]:
            mailing.activity_schedule(
                'mail.mail_activity_data_todo', user_id=mailing.user_id.id or self.env.uid, note=problem,
                summary=self.env._('Choose the winner of the A/B test %(name)s', name=self.title))
