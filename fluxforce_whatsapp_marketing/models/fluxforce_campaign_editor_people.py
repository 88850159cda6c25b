from collections import Counter
from datetime import datetime

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow.steps import Action, foresee

# For so many people a question works out what a change means for each; with more it tells about the first of them.
# What a person can wait for. (Our own choice.)
LOOKED_AT = 5000
# Moments that are none.
NOW, NEVER, UNKNOWN = 'now', 'never', 'unknown'
# As if they were.
RANKS = {NOW: datetime.min, UNKNOWN: datetime.max, NEVER: datetime.max}


class TriedOut(Exception):
    """A change was made only to see what it would mean."""


class FluxforceCampaignEditor(models.AbstractModel):
    """What a change means for the people in the campaign: told before, done afterwards."""

    _inherit = 'fluxforce.campaign.editor'

    # ------------------------------------------------------------
    # TOLD BEFORE
    # ------------------------------------------------------------

    def _effects(self, campaign, change):
        """:return: what a change means, in lines; none where it needs no question."""
        steps = campaign.activity_ids
        kind = change.get('do')
        if kind not in self._changes():
            raise UserError(self.env._('This step is no longer there. Load the page anew.'))
        step = self._step(steps, change['id']) if change.get('id') else steps.browse()
        if campaign.state == 'draft':
            return self._lost_lines(step) if kind == 'remove' else []
        lines = {
            'add': self._added_lines, 'write': self._written_lines, 'move': self._moved_lines,
            'remove': self._removed_lines,
        }.get(kind, lambda campaign, step, change: [])
        return [*lines(campaign, step, change), *campaign._approval_lines()]

    def _prepare_question(self, campaign, change, lines):
        titles = {
            'add': self.env._('Add this step?'), 'write': self.env._('Change this step?'),
            'move': self.env._('Move this step?'), 'remove': self.env._('Delete this step?'),
            'copy': self.env._('Duplicate this step?'), 'shift': self.env._('Move this step?')}
        agree = {'add': self.env._('Add'), 'write': self.env._('Change'), 'move': self.env._('Move'),
                 'remove': self.env._('Delete'), 'copy': self.env._('Duplicate'), 'shift': self.env._('Move')}
        return {'title': titles[change['do']], 'lines': lines, 'agree': agree[change['do']]}

    def _lost_lines(self, step):
        after = len(self._branch(step)) - 1
        return [self.env._('The %(count)s steps after it are deleted, too.', count=after)] if after > 1 else [
            self.env._('The step after it is deleted, too.')] if after else []

    def _added_lines(self, campaign, step, change):
        parent = campaign.activity_ids.filtered(lambda one: one.id == change.get('parent_id'))
        above = campaign.activity_ids.filtered(lambda one: one.id == change.get('above_id'))
        waiting = self._count(above, ('waiting',))
        past = (self._count(parent, ('done',)) if parent else self._count_people(campaign)) - waiting
        return self._told(
            (waiting, self.env._('Waiting at this point: %(count)s. They get the new step first.', count=waiting)),
            (past, self.env._('Past this point: %(count)s. They do not get the new step.', count=past)))

    def _written_lines(self, campaign, step, change):
        waiting, done = self._count(step, ('waiting',)), self._count(step, ('done',))
        return [*self._told((waiting, self.env._(
            'Waiting for this step: %(count)s. They get it as it is then.', count=waiting))),
            *self._when_lines(campaign, step, change, waiting), *self._told(
            (done, self.env._('Have been through it: %(count)s. For them nothing changes.', count=done)))]

    def _moved_lines(self, campaign, step, change):
        waiting, done = self._count(step, ('waiting',)), self._count(step, ('done',))
        above = campaign.activity_ids.filtered(lambda one: one.id == change.get('above_id'))
        below = self._count(above, ('waiting',))
        return self._told(
            (waiting, self.env._('Waiting for this step where it stands now: %(count)s. They get it only if they come '
                                 'by its new place.', count=waiting)),
            (below, self.env._('Waiting at its new place: %(count)s. They get it first.', count=below)),
            (done, self.env._('Have been through it: %(count)s. They do not get it again.', count=done)))

    def _removed_lines(self, campaign, step, change):
        branch = self._branch(step)
        waiting, done = self._count(branch, ('waiting',)), self._count(branch, ('done',))
        return [*self._lost_lines(step), *self._told(
            (waiting, self.env._('Waiting for it or for what follows: %(count)s. They do not get it any more.',
                                 count=waiting)),
            (done, self.env._('Done so far: %(count)s. That stays on record.', count=done)))]

    def _told(self, *pairs):
        return [line for count, line in pairs if count > 0]

    def _count(self, steps, states):
        """:return: how many people are or were at some steps."""
        return self.env['fluxforce.campaign.trace'].search_count(
            [('activity_id', 'in', steps.ids), ('state', 'in', states)]) if steps else 0

    def _count_people(self, campaign):
        return self.env['fluxforce.campaign.participant'].search_count([('campaign_id', '=', campaign.id)])

    # ------------------------------------------------------------
    # WHEN THEY GET IT
    # ------------------------------------------------------------

    def _when_lines(self, campaign, step, change, waiting):
        """:return: how many of those who wait for a step get it at another time once it is changed."""
        moved = self._count_moved(campaign, step, change) if waiting else Counter()
        lines = self._told(
            (moved['now'], self.env._('Get it at once, as their time has come by then: %(count)s.',
                                      count=moved['now'])),
            (moved['earlier'], self.env._('Get it earlier than planned so far: %(count)s.', count=moved['earlier'])),
            (moved['later'], self.env._('Get it later than planned so far: %(count)s.', count=moved['later'])),
            (moved['never'], self.env._('Do not get it any more, nor what follows: %(count)s.',
                                        count=moved['never'])))
        if lines and waiting > LOOKED_AT:
            lines.append(self.env._('Only the first %(limit)s were looked at.', limit=LOOKED_AT))
        return lines

    def _count_moved(self, campaign, step, change):
        """Try the change out and ask the step machine about those who wait, before and after; nothing of it stays.

        :return: Counter of ``now``, ``earlier``, ``later`` and ``never``.
        """
        # sudo: campaign trace - ids of plans, which only the campaign writes
        traces = self.env['fluxforce.campaign.trace'].sudo().search(
            self._waiting_domain(step), order='due_at, id', limit=LOOKED_AT).ids
        before = self._moments(campaign, step, traces)
        try:
            with self.env.cr.savepoint():
                self._check_usable(campaign, self._write_step(campaign, self._open_steps(campaign), change))
                after = self._moments(campaign, step, traces)
                raise TriedOut
        except TriedOut:
            return Counter(kind for trace in traces if (kind := self._kind(before.get(trace), after.get(trace))))

    def _kind(self, before, after):
        """:return: how a moment differs from another; None for not at all. A moment may be ``NEVER`` or ``UNKNOWN``."""
        if before == after:
            return None
        if after == NEVER:
            return 'never'
        if after == NOW:
            return 'now'
        return 'earlier' if RANKS.get(after, after) < RANKS.get(before, before) else 'later'

    def _moments(self, campaign, step, traces):
        """:param list traces: ids
        :return: by trace, when it is done as things stand: a moment, ``NOW``, ``NEVER`` or ``UNKNOWN``."""
        runner, now = self.env['fluxforce.campaign.runner'], fields.Datetime.now()
        moments = {}
        for batch in split_every(BATCH, traces):
            plan = campaign.activity_ids._plan()
            # sudo: facts, runner - what the people did decides about their time; nobody is shown it
            cases = self.env['fluxforce.campaign.facts'].sudo()._cases(campaign.sudo(), list(batch))
            runner.sudo()._read_dates(campaign.sudo(), plan, cases)
            moments.update({case.id: self._moment(foresee(plan.by_key[step.id], case.facts, now))
                            for case in cases})
        return moments

    def _moment(self, decision):
        if decision.action is Action.SKIP:
            return NEVER
        if decision.action is Action.RUN:
            return NOW
        return decision.until or UNKNOWN

    # ------------------------------------------------------------
    # DONE AFTERWARDS
    # ------------------------------------------------------------

    def _waiting(self, steps):
        # sudo: campaign trace - plans are written by the campaign only; here because its steps have changed
        return self.env['fluxforce.campaign.trace'].sudo().search(self._waiting_domain(steps))

    def _waiting_domain(self, steps):
        return [('activity_id', 'in', steps.ids), ('state', '=', 'waiting')]

    def _ask_again(self, steps, waiting=None):
        """What is due, and when, is decided anew from the steps as they are now and what is known about the people.

        :param waiting: the traces it is about; all that wait for the steps if not given.
        """
        begun = steps.filtered(lambda step: step.campaign_id.state != 'draft')
        if begun:
            waiting = self._waiting(begun) if waiting is None else waiting
            waiting.write({'due_at': fields.Datetime.now()})
            self.env['fluxforce.campaign']._wake()

    def _forget_plans(self, steps):
        """Who waits for some steps waits for them no more; nothing has been done there yet."""
        waiting = self._waiting(steps)
        participants = waiting.participant_id
        waiting.unlink()
        participants.flush_recordset()
        participants._close_done()

    def _hand_over(self, step, instead):
        """Who waits for a step waits for the one that was put above it: that begins when it would have. Who had that
        already goes on waiting for the step, by the way it has now.
        """
        waiting = self._waiting(step)
        had = self.env['fluxforce.campaign.trace'].sudo().search([  # sudo: campaign trace - as above
            ('activity_id', '=', instead.id), ('participant_id', 'in', waiting.participant_id.ids)]).participant_id
        waiting.filtered(lambda trace: trace.participant_id not in had).write({'activity_id': instead.id})
        self._ask_again(step, waiting)
