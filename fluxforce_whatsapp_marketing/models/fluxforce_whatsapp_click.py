import logging
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

_logger = logging.getLogger(__name__)

# Of one link in so short a time two requests are one click: phones ask twice. (Our own choice.)
SAME_CLICK = timedelta(seconds=10)
# So many clicks of one message are kept in a day; more is a program or a link that was passed around. (Our own choice.)
MOST_CLICKS = 50


class FluxforceWhatsappClick(models.Model):
    """Somebody followed a link of a message. Rows are only added while people wait; they are counted later, so that two
    who click at once never meet. No address of the visitor is kept."""

    _name = 'fluxforce.whatsapp.click'
    _description = 'WhatsApp Link Click'
    _order = 'id desc'
    _rec_name = 'link_id'

    link_id = fields.Many2one('link.tracker', 'Link', required=True, readonly=True, index=True, ondelete='cascade')
    url = fields.Char('Address', related='link_id.url')
    message_id = fields.Many2one('fluxforce.whatsapp.message', 'Message', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='message_id.company_id', store=True, index=True)
    partner_id = fields.Many2one(related='message_id.partner_id', store=True, index='btree_not_null')
    template_id = fields.Many2one(related='message_id.template_id', store=True, index='btree_not_null')
    campaign_id = fields.Many2one(related='message_id.campaign_id', store=True, index='btree_not_null')
    mailing_id = fields.Many2one(related='link_id.mass_mailing_id', string='Mailing', store=True,
                                 index='btree_not_null')
    clicked_at = fields.Datetime('Followed', required=True, readonly=True, default=fields.Datetime.now)
    country_id = fields.Many2one('res.country', 'Country', readonly=True,
                                 help='By the address of the visitor, which is not kept.')
    is_counted = fields.Boolean(readonly=True, help='Technical: what follows from it is done.')

    # What the scheduled action asks for; it holds only what is new.
    _new_idx = models.Index('(id) WHERE is_counted IS NOT TRUE')

    # ------------------------------------------------------------
    # KEEP
    # ------------------------------------------------------------

    @api.model
    def _keep(self, followed, country_code=None):
        """Keep that somebody followed a link.

        :param followed: :class:`Followed`
        :param country_code: of the visitor, if it is known
        """
        now = fields.Datetime.now()
        # sudo: click - whoever holds the code
        lately = self.sudo().search(
            [('message_id', '=', followed.message.id), ('clicked_at', '>', now - timedelta(days=1))], limit=MOST_CLICKS)
        is_same = any(click.link_id == followed.tracker and click.clicked_at > now - SAME_CLICK for click in lately)
        if is_same or len(lately) >= MOST_CLICKS:
            return
        # sudo: click, res.country - as above
        country = self.env['res.country'].sudo().search([('code', '=', country_code or '-')], limit=1)
        is_first = not self.sudo()._is_new_left()
        self.sudo().create({'link_id': followed.tracker.id, 'message_id': followed.message.id, 'clicked_at': now,
                            'country_id': country.id})
        if is_first:
            self._wake()

    @api.model
    def _wake(self):
        """Let them be counted soon: journeys wait for it."""
        # sudo: ir.cron - only wakes it
        self.env.ref('fluxforce_whatsapp_marketing.ir_cron_count_clicks').sudo()._trigger()

    def _is_new_left(self):
        """:return: whether a click is to be counted: who kept it has woken those who count."""
        return bool(self.search_count([('is_counted', '=', False)], limit=1))

    # ------------------------------------------------------------
    # COUNT
    # ------------------------------------------------------------

    @api.model
    def _cron_count(self):
        """Do what follows from new clicks, a batch at a time while the scheduler has time."""
        try:
            while processed := again_on_conflict(self.env, self._count_batch):
                remaining = self.search_count([('is_counted', '=', False)])
                if self.env['ir.cron']._commit_progress(processed, remaining=remaining) <= 0:
                    break
        except CONFLICTS:
            self.env.cr.rollback()
            _logger.warning('Clicks met other transactions again and again, they are counted later')

    def _count_batch(self):
        """:return: how many clicks were counted"""
        clicks = self.search([('is_counted', '=', False)], order='id', limit=BATCH).try_lock_for_update()
        clicks = clicks.filtered(lambda click: not click.is_counted)
        if clicks:
            self._tell_messages(clicks)
            self._tell_trackers(clicks)
            clicks.write({'is_counted': True})
        return len(clicks)

    def _tell_messages(self, clicks):
        first = {message.id: min(same.mapped('clicked_at'))
                 for message, same in clicks.grouped('message_id').items() if not message.clicked_at}
        if first:
            self.env['fluxforce.whatsapp.message'].browse(first)._clicked(first)

    def _tell_trackers(self, clicks):
        """Odoo's own figures of links and mailings count them, too."""
        self.env['link.tracker.click'].create([self._prepare_tracker_click(click) for click in clicks])

    def _prepare_tracker_click(self, click):
        return {'link_id': click.link_id.id, 'country_id': click.country_id.id, 'mass_mailing_id': click.mailing_id.id}
