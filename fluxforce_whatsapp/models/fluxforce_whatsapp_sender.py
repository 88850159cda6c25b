import logging
import math
import time
from dataclasses import dataclass, field

import psycopg2

from odoo import api, models
from odoo.modules import module
from odoo.tools import config

from ..cloud_api.delivery import Pipeline
from ..policy.pace import HORIZON_S, IN_COMPANY, INVITATION_S
from .conflicts import CONFLICTS, again_on_conflict
from .fluxforce_whatsapp_claim import Claim, Tempo
from .fluxforce_whatsapp_message import BATCH

_logger = logging.getLogger(__name__)

# Seconds between two rounds while calls are in flight, at least: slots are given away further ahead than that.
ROUND_S = HORIZON_S * 0.55
# A round costs much the same for few messages as for many, so the next one begins as late as it may: so many seconds,
# and what a claim takes lately, before there is no slot left. (Our own choice.)
ROUND_SPARE_S = 0.15
# The shortest pause of a process that has its hands full, seconds.
LEAST_PAUSE_S = 0.02
# The longest wait for a slot, seconds: what is due later stays in the table.
PATIENCE_S = 2.0
# Between two looks of a run that stays for an answer, seconds: others' messages may become due meanwhile.
ANSWER_PAUSE_S = 0.5
# Who stays keeps a process from other scheduled work; where Odoo has fewer than so many, none would be left for it.
THREADS_TO_STAY = 2
# After so many seconds a run looks for another to relieve it, so that each process does other work in turn. The
# scheduler asks for 10; but each change costs a little speed, see ``COMPANY_SHARE``.
RUN_S = 30
# Seconds after which nothing is begun any more, although nobody came: with the longest call this stays well below the
# 120 seconds after which Odoo ends a scheduled action.
LONGEST_RUN_S = 45
# Both send, in turns: when a run ends its own action is still locked for whoever looks, the other one is free. Only the
# first stays for answers, so that of all runs one does.
ACTIONS = ('fluxforce_whatsapp.ir_cron_send', 'fluxforce_whatsapp.ir_cron_send_more')
# How long results are offered to a database that went away, seconds and pause.
RESCUE_S = 30
RESCUE_PAUSE_S = 1


@dataclass
class Shift:
    """One run of the sender.

    :ivar tempo: what it learns from claim to claim
    :ivar began: moment of this machine's monotonic clock
    :ivar invited_at: the same, of the last invitation to others
    :ivar bool may_stay: whether of all runs it is this one that stays for answers
    """

    tempo: Tempo = field(default_factory=Tempo)
    began: float = field(default_factory=time.monotonic)
    invited_at: float = -math.inf
    may_stay: bool = False

    @property
    def age(self):
        """:return: seconds since it began."""
        return time.monotonic() - self.began

    def may_invite(self):
        """:return: whether an invitation is to be made again; asking counts as making it."""
        if time.monotonic() - self.invited_at < INVITATION_S:
            return False
        self.invited_at = time.monotonic()
        return True


