from collections import Counter

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..flow import steps
from ..flow.finish import comes_at, longest_way
from .fluxforce_campaign_performer import COUNTED

# Of a campaign, what decides who comes in and who leaves.
SETTINGS = (
    'company_id', 'user_id', 'number_id', 'model', 'domain', 'entry', 'unicity', 'reentry', 'reentry_days',
    'holdout_share', 'goal_domain', 'exit_domain', 'on_reply', 'on_talk', 'talk_hours', 'cap', 'cap_days', 'ends_at')
# Of a step, what decides nothing; all else decides for whom, when and what is done, also what other addons add.
STEP_WORDS = {'name', 'draft_id', 'company_id', 'campaign_id', 'active'}
HALTED = ('paused', 'stopped')


class FluxforceCampaign(models.Model):
    """A campaign is started, and goes on after a halt, by a check of all its messages; large ones are approved."""

    _inherit = 'fluxforce.campaign'

    # ------------------------------------------------------------
    # WHAT IT IS
    # ------------------------------------------------------------

    def _launch_title(self):
        return self.name

    def _launch_company(self):
        return self.company_id

    def _launch_number(self):
        return self.number_id

    def _launch_messages(self):
        """:return: the first step of each template, with how many steps send it; in the order of the steps."""
        writing = self.activity_ids.filtered('template_id')
        first = {step.template_id: step for step in reversed(writing)}
        times = Counter(step.template_id for step in writing)
        return {first[template]: count for template, count in times.items()}

    def _launch_templates(self):
        return self.activity_ids.template_id

    def _launch_audience(self):
        """:return: ids of the audience; of a campaign that has begun, of who is still on the way or comes in later."""
        participants = self._participants()
        waiting = participants.filtered_domain([('state', '=', steps.WAITING)]).mapped('res_id')
        complete = participants and (self.entry == 'action' or self.enrolled_at and self.entry == 'once')
        new = () if complete else set(self._audience().ids) - set(participants.mapped('res_id'))
        return sorted({*waiting, *new})

    def _participants(self):
        """:return: who is in it; who has come in once more counts once."""
        return self.env['fluxforce.campaign.participant'].search_fetch(
            [('campaign_id', '=', self.id), ('is_current', '=', True)], ['res_id', 'state'])

    def _launch_documents(self):
        return self._documents()

    def _launch_drafts(self, message, records):
        return self._prepare_drafts(message, self._still_to_get(message, records))

    def _still_to_get(self, message, records):
        """:return: of some people those who may still get a message: who wait for its step or for one before it, and
            who comes in later"""
        if self.state == 'draft':
            return records
        way = self.activity_ids.filtered(lambda step: step.template_id == message.template_id)
        while way.parent_id - way:
            way |= way.parent_id
        ours = [('campaign_id', '=', self.id), ('is_current', '=', True), ('res_id', 'in', records.ids)]
        people = self.env['fluxforce.campaign.participant'].search(ours)
        waiting = people.search([*ours, ('trace_ids', 'any', [
            ('state', '=', steps.WAITING), ('activity_id', 'in', way.ids)])])
        gone = set(people.mapped('res_id')) - set(waiting.mapped('res_id'))
        return records.filtered(lambda record: record.id not in gone)

    def _launch_moments(self):
        """:return: by message, when the first people come to it, None for at once: by then the same text may go again,
            and a consent may have ended."""
        groups = self.env['fluxforce.campaign.trace']._read_group(
            [('campaign_id', '=', self.id), ('state', '=', steps.WAITING), ('due_at', '!=', False)],
            ['activity_id'], ['due_at:min'])
        waiting, plan = {step.id: moment for step, moment in groups}, self.activity_ids._plan()
        now, comes_in = fields.Datetime.now(), self.entry != 'once' or not self.enrolled_at
        by_template = self.activity_ids.grouped('template_id')
        found = {message: comes_at(plan, by_template[message.template_id].ids, waiting, now, comes_in)
                 for message in self._launch_messages()}
        return {message: moment if moment > now else None for message, moment in found.items()}

    def _is_by_person(self):
        return self.unicity == 'person'

    def _launch_dialog_view(self):
        return self.env.ref('fluxforce_whatsapp_marketing.fluxforce_campaign_view_form_start')

    def _launch_parts(self):
        steps = self.activity_ids.sorted('id')
        deciding = sorted(name for name, field in steps._fields.items() if (
            field.store and field.type not in ('one2many', 'many2many') and name not in models.MAGIC_COLUMNS
            and name not in STEP_WORDS))
        return [self._plain(self, SETTINGS), *([step.id, self._plain(step, deciding), self._content_parts(step)]
                                               for step in steps)]

    def _plain(self, record, names):
        return [record[name].id if record._fields[name].type == 'many2one' else
                self._all_texts(record, name) if getattr(record._fields[name], 'translate', False) else record[name]
                for name in names]

    def _all_texts(self, record, name):
        """:return: a translated text in all languages: each of them goes to somebody."""
        return sorted({str(record.with_context(lang=code)[name] or '')
                       for code, __ in self.env['res.lang'].get_installed()})

    def _content_parts(self, step):
        mail, action = step.mail_template_id, step.server_action_id
        return [self._template_parts(step.template_id), mail.id, self._all_texts(mail, 'subject'),
                self._all_texts(mail, 'body_html'), action.id, action.state, action.code]

    def _launch_known(self, ids):
        known = set(self._participants().mapped('res_id'))
        return len(known.union(ids))

    def _launch_concerned(self, going):
        """:return: also who is through, and whoever was written to."""
        written = Domain('campaign_id', '=', self.id) & Domain('is_current', '=', True) & Domain(
            'trace_ids.message_id.state', 'in', COUNTED)
        count = self.env['fluxforce.campaign.participant'].search_count
        if self.state == 'draft':
            return going
        return max(going + count(written & Domain('state', '!=', steps.WAITING)), count(written))

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    def _launch_headline(self, going, total):
        if not self._launch_messages():
            return self.env._('%(going)s of %(total)s people take part.', going=going, total=total)
        return self.env._('%(going)s of %(total)s people get messages.', going=going, total=total)

    def _launch_notes(self, going):
        if self.state != 'draft':
            yield self.env._('These are the people who are left.')
        if self.entry == 'continuous':
            yield self.env._('Whoever begins to fit later comes in, too, and is not counted yet.')
        if self.entry == 'action':
            yield self.env._('These are all who fit now; a server action decides who of them comes in.')
        messages = sum(self._launch_messages().values())
        if messages > 1 and self.state != 'draft':
            yield self.env._('Cost and end are those at most: as if everybody got every message that is left.')
        elif messages > 1:
            yield self.env._('Cost and end are those at most: as if everybody got all %(count)s messages.',
                             count=messages)
        if longest_way(self.activity_ids._plan())[1]:
            yield self.env._('What waits for a date of the record may come later than that.')

    def _finishes_at(self, messages, begins):
        moment = super()._finishes_at(messages, begins)
        return moment and moment + longest_way(self.activity_ids._plan())[0]

    # ------------------------------------------------------------
    # CHECK AND START
    # ------------------------------------------------------------

    def action_check_audience(self):
        """Ask the gate about everybody and keep the answer; nothing is sent."""
        self._check_launch_rights()
        for campaign in self:
            campaign._check_startable()
            campaign._look()

    def action_confirm_start(self):
        """Check the audience and show what would happen before anything is sent."""
        self.ensure_one()
        self._check_launch_rights()
        self._check_startable()
        self._current_check()
        return self._launch_dialog()

    def action_start(self):
        """Send to the audience as it is now, from the next moment on."""
        self._check_launch_rights()
        for campaign in self:
            campaign._check_startable()
            if again := campaign._look_again_dialog():
                return again
            campaign._grant()
            # sudo: campaign - the state is set by the buttons only
            campaign.sudo().write({'state': 'running', 'started_at': fields.Datetime.now(), 'problem': False})
        self._wake()
        return {'type': 'ir.actions.act_window_close'}

    def action_resume(self):
        """Go on with who is left."""
        self._check_launch_rights()
        for campaign in self:
            campaign._check_resumable()
            if again := campaign._look_again_dialog():
                return again
            campaign._grant()
        # sudo: campaign - the state is set by the buttons only
        self.sudo().write({'state': 'running', 'problem': False, 'done_at': False})
        self._wake()
        return {'type': 'ir.actions.act_window_close'}

    def _check_launchable(self):
        if self.state == 'draft':
            self._check_startable()
        else:
            self._check_resumable()

    def _check_resumable(self):
        if self.state not in HALTED:
            raise UserError(self.env._('Only a campaign that was stopped or paused can be resumed.'))
        self._check_ready()

    # ------------------------------------------------------------
    # STAYS WHAT IT WAS
    # ------------------------------------------------------------

    def _check_as_launched(self, came_in=False):
        """Called with each batch.

        :param bool came_in: somebody has just been let in
        :raise NeedsApproval: what runs is not what was approved, or has become so large that it has to be
        """
        if self.launch_check_id.state != 'launched':
            return
        self._check_unchanged()
        bounded = self.entry == 'once'
        # Who comes in later was approved together with who was there.
        may_grow = not (self.launch_check_id.is_large and not bounded) and (came_in or not bounded)
        if may_grow:
            self._check_grown(self.env['fluxforce.campaign.participant'].search_count(
                [('campaign_id', '=', self.id), ('is_current', '=', True)]), bounded)

    def _approval_lines(self):
        """:return: what a change of the steps means for an approved campaign that runs, in lines."""
        if self.state != 'running' or not self.launch_check_id.is_large:
            return []
        return [self.env._('A manager has approved the campaign as it is. With the change it pauses; before it goes on '
                           'it is approved again.')]

    def _changed_while_running(self, templates):
        """The steps were changed: what was approved waits for another approval, and what may cost the account for
        somebody who answers for it.

        :param templates: of the campaign before the change.
        """
        check = self.launch_check_id
        if self.state != 'running' or check.state != 'launched' or check.fingerprint == self._launch_fingerprint():
            return
        if check.is_large:
            self._halt(self.env._(
                'Its steps were changed since it was approved. Once you are done, press Resume: a manager approves it '
                'as it is then.'))
        elif self._launch_templates() - templates:
            self._check_new_messages()

    def _check_new_messages(self):
        check = self._look()
        if check.is_critical or check.is_large:
            self._halt(self.env._(
                'The message that is new in it has to be looked at before anybody gets it. Press Resume to see what '
                'was found.'))
        else:
            check._launched()
