from odoo import api, fields, models


class FluxforceWhatsappMessage(models.Model):
    """A message has links of its own and knows whether they were followed."""

    _inherit = 'fluxforce.whatsapp.message'

    link_token = fields.Char(readonly=True, copy=False, index='btree_not_null', groups='base.group_system',
                             help='Technical: stands for this message in the addresses of its links.')
    click_ids = fields.One2many('fluxforce.whatsapp.click', 'message_id', 'Clicks', readonly=True)
    clicked_at = fields.Datetime('Link Followed', readonly=True, copy=False, index='btree_not_null',
                                 help='The first time. Programs that look ahead are no people.')

    @api.model
    def _enqueue(self, drafts, log=True, is_set_up=False):
        drafts = self.env['fluxforce.whatsapp.link']._personalise(drafts)
        return super()._enqueue(drafts, log=log, is_set_up=is_set_up)

    def _prepare_again_draft(self):
        """The words stay the same, and so do the addresses in them: what follows belongs to the new message."""
        # sudo: message - who sends again need not read the code
        return {**super()._prepare_again_draft(), 'link_token': self.sudo().link_token}

    def _clicked(self, moments):
        """People followed a link for the first time: the message, the step of a campaign and the recipient of a mailing
        know it.

        :param dict moments: of the messages in ``self`` by their id, UTC
        """
        for message in self:
            message.clicked_at = moments[message.id]
        self.env['fluxforce.campaign.signal']._note(self, 'clicked', moments)
        self.env['mailing.trace']._whatsapp_clicked(moments)