class FluxforceWhatsappSender(models.AbstractModel):
    """Sends what is due: claim, commit, call, record, round after round, while calls are in flight.

    The claim is committed before the call and no transaction waits for a call. So a killed worker leaves messages in
    the state *sending*, never *queued*: they become *unknown* and are settled by a status that carries their key.
    """

    _name = 'fluxforce.whatsapp.sender'
    _description = 'WhatsApp Sender'

    @api.model
    def _wake_outbox(self):
        """Run the sender soon. Call once per batch. A bridge to another queue overrides this method alone."""
        self._wake_first()

    def _wake_first(self):
        self.env.ref(ACTIONS[0]).sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_send(self):
        """Send while something is due and the scheduler has time."""
        if time.monotonic() >= self.env.context.get('cron_end_time', math.inf):
            # After a failure the scheduler calls up to ten times in a row; a process that works for minutes is killed.
            self._wake_next()
            self.env['ir.cron']._commit_progress(remaining=1)
            return
        self._tidy()
        # Odoo's tests let nothing out that goes through ``requests``; nothing may go past it there.
        pipeline = Pipeline(direct=not module.current_test)
        try:
            with pipeline:
                self._drain(pipeline)
        except Exception:
            self._rescue(pipeline.collect())
            raise

    # ------------------------------------------------------------
    # ROUNDS
    # ------------------------------------------------------------

    def _drain(self, pipeline):
        """Work until nothing is due or the time is over, and everything in flight is written."""
        shift, over = Shift(may_stay=self._is_first() and self._has_threads()), False
        while not over:
            began = time.monotonic()
            self._record(pipeline)
            self._recall_stopped(pipeline)
            claim_began = time.monotonic()
            claim = self._claim(pipeline, shift)
            if claim and claim.shared:
                # Before the commit: another run begins as soon as it sees that this one knows of it.
                pipeline.tighten(claim.shared, IN_COMPANY.late, IN_COMPANY.slack)
            self._commit(pipeline, claim)
            if claim and claim.jobs:
                shift.tempo.learn_lead(time.monotonic() - claim_began)
                pipeline.submit(claim.jobs)
            over = self._is_over(pipeline, claim, shift)
            if not over:
                pipeline.wait(self._pause(pipeline, claim, time.monotonic() - began, shift.tempo))
        self._record(pipeline, wait=True)
        self._end(shift, pipeline.rests(), claim)

    def _end(self, shift, rests, claim):
        """Leave the numbers to others; what is left although the time is over goes on in the other action, and whoever
        does not stay for an answer wakes the one that does."""
        again_on_conflict(self.env, lambda: self.env['fluxforce.whatsapp.pace']._sign_off(shift.tempo.name, rests))
        if shift.age > LONGEST_RUN_S:
            self._wake_next()
        elif claim.answer_soon and self._has_threads() and not shift.may_stay:
            self._wake_first()
        self.env['ir.cron']._commit_progress(remaining=0)

    def _recall_stopped(self, pipeline):
        """A stop by a person counts for what is planned, too."""
        if pipeline.planned:
            self.env.cr.execute(
                'SELECT phone_number_id FROM fluxforce_whatsapp_number WHERE stopped AND phone_number_id = ANY(%s)',
                [list(pipeline.planned)])
            pipeline.recall({phone_number_id for phone_number_id, in self.env.cr.fetchall()})

    def _record(self, pipeline, wait=False):
        """Write what came back; what somebody else is writing at this moment comes with the next round."""
        outcomes = pipeline.collect()
        if not outcomes:
            return
        try:
            left = again_on_conflict(
                self.env, lambda: self.env['fluxforce.whatsapp.outcome']._record(outcomes, wait))
            self.env['ir.cron']._commit_progress(len(outcomes) - len(left), remaining=1)
        except Exception:
            pipeline.put_back(outcomes)
            raise
        pipeline.put_back(left)
        left_ids = {outcome.message_id for outcome in left}
        written = [outcome for outcome in outcomes if outcome.message_id not in left_ids]
        self.env['fluxforce.whatsapp.outcome']._follow_up(written)
        if any(outcome.error for outcome in written):
            # What is planned for a number that was stopped a moment ago must not go.
            pipeline.recall(self.env['fluxforce.whatsapp.outcome']._halted_ids(written))
            self.env['ir.cron']._commit_progress(remaining=1)

    def _claim(self, pipeline, shift):
        """:return: what may be sent now; nothing while other workers keep being faster; None when the time is over."""
        if shift.age > LONGEST_RUN_S:
            if shift.may_invite():
                # A call that hangs keeps this run from ending, but nobody from going on.
                self._wake_next()
            return None
        shift.tempo.leaving = shift.age > RUN_S
        try:
            return again_on_conflict(self.env, lambda: self._claim_and_wake(pipeline, shift))
        except CONFLICTS:
            self.env.cr.rollback()
            return Claim(wait=ROUND_S)

    def _claim_and_wake(self, pipeline, shift):
        """Claim; where another run is wanted, the claim tells that it may join, so wake it in the same transaction."""
        claim = self.env['fluxforce.whatsapp.claim']._claim_round(pipeline.free, shift.tempo)
        if (shift.tempo.leaving or shift.tempo.short) and shift.may_invite():
            self._wake_next()
        return claim

    def _commit(self, pipeline, claim):
        """Commit the claim; what the scheduler is told as remaining is what is due or in flight."""
        remaining = claim is None or claim.wait is not None or pipeline.running
        self.env['ir.cron']._commit_progress(remaining=int(bool(remaining)))

    def _is_over(self, pipeline, claim, shift):
        if pipeline.running:
            return False
        if claim is None:
            return True
        is_idle = claim.wait is None or (not claim.taken and claim.wait > PATIENCE_S)
        is_staying = claim.answer_soon and shift.may_stay and not shift.tempo.leaving
        return is_idle and not is_staying

    def _pause(self, pipeline, claim, elapsed, tempo):
        """:return: seconds until the next round, given those this one took; nothing is locked or open meanwhile."""
        if claim and claim.taken and not claim.jobs:
            return 0
        if pipeline.running or not claim:
            return max(max(HORIZON_S - ROUND_SPARE_S - tempo.lead, ROUND_S) - elapsed, LEAST_PAUSE_S)
        longest = ANSWER_PAUSE_S if claim.answer_soon else PATIENCE_S
        return longest if claim.wait is None else min(claim.wait, longest)

    def _has_threads(self):
        return config['max_cron_threads'] >= THREADS_TO_STAY

    def _is_first(self):
        return self.env.context.get('cron_id') == self.env['ir.model.data']._xmlid_to_res_id(ACTIONS[0])

    def _wake_next(self):
        """Wake who helps or goes on: the other of the two scheduled actions."""
        actions = [self.env.ref(name, raise_if_not_found=False) for name in ACTIONS]
        present = self.env.context.get('cron_id')
        others = [action for action in actions if action and action.active and action.id != present]
        if others and any(action and action.id == present for action in actions):
            others[0].sudo()._trigger()  # sudo: ir.cron - only wakes it
        else:
            self._wake_outbox()

    def _rescue(self, outcomes):
        """Keep results although the database went away: offer them to a new connection for a while."""
        end = time.monotonic() + RESCUE_S
        while outcomes:
            try:
                with self.env.registry.cursor() as cr:
                    self.with_env(self.env(cr=cr)).env['fluxforce.whatsapp.outcome']._record(outcomes, wait=True)
                return
            except (psycopg2.Error, ValueError):
                if time.monotonic() > end:
                    _logger.exception('%s results of WhatsApp messages could not be kept', len(outcomes))
                    return
                time.sleep(RESCUE_PAUSE_S)

    # ------------------------------------------------------------
    # TIDY UP
    # ------------------------------------------------------------

    def _tidy(self):
        """Stop what must not send, give up what a dead worker had in hand, and end what comes too late."""
        self.env['fluxforce.whatsapp.account']._stop_copies()
        message = self.env['fluxforce.whatsapp.message']
        abandoned = again_on_conflict(self.env, message._give_up_abandoned)
        if abandoned:
            _logger.warning('%s WhatsApp messages were in the hands of a worker that is gone', abandoned)
        told = again_on_conflict(self.env, message._tell_undecided)
        found = again_on_conflict(self.env, message._release_forgotten)
        ended = again_on_conflict(self.env, lambda: message._expire(BATCH))
        while ended == BATCH:
            self.env['ir.cron']._commit_progress(ended, remaining=1)
            ended = again_on_conflict(self.env, lambda: message._expire(BATCH))
        if abandoned or ended or told or found:
            self.env['ir.cron']._commit_progress(abandoned + ended + found)
