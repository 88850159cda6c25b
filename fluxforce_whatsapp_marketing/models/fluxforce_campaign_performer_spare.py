from datetime import timedelta

from odoo import SUPERUSER_ID, models
from odoo.fields import Domain

from ..flow import steps
from ..flow.pressure import Pressure
from .fluxforce_campaign_performer import COUNTED


class FluxforceCampaignPerformer(models.AbstractModel):
    """Who is spared for now: somebody of ours talks with them, or they got enough from all campaigns."""

    _inherit = 'fluxforce.campaign.performer'

    def _spare(self, activity, cases, now):
        """Let wait whom somebody of ours is talking with, and who got enough from all campaigns."""
        self._skip([case for case in cases if case.standing == steps.STOPPED], 'stopped')
        cases = [case for case in cases if case.standing != steps.STOPPED]
        cases = self._without_talks(activity, cases, now)
        return self._within_cap(activity, cases, now)

    def _without_talks(self, activity, cases, now):
        campaign = activity.campaign_id
        talks = self._talks(campaign, cases, now) if campaign.on_talk != 'ignore' else {}
        talking = [case for case in cases if case.phone in talks]
        if campaign.on_talk == 'exit':
            self.env['fluxforce.campaign.participant'].browse({case.participant for case in talking})._end(
                steps.EXITED, 'exit')
        else:
            rest = timedelta(hours=campaign.talk_hours)
            self._put_off([(case, talks[case.phone] + rest) for case in talking])
        return [case for case in cases if case.phone not in talks]

    def _talks(self, campaign, cases, now):
        """:return: by number, when somebody of ours last wrote to the person, where that is a short while ago."""
        phones = [case.phone for case in cases if case.phone]
        if not phones or campaign.talk_hours <= 0:
            return {}
        # sudo: message - that somebody talks with the person, not what
        groups = self.env['fluxforce.whatsapp.message'].sudo()._read_group(self._talk_domain() & Domain([
            ('company_id', '=', campaign.company_id.id), ('phone', 'in', phones),
            ('create_date', '>', now - timedelta(hours=campaign.talk_hours))]), ['phone'], ['create_date:max'])
        return dict(groups)

    def _talk_domain(self):
        """:return: Domain of messages that a person wrote as an answer; those of campaigns and of robots are none."""
        return (Domain('campaign_id', '=', False) & Domain('kind', '!=', 'template')
                & Domain('create_uid.share', '=', False) & Domain('create_uid', '!=', SUPERUSER_ID))

    def _within_cap(self, activity, cases, now):
        self._take_turns(activity.campaign_id, cases)
        pressure = self._pressure(activity.campaign_id, cases, now)
        free, full = [], []
        for case in cases:
            moment = pressure.free_from(case.person, now) if pressure else None
            if moment:
                full.append((case, moment))
            else:
                free.append(case)
                if pressure:
                    pressure.take(case.person, now)
        self._put_off(full)
        return free

    def _take_turns(self, campaign, cases):
        """Whoever writes to the same people at once is told apart, as soon as anybody counts what they get."""
        # sudo: campaign - also one that the responsible does not see may count
        counted = self.env['fluxforce.campaign'].sudo().with_context(active_test=False)
        if cases and counted.search_count([
                ('company_id', '=', campaign.company_id.id), ('cap', '>', 0), ('state', '!=', 'done')], limit=1):
            self.env['fluxforce.campaign.turn']._take(campaign.company_id, [case.person for case in cases])

    def _pressure(self, campaign, cases, now):
        """:return: :class:`flow.pressure.Pressure` of these people, None without a limit."""
        if not campaign.cap or not cases:
            return None
        span = timedelta(days=campaign.cap_days)
        moments = {}
        for person, moment in [*self._written(campaign, cases, now - span), *self._mailed(campaign, cases, now - span)]:
            moments.setdefault(person, []).append(moment)
        return Pressure(campaign.cap, span, moments)

    def _written(self, campaign, cases, since):
        """:return: (number, moment) of the messages that all campaigns sent to these people, or are about to."""
        # sudo: message - how much the person got, also from campaigns the responsible does not see
        messages = self.env['fluxforce.whatsapp.message'].sudo().search_fetch(self._capped_domain() & Domain([
            ('company_id', '=', campaign.company_id.id), ('phone', 'in', [case.phone for case in cases if case.phone]),
            ('create_date', '>', since), ('state', 'in', COUNTED)]), ['phone', 'create_date'])
        return [(message.phone, message.create_date) for message in messages]

    def _capped_domain(self):
        """:return: Domain of the messages that count for the frequency cap; other addons add theirs."""
        return Domain('campaign_id', '!=', False) | Domain('mailing_id', '!=', False)

    def _mailed(self, campaign, cases, since):
        """:return: (person, moment) of the e-mails and SMS that campaigns sent to these people."""
        people = {case.partner: case.person for case in cases if case.partner}
        people.update({case.phone: case.person for case in cases if case.phone})
        theirs = (Domain('participant_id.partner_id', 'in', [case.partner for case in cases if case.partner])
                  | Domain('participant_id.phone', 'in', [case.phone for case in cases if case.phone]))
        traces = self.env['fluxforce.campaign.trace'].search(theirs & Domain([
            ('company_id', '=', campaign.company_id.id), ('activity_id.type', 'in', ('email', 'sms')),
            ('state', '=', steps.DONE), ('done_at', '>', since)]))
        return [(people.get(one.phone) or people[one.partner_id.id], trace.done_at)
                for trace in traces for one in trace.participant_id]
