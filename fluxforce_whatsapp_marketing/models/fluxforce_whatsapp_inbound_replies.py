from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What somebody writes later than this after our last message is no reply to it, unless they quote it. (Our own choice.)
REPLY_TIME = timedelta(days=7)
# Meta's clock tells when they wrote, ours when we did. (Our own choice.)
CLOCKS_APART = timedelta(minutes=1)


class FluxforceWhatsappInbound(models.Model):
    """A received message knows which of ours it answers, and what a rule did about it."""

    _inherit = 'fluxforce.whatsapp.inbound'

    answered_id = fields.Many2one('fluxforce.whatsapp.message', 'Answers', readonly=True, index='btree_not_null',
                                  ondelete='set null', help='The message it quotes, else our last one to the person.')
    reply_state = fields.Selection([
        ('waiting', 'To follow up'),
        ('done', 'Followed up'),
        ('none', 'No rule fits'),
        ('failed', 'Failed'),
    ], 'Reply Rule', readonly=True)
    reply_rule_id = fields.Many2one('fluxforce.reply.rule', 'Rule', readonly=True, index='btree_not_null',
                                    ondelete='set null')
    reply_problem = fields.Text('Why It Failed', readonly=True)

    # What the scheduled action asks for; it holds only what is new.
    _reply_idx = models.Index("(id) WHERE reply_state = 'waiting'")

    def _answer(self, written):
        """Keep which message was answered.

        :param dict written: ``fluxforce.whatsapp.message`` by id of the received one
        """
        for message in self.filtered(lambda message: not message.answered_id and message.id in written):
            message.answered_id = written[message.id]

    def _is_reply_to(self, written):
        """:return: whether it may be about our last message although it does not quote it"""
        return written.claimed_at - CLOCKS_APART <= self.sent_at <= written.claimed_at + REPLY_TIME

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @api.model
    def _origin_domain(self):
        """:return: of received messages that answer a campaign or a mailing"""
        known = self.env['fluxforce.whatsapp.message']._fields
        names = [name for name in ('campaign_id', 'mailing_id') if name in known]
        return Domain.OR(Domain(f'answered_id.{name}', '!=', False) for name in names)

    def _wait_for_rules(self):
        """Have the rules looked through for those that answer a campaign or a mailing, unless that is done."""
        replies = self.filtered(lambda message: message.reply_state not in ('waiting', 'done')).filtered_domain(
            self._origin_domain())
        # sudo: fluxforce.reply.rule - they count whoever takes the message in
        rules = self.env['fluxforce.reply.rule'].sudo().search([('company_id', 'in', replies.company_id.ids)])
        waiting = replies.filtered(lambda reply: reply.company_id in rules.company_id)
        waiting.reply_state = 'waiting'
        if waiting:
            self.env['fluxforce.reply']._wake()

    def action_not_a_stop(self):
        """It was a reply like any other, then."""
        result = super().action_not_a_stop()
        # sudo: inbound - people write to it through its buttons only
        self.sudo().filtered(lambda message: message.reply_state == 'none')._wait_for_rules()
        return result

    def action_follow_up_again(self):
        """Look through the rules once more, for those that failed or that no rule fitted."""
        self._check_readable()
        # sudo: inbound - as above
        again = self.sudo().filtered(lambda message: message.reply_state in ('failed', 'none'))
        if not again:
            raise UserError(self.env._('Only replies that no rule fitted, or that failed, can be followed up again.'))
        again._wait_for_rules()
