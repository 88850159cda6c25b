from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize_all

from ..flow import audience, steps, tree

# Messages that went out or will: what counts as written to somebody.
COUNTED = ('queued', 'held', 'sending', *sorted(steps.GONE))


class FluxforceCampaignPerformer(models.AbstractModel):
    """Does a step for those who are due: by type of the step, for all of them at once.

    Another addon adds a type in ``_selection_type`` of the step and a method ``_perform_<type>`` here.
    """

    _name = 'fluxforce.campaign.performer'
    _description = 'WhatsApp Campaign Performer'

    @api.model
    def _perform(self, campaign, plan, cases, now):
        """Do what is due; an error undoes all of it, the caller finds out whose it is.

        :param list cases: :class:`Case`, of steps to be done now.
        """
        documents = self._readable(campaign, cases)
        cases = self._without_the_lost(campaign, cases, documents)
        for activity in campaign.activity_ids:
            group = [case for case in cases if case.activity == activity.id]
            # What the steps before did counts: who has left by one of them gets no other one of the batch.
            group = self._without_leavers(campaign, self._still_waiting(group), documents)
            if group:
                self._perform_step(plan, activity, self._only_for(activity, group, documents), documents, now)

    def _perform_step(self, plan, activity, cases, documents, now):
        """Do one step for some people, and let them wait for what follows it."""
        if activity.type in tree.REACHING_TYPES:
            cases = self._spare(activity, cases, now)
        if not cases:
            return
        records = documents.browse([case.record for case in cases])
        traces = self.env['fluxforce.campaign.trace']
        if activity.type == 'action':
            # What it does may end the journey of these people, and what still waits then counts as not done.
            traces._settle([(case.id, steps.DONE, now, now, None) for case in cases])
        done = getattr(self, f'_perform_{activity.type}')(activity, cases, records)
        holds = self._condition(activity, records) if activity.type == 'condition' else set()
        step = plan.by_key[activity.id]
        if activity.type not in tree.MESSAGE_TYPES:  # those are noted with their messages, and what follows them, too
            traces._settle([(case.id, steps.DONE, now, now, None) for case in done])
        if activity.type == 'action':
            done = self._still_on_the_way(done)
        traces._exclude([(case.participant, key) for case in done for key in plan.excluded(step)])
        if activity.type not in tree.MESSAGE_TYPES:
            traces._insert(self._following(plan, activity, done, holds, now))

    def _still_on_the_way(self, cases):
        """What was run may have ended the journey of some: nothing follows for them. :return: the other cases."""
        participants = self.env['fluxforce.campaign.participant'].browse([case.participant for case in cases])
        standing = dict(zip(participants.ids, participants.mapped('state'), strict=True))
        return [case for case in cases if standing[case.participant] == case.standing]

    def _following(self, plan, activity, done, holds, now):
        """:return: rows for :meth:`_insert` of the traces: what each waits for next."""
        campaign, step, rows = activity.campaign_id, plan.by_key[activity.id], []
        for case in done:
            facts = steps.Facts(now, case.facts.zone, openings=case.facts.openings)
            rows += [(campaign.id, campaign.company_id.id, case.participant, child.key,
                      *plan.first_answer(child, facts, now))
                     for child in plan.following(step, case.person, case.record in holds)]
        return rows

    # ------------------------------------------------------------
    # FOR WHOM
    # ------------------------------------------------------------

    def _readable(self, campaign, cases):
        """:return: the records that are there and that the responsible may read."""
        documents = campaign._documents().browse(list({case.record: None for case in cases})).exists()
        return documents._filtered_access('read')

    def _without_the_lost(self, campaign, cases, documents):
        readable = set(documents.ids)
        lost = [case for case in cases if case.record not in readable]
        if lost:
            self._park(lost, self.env._('The record no longer exists, or %(user)s may no longer read it.',
                                        user=campaign.user_id.name))
        return [case for case in cases if case.record in readable]

    @api.model
    def _park(self, cases, error):
        """Put aside people for whom a step failed."""
        traces = self.env['fluxforce.campaign.trace'].browse([case.id for case in cases])
        traces.write({'state': steps.FAILED, 'error': error})
        traces.flush_recordset()
        self.env['fluxforce.campaign.participant'].browse([case.participant for case in cases])._park(error)

    def _still_waiting(self, cases):
        """:return: the cases that are still waited for, each with where its person stands now."""
        if not cases:
            return cases
        self.env['fluxforce.campaign.participant'].flush_model(['state'])
        self.env['fluxforce.campaign.trace'].flush_model(['state'])
        self.env.cr.execute("""
            SELECT trace.id, participant.state FROM fluxforce_campaign_trace trace
              JOIN fluxforce_campaign_participant participant ON participant.id = trace.participant_id
             WHERE trace.id = ANY(%s) AND trace.state = 'waiting'
        """, [[case.id for case in cases]])
        standing = dict(self.env.cr.fetchall())
        for case in cases:
            case.standing = standing.get(case.id, case.standing)
        return [case for case in cases if case.id in standing]

    def _without_leavers(self, campaign, cases, documents):
        """Whoever has reached the goal, or is to leave, gets no further step; for those who want no more it goes on."""
        for state, reason, text in ((steps.GOAL, 'goal', campaign.goal_domain),
                                    (steps.EXITED, 'exit', campaign.exit_domain)):
            if not text or not cases:
                continue
            fitting = campaign._fitting(documents.browse([case.record for case in cases]), text)
            leaving = {case.participant for case in cases
                       if case.record in fitting and case.standing == steps.WAITING}
            self.env['fluxforce.campaign.participant'].browse(leaving)._end(state, reason)
            cases = [case for case in cases if case.participant not in leaving]
        return cases

    def _only_for(self, activity, cases, documents):
        """Pass over whose record does not fit the step's own filter."""
        if not activity.domain or not cases:
            return cases
        fitting = activity.campaign_id._fitting(documents.browse([case.record for case in cases]), activity.domain)
        self._skip([case for case in cases if case.record not in fitting], 'filter')
        return [case for case in cases if case.record in fitting]

    def _skip(self, cases, reason):
        self.env['fluxforce.campaign.trace']._settle([(case.id, steps.SKIPPED, None, None, reason) for case in cases])

    def _put_off(self, moments):
        """:param list moments: (case, moment) of those who wait until then."""
        self.env['fluxforce.campaign.trace']._settle(
            [(case.id, steps.WAITING, moment, None, None) for case, moment in moments])

    # ------------------------------------------------------------
    # BY TYPE: each returns the cases that were done
    # ------------------------------------------------------------

    def _perform_whatsapp(self, activity, cases, records):
        """Put a message into the outbox for each, with the responsible's rights."""
        drafts = activity.campaign_id._prepare_drafts(activity, records)
        drafts = [{**draft, 'participant_id': case.participant} for case, draft in zip(cases, drafts, strict=True)]
        twice = self._duplicates(activity.campaign_id, cases, drafts)
        drafts = [draft for draft in drafts if draft['participant_id'] not in twice]
        outbox = self.env['fluxforce.whatsapp.message'].with_env(records.env)
        if drafts:
            outbox._enqueue(drafts, log=activity.log_in_chatter)
        return [case for case in cases if case.participant not in twice]

    def _duplicates(self, campaign, cases, drafts):
        """A number may have changed since somebody came in, into one that has the campaign already.

        :return: ids of the participants who get nothing for that.
        """
        changed = {case.participant: draft['phone'] for case, draft in zip(cases, drafts, strict=True)
                   if (case.phone or '') != draft['phone']}
        if not changed:
            return set()
        by_person = campaign.unicity == 'person'
        taken = self.env['fluxforce.campaign.entry']._taken(campaign, changed.values()) if by_person else set()
        twice = audience.duplicates(changed, taken) if by_person else set()
        participants = self.env['fluxforce.campaign.participant'].browse(changed)
        for participant in participants.filtered(lambda participant: participant.id not in twice):
            phone = changed[participant.id] or False
            participant.write({'phone': phone, 'person_key': phone if by_person else False})
        duplicates = participants.browse(twice)
        duplicates.write({'person_key': False})
        duplicates._end(steps.DUPLICATE, 'duplicate')
        return twice

    def _perform_email(self, activity, cases, records):
        """Queue an e-mail for each who can be written to that way and has not asked for none."""
        addresses = self._addresses(records)
        reachable = [case for case in cases if addresses.get(case.record)]
        self._skip([case for case in cases if not addresses.get(case.record)], 'no_email')
        template = activity.mail_template_id.with_env(records.env)
        if reachable:
            template.send_mail_batch([case.record for case in reachable], force_send=False)
        return reachable

    def _addresses(self, records):
        """:return: by record id, the address to write to, '' without one or where it is on the blacklist."""
        partners = records._mail_get_partners() if hasattr(records, '_mail_get_partners') else {}
        addresses = {}
        for record in records:
            own = record['email'] if 'email' in record._fields else False
            addresses[record.id] = own or partners.get(record.id, self.env['res.partner'])[:1].email or ''
        # sudo: mail.blacklist - only whether the address is on it
        plain = {record_id: set(email_normalize_all(address)) for record_id, address in addresses.items()}
        black = set(self.env['mail.blacklist'].sudo().search(
            [('email', 'in', list(set().union(*plain.values())))]).mapped('email'))
        return {record_id: '' if plain[record_id] & black else address for record_id, address in addresses.items()}

    def _perform_action(self, activity, cases, records):
        """Run a server action for all of them, as if the responsible had chosen it from the menu."""
        context = {'active_model': records._name, 'active_ids': records.ids, 'active_id': records[:1].id}
        activity.server_action_id.with_env(records.env).with_context(**context).run()
        return cases

    def _perform_todo(self, activity, cases, records):
        for user, theirs in self._in_charge(activity, records).items():
            # sudo: mail.activity - the responsible may read these records; to have somebody look at them needs no more
            theirs.sudo().activity_schedule(
                activity_type_id=activity.activity_type_id.id, summary=activity.activity_summary or '',
                user_id=user.id)
        return cases

    def _in_charge(self, activity, records):
        """:return: records by who is to do it: the record's own salesperson, else the responsible."""
        responsible = activity.campaign_id.user_id
        if activity.activity_user == 'responsible' or 'user_id' not in records._fields:
            return {responsible: records}
        return records.grouped(lambda record: record.user_id or responsible)

    def _perform_wait(self, _activity, cases, _records):
        return cases

    def _perform_condition(self, _activity, cases, _records):
        return cases

    def _perform_split(self, _activity, cases, _records):
        return cases

    def _condition(self, activity, records):
        """:return: ids of the records for which it holds."""
        if not activity.condition_domain:
            raise UserError(self.env._('Say in the field Condition what the step "%(step)s" looks for.',
                                       step=activity.name))
        return activity.campaign_id._fitting(records, activity.condition_domain)
