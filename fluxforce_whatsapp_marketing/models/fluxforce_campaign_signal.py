from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict, beside
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import steps

MOVED, REPLIED, CLICKED, OPTED_OUT = 'moved', 'replied', 'clicked', 'opted_out'
# A message that has just changed may change again in a moment: the runner comes once for all of that. (Our own choice.)
PAUSE = timedelta(seconds=20)
# Clocks of Meta and ours may differ by so much. (Our own choice.)
CLOCKS_APART = timedelta(minutes=1)


class FluxforceCampaignSignal(models.Model):
    """Something has happened to a campaign's message: inserted by whoever knows it, worked off by the runner.

    An insert meets no other transaction, so neither a webhook nor the sender ever waits for a campaign.
    """

    _name = 'fluxforce.campaign.signal'
    _description = 'WhatsApp Campaign Signal'
    _log_access = False

    message_id = fields.Many2one('fluxforce.whatsapp.message', required=True, ondelete='cascade', index=True)
    kind = fields.Selection([
        (MOVED, 'Its state has changed'),
        (REPLIED, 'The person replied'),
        (CLICKED, 'The person followed a link'),
        (OPTED_OUT, 'The person wants no more'),
    ], required=True)
    moment = fields.Datetime(required=True)
    inbound_id = fields.Many2one('fluxforce.whatsapp.inbound', ondelete='cascade', index='btree_not_null')

    # ------------------------------------------------------------
    # TOLD
    # ------------------------------------------------------------

    @api.model
    def _note_moved(self, message_ids):
        """Note that messages came to an end or went further, if a step may wait for that.

        :param list message_ids: of any messages; those of no campaign are left out.
        """
        self.env.cr.execute("""
            INSERT INTO fluxforce_campaign_signal (message_id, kind, moment)
            SELECT message.id, 'moved', now() AT TIME ZONE 'utc' FROM fluxforce_whatsapp_message message
             WHERE message.id = ANY(%s) AND message.participant_id IS NOT NULL
               AND message.state NOT IN ('queued', 'held', 'sending')
               AND EXISTS (SELECT 1 FROM fluxforce_campaign_activity activity
                            WHERE activity.parent_id = message.campaign_activity_id)
        """, [list(message_ids)])
        if self.env.cr.rowcount:
            self.env['fluxforce.campaign']._wake_later(PAUSE)

    @api.model
    def _note(self, messages, kind, moments=None):
        """Note what a person did with messages of campaigns; other messages are left out.

        :param str kind: ``clicked`` or ``opted_out``.
        :param dict moments: when, by id of the message; now if not given.
        """
        messages.flush_recordset(['participant_id'])
        now = fields.Datetime.now()
        self.env.cr.execute("""
            INSERT INTO fluxforce_campaign_signal (message_id, kind, moment)
            SELECT message.id, %s, told.moment
              FROM unnest(%s, %s::timestamp[]) AS told (id, moment)
              JOIN fluxforce_whatsapp_message message ON message.id = told.id
             WHERE message.participant_id IS NOT NULL
        """, [kind, messages.ids, [(moments or {}).get(id_, now) for id_ in messages.ids]])
        if self.env.cr.rowcount:
            self.env['fluxforce.campaign']._wake_later(PAUSE)

    @api.model
    def _note_replies(self, inbound):
        """Note replies: of the message that is quoted, else of the last one of each campaign to that person.

        It must never keep a message of a person from being taken in.
        """
        beside(self.env, lambda: self._insert_replies(inbound), 'A reply could not be told to its campaign')

    def _insert_replies(self, inbound):
        inbound.flush_recordset()
        self.env['fluxforce.whatsapp.message'].flush_model(['wamid', 'wa_id', 'number_id', 'claimed_at'])
        self.env.cr.execute(SQL("""
            INSERT INTO fluxforce_campaign_signal (message_id, kind, moment, inbound_id)
            SELECT message.id, 'replied', reply.sent_at, reply.id
              FROM fluxforce_whatsapp_inbound reply
              JOIN fluxforce_whatsapp_identity person ON person.id = reply.identity_id
             CROSS JOIN LATERAL (%(quoted)s UNION ALL (%(latest)s)) message
             WHERE reply.id = ANY(%(ids)s) AND reply.type != 'system'
        """, quoted=self._quoted(), latest=self._latest(), ids=inbound.ids))
        if self.env.cr.rowcount:
            self.env['fluxforce.campaign']._wake()

    def _quoted(self):
        """The message that is quoted; where it was sent again, the one that took its place in the journey."""
        return SQL("""
            SELECT held.id FROM fluxforce_whatsapp_message quoted
              JOIN fluxforce_whatsapp_message held
                ON held.id = ANY(ARRAY[quoted.id, quoted.again_id]) AND held.participant_id IS NOT NULL
             WHERE quoted.wamid = reply.reply_to AND quoted.account_id = reply.account_id
        """)

    def _latest(self):
        return SQL("""
            SELECT DISTINCT ON (campaign_id) id FROM fluxforce_whatsapp_message
             WHERE wa_id = person.wa_id AND number_id = reply.number_id AND participant_id IS NOT NULL
               AND claimed_at BETWEEN reply.sent_at - %s AND reply.sent_at + %s
               AND NOT EXISTS (SELECT 1 FROM fluxforce_whatsapp_message WHERE wamid = reply.reply_to)
             ORDER BY campaign_id, claimed_at DESC, id DESC
        """, steps.PATIENCE, CLOCKS_APART)

    # ------------------------------------------------------------
    # HEEDED
    # ------------------------------------------------------------

    @api.model
    def _work_off(self):
        """Take what was told and let those look again who wait for it.

        :return: how many signals were taken; 0 when there are none left, or others have them in hand.
        """
        try:
            return again_on_conflict(self.env, self._take_batch)
        except CONFLICTS:
            self.env.cr.rollback()  # they stay for the next run
            return 0

    def _take_batch(self):
        self.env.cr.execute("""
            DELETE FROM fluxforce_campaign_signal
             WHERE id IN (SELECT id FROM fluxforce_campaign_signal ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
         RETURNING message_id, kind, moment, inbound_id
        """, [BATCH], log_exceptions=False)
        signals = self.env.cr.dictfetchall()
        if signals:
            self._heed(signals)
        return len(signals)

    def _heed(self, signals):
        traces = self.env['fluxforce.campaign.trace']
        traces._keep_facts([signal for signal in signals if signal['kind'] != MOVED])
        traces._look_again([signal['message_id'] for signal in signals])
        replied = [signal['message_id'] for signal in signals if signal['kind'] == REPLIED]
        self.env['fluxforce.campaign.participant']._heed_replies(replied)
