from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import split_every

# Messages wiped at once; the ORM prefetches up to this many.
BATCH = 500
# What of a message somebody wrote is content. That it came, and when, stays.
RECEIVED_CONTENT = ('original', 'body', 'edits', 'quote', 'map_url', 'referral_headline', 'referral_url',
                    'referral_click')
SENT_CONTENT = ('body', 'values')


class FluxforceWhatsappWiping(models.AbstractModel):
    """Takes away what was written and sent, here and in the chatter: for retention and for erasure.

    What may still go out is left alone; the ledger of consents is none of its business.
    """

    _name = 'fluxforce.whatsapp.wiping'
    _description = 'WhatsApp Deleting of Texts'

    @api.model
    def _wipe_received(self, messages):
        """:param messages: of ``fluxforce.whatsapp.inbound``, as sudo."""
        for batch in split_every(BATCH, messages.ids, messages.browse):
            self._wipe_files(batch.media_ids)
            self._wipe_chatter(batch.mail_message_id)
            batch.write({**dict.fromkeys(RECEIVED_CONTENT, False), 'wiped_at': fields.Datetime.now()})

    @api.model
    def _wipe_sent(self, messages):
        """:param messages: of ``fluxforce.whatsapp.message``, as sudo, none that may still go out."""
        for batch in split_every(BATCH, messages.ids, messages.browse):
            batch._drop_files()
            self._wipe_chatter(batch.mail_message_id)
            batch.write({**dict.fromkeys(SENT_CONTENT, False), 'wiped_at': fields.Datetime.now()})

    def _wipe_files(self, media):
        media.attachment_id.unlink()
        media.write({'state': 'wiped', 'filename': False, 'sha256': False, 'url': False, 'problem': False,
                     'problem_detail': False})

    def _wipe_chatter(self, shown):
        self.env['mail.message.translation'].search([('message_id', 'in', shown.ids)]).unlink()
        shown.attachment_ids.unlink()
        shown.write({'body': Markup('<p><i>%s</i></p>') % self._words()})

    @api.model
    def _words(self):
        return self.env._('The text was deleted for data protection.')

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.model
    def _cron_wipe(self):
        """Take away what is older than the months set on its account, batch by batch; the ledger is kept."""
        accounts = self.env['fluxforce.whatsapp.account'].with_context(active_test=False).search(
            [('keep_months', '>', 0)])
        for account in accounts:
            for model, wipe in (('fluxforce.whatsapp.inbound', self._wipe_received),
                                ('fluxforce.whatsapp.message', self._wipe_sent)):
                if not self._wipe_old(account, model, wipe):
                    return

    def _wipe_old(self, account, model, wipe):
        """:return: whether there is time left."""
        domain = self._old_domain(account, model)
        while old := self.env[model].search(domain, limit=BATCH, order='id'):
            wipe(old)
            left = self.env['ir.cron']._commit_progress(len(old), remaining=self.env[model].search_count(domain))
            if left <= 0:
                return False
        return True

    def _old_domain(self, account, model):
        before = fields.Datetime.subtract(fields.Datetime.now(), months=account.keep_months)
        domain = [('account_id', '=', account.id), ('wiped_at', '=', False)]
        if model == 'fluxforce.whatsapp.inbound':
            return [*domain, ('sent_at', '<', before)]
        # What waits, or is with a sender, may still go out.
        return [*domain, ('create_date', '<', before), ('state', 'not in', ('queued', 'held', 'sending'))]
