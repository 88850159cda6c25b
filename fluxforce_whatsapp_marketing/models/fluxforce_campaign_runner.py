import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import audience, steps

_logger = logging.getLogger(__name__)

# Messages a stopped campaign can still call back.
CALLABLE_STATES = ('queued', 'held')


class FluxforceCampaignRunner(models.AbstractModel):
    """Serves one batch of a campaign: enrol the audience, do what is due, or take back what a stop left behind.

    A batch is one transaction. The campaign's row is locked in it, so two workers never serve the same campaign at
    once; a participant and its message are written together, so nobody gets a message twice.
    """

    _name = 'fluxforce.campaign.runner'
    _description = 'WhatsApp Campaign Runner'

    # ------------------------------------------------------------
    # WORK
    # ------------------------------------------------------------

    @api.model
    def _ids_with_work(self):
        """:return: ids of the campaigns that run, and of the stopped ones with messages to take back."""
        campaigns = self._campaigns('running') | self._left_behind(self._campaigns('stopped')).campaign_id
        return campaigns.ids

    @api.model
    def _count_remaining(self):
        """:return: how much there is to do now."""
        running = self._campaigns('running')
        return (
            len(running.filtered(lambda campaign: not campaign.enrolled_at))
            + self.env['fluxforce.campaign.participant'].search_count(self._due_domain(running))
            + len(self._left_behind(self._campaigns('stopped'))))

    def _campaigns(self, state):
        return self.env['fluxforce.campaign'].with_context(active_test=False).search(
            [('state', '=', state)], order='id')

    def _due_domain(self, campaigns):
        return [('campaign_id', 'in', campaigns.ids), ('state', '=', steps.WAITING),
                '|', ('due_at', '=', False), ('due_at', '<=', fields.Datetime.now())]

    def _left_behind(self, campaigns):
        """:return: up to a batch of messages to take back; the last first, the sender begins at the other end."""
        return self.env['fluxforce.whatsapp.message'].search(
            [('campaign_id', 'in', campaigns.ids), ('participant_id', '!=', False), ('state', 'in', CALLABLE_STATES)],
            order='id desc', limit=BATCH)

    # ------------------------------------------------------------
    # ONE BATCH
    # ------------------------------------------------------------

    @api.model
    def _run_batch(self, campaign):
        """Serve one batch. A campaign that cannot be served is stopped with the reason; the others go on.

        :return: how many were served; 0 when there is nothing left to do now.
        """
        try:
            with self.env.cr.savepoint():
                return self._serve(campaign)
        except CONFLICTS:
            # Somebody pressed a button meanwhile: forget this batch, the next run sees what they did.
            _logger.info('Campaign %s met another transaction, it goes on in the next run', campaign.id)
            self.env.cr.rollback()
        except Exception as error:
            _logger.warning('Campaign %s was stopped', campaign.id, exc_info=True)
            campaign.write({'state': 'stopped', 'problem': self._describe(error)})
        return 0

    def _serve(self, campaign):
        if not campaign.try_lock_for_update(allow_referencing=True):
            return 0
        if campaign.state == 'stopped':
            return len(self._left_behind(campaign)._take_back())
        if campaign.state != 'running':
            return 0
        # Values are read with the responsible's rights, the campaign's own data are not.
        return self._enrol(campaign) or self._run_due(campaign) or self._finish(campaign)

    def _finish(self, campaign):
        waiting = self.env['fluxforce.campaign.participant'].search_count(
            [('campaign_id', '=', campaign.id), ('state', '=', steps.WAITING)], limit=1)
        if not waiting:
            campaign.write({'state': 'done', 'done_at': fields.Datetime.now()})
        return 0

    def _describe(self, error):
        """:return: an error in words for the user; the log has the rest."""
        text = str(error) if isinstance(error, UserError) else f'{type(error).__name__}: {error}'
        return text[:500]

    # ------------------------------------------------------------
    # ENROL
    # ------------------------------------------------------------

    def _enrol(self, campaign):
        """Add the next part of the audience; once it is complete, nobody is added any more.

        :return: how many were added.
        """
        if campaign.enrolled_at:
            return 0
        records = campaign._audience(after=self._last_enrolled(campaign), limit=BATCH)
        self._insert(self._prepare_rows(campaign, records))
        if len(records) < BATCH:
            campaign.enrolled_at = fields.Datetime.now()
        return len(records)

    def _last_enrolled(self, campaign):
        self.env['fluxforce.campaign.participant'].flush_model(['campaign_id', 'res_id'])
        self.env.cr.execute('SELECT max(res_id) FROM fluxforce_campaign_participant WHERE campaign_id = %s',
                            [campaign.id])
        return self.env.cr.fetchone()[0] or 0

    def _prepare_rows(self, campaign, records):
        """:return: campaign, company, model, record, contact, number, state, by whom and when, for each record."""
        recipients = records._whatsapp_recipients()
        phones = {record.id: recipients[record.id].phone for record in records}
        twice = audience.duplicates(phones, self._taken(campaign, phones.values()))
        now = fields.Datetime.now()
        return [(
            campaign.id, campaign.company_id.id, records._name, record.id, recipients[record.id].partner.id or None,
            phones[record.id] or None, steps.DUPLICATE if record.id in twice else steps.WAITING,
            self.env.uid, now, self.env.uid, now,
        ) for record in records]

    def _taken(self, campaign, phones):
        """:return: which of the numbers have the campaign already."""
        return set(self.env['fluxforce.campaign.participant'].search_fetch(
            [('campaign_id', '=', campaign.id), ('phone', 'in', [phone for phone in phones if phone]),
             ('state', '!=', steps.DUPLICATE)], ['phone']).mapped('phone'))

    def _insert(self, rows):
        if not rows:
            return
        self.env.flush_all()
        self.env.cr.execute_values("""
            INSERT INTO fluxforce_campaign_participant
                        (campaign_id, company_id, res_model, res_id, partner_id, phone, state,
                         create_uid, create_date, write_uid, write_date)
                 VALUES %s
            ON CONFLICT (campaign_id, res_id) DO NOTHING
        """, rows, page_size=BATCH)
        self.env['fluxforce.campaign.participant'].invalidate_model()

    # ------------------------------------------------------------
    # DO WHAT IS DUE
    # ------------------------------------------------------------

    def _run_due(self, campaign):
        """Do what is due for a batch of participants; one that fails is put aside and the others go on.

        :return: how many were served.
        """
        participants = self.env['fluxforce.campaign.participant'].search(
            self._due_domain(campaign), order='id', limit=BATCH)
        if error := self._try(campaign, participants):
            _logger.info('A batch of campaign %s failed (%s), its participants go one by one', campaign.id, error)
            for participant in participants:
                if error := self._try(campaign, participant):
                    participant._park(error)
        return len(participants)

    def _try(self, campaign, participants):
        """:return: what went wrong, in words; then nothing was done."""
        try:
            with self.env.cr.savepoint():
                self._perform(campaign, participants)
        except CONFLICTS:
            raise
        except Exception as error:
            _logger.warning('Participants of campaign %s failed', campaign.id, exc_info=True)
            return self._describe(error)
        return None

    def _perform(self, campaign, participants):
        due = steps.due(participants._to_flow(), campaign.activity_ids._to_flow(), fields.Datetime.now())
        keys_by_activity = {}
        for step in due:
            keys_by_activity.setdefault(step.activity, []).append(step.participant)
        for activity in campaign.activity_ids:
            group = participants.browse(keys_by_activity.get(activity.id, ()))
            getattr(self, f'_perform_{activity.type}')(activity, group)

    def _perform_whatsapp(self, activity, participants):
        """Put a message into the outbox for each participant, with the responsible's rights."""
        campaign = activity.campaign_id
        documents = self._readable(campaign, participants)
        readable_ids = set(documents.ids)
        present = participants.filtered(lambda participant: participant.res_id in readable_ids)
        (participants - present)._park(self.env._(
            'The record no longer exists, or %(user)s may no longer read it.', user=campaign.user_id.name))
        drafts = campaign._prepare_drafts(activity, documents.browse(present.mapped('res_id')))
        drafts = [{**draft, 'participant_id': participant.id}
                  for participant, draft in zip(present, drafts, strict=True)]
        drafts = self._leave_out_duplicates(campaign, present, drafts)
        outbox = self.env['fluxforce.whatsapp.message'].with_env(documents.env)
        outbox._enqueue(drafts, log=activity.log_in_chatter)

    def _readable(self, campaign, participants):
        documents = campaign._documents().browse(participants.mapped('res_id')).exists()
        return documents._filtered_access('read')

    def _leave_out_duplicates(self, campaign, participants, drafts):
        """A number may have changed since the enrolment, into one that has the campaign already."""
        changed = {participant.id: draft['phone'] for participant, draft in zip(participants, drafts, strict=True)
                   if (participant.phone or '') != draft['phone']}
        if not changed:
            return drafts
        twice = audience.duplicates(changed, self._taken(campaign, changed.values()))
        for participant in participants.browse(changed):
            participant.write({'state': steps.DUPLICATE} if participant.id in twice
                              else {'phone': changed[participant.id] or False})
        return [draft for draft in drafts if draft['participant_id'] not in twice]
