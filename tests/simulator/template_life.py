"""What Meta does with a template by itself: review, quality, pauses, other categories."""

from . import payloads
from .errors import GraphError
from .limits import SlidingWindow
from .template_text import refuse

#: How a template answers to bad ratings: paused, paused for longer, disabled.
PAUSE_TITLES = ('PAUSED', 'SECOND_PAUSE')
#: The pause that only a call ends.
PACING_PAUSE = 'RATE_LIMITING_PAUSE'
#: Seconds for which a caller of GET /idle may be made to wait.
PATIENCE = 600


class TemplateLife:
    """Quotas and pauses, by template or account; all of it is forgotten at a reset."""

    def __init__(self, sim):
        """Take the simulator for settings and clock."""
        self.sim = sim
        self.edits, self.creations, self.blocked = {}, {}, {}
        self.pauses, self.pause_kind = {}, {}

    # --- quotas ---

    def count_creation(self, waba_id):
        """Book one creation of an account or refuse it."""
        settings = self.sim.settings
        window = self.creations.setdefault(waba_id, SlidingWindow(settings.creation_window))
        if window.count(self.sim.now) >= settings.creation_limit:
            raise GraphError(80007, 'There have been too many template creations for this account in the last hour.')
        if len(self.sim.world.wabas[waba_id]['templates']) >= settings.template_limit:
            raise refuse(2388019, 'Template limit reached', f'An account has at most {settings.template_limit}.')
        window.add(self.sim.now)

    def count_edit(self, template):
        """Book one edit of an approved template or refuse it; the others may be edited at any time."""
        if template['status'] != 'APPROVED':
            return
        windows = self.edits.setdefault(template['id'], [
            (SlidingWindow(seconds), count) for seconds, count in self.sim.settings.edit_quotas])
        now = self.sim.now
        if any(window.count(now) >= count for window, count in windows):
            raise refuse(2388039, 'Template can not be edited',
                         'An approved template can be edited once in 24 hours and 10 times in 30 days.')
        for window, _count in windows:
            window.add(now)

    def block_name(self, waba_id, template):
        """Keep the name and language of a deleted approved template."""
        key = (waba_id, template['name'], template['language'])
        self.blocked[key] = self.sim.now + self.sim.settings.name_block_seconds

    def is_blocked(self, waba_id, name, language):
        """Tell whether a name is still kept."""
        return self.blocked.get((waba_id, name, language), 0) > self.sim.now

    # --- pauses ---

    def rate(self, template, score):
        """Give a template a quality score; a RED one is paused, the third time disabled."""
        change_template(self.sim, template, {'quality_score': score})
        if score == 'RED' and template['status'] == 'APPROVED':
            self._pause(template)

    def _pause(self, template):
        count = self.pauses[template['id']] = self.pauses.get(template['id'], 0) + 1
        lengths = self.sim.settings.pause_seconds
        if count > len(lengths):
            change_template(self.sim, template, {'status': 'DISABLED'})
            return
        change_template(self.sim, template, {'status': 'PAUSED', 'pause': PAUSE_TITLES[min(count, 2) - 1]})
        schedule = self.sim.later if lengths[count - 1] > PATIENCE else self.sim.schedule
        schedule.after(lengths[count - 1], self._end_pause, template, count)

    def _end_pause(self, template, count):
        is_same = self.pauses.get(template['id']) == count
        if is_same and template['status'] == 'PAUSED' and template['id'] in self.sim.world.templates:
            change_template(self.sim, template, {'status': 'APPROVED'})

    def unpause(self, template):
        """End a pause of pacing; timed ones end by themselves."""
        if template['status'] != 'PAUSED' or self.pause_kind.get(template['id']) != PACING_PAUSE:
            raise GraphError(100, message='(#100) Only templates that were paused while paced can be unpaused')
        change_template(self.sim, template, {'status': 'APPROVED'})


# --- review ---


def plan_review(sim, template):
    """Let Meta decide about a template later."""
    plan = sim.settings.reviews.get(template['name'], {})
    sim.schedule.after(plan.get('seconds', sim.settings.review_seconds), _review, sim, template, plan)


def _review(sim, template, plan):
    if template['id'] not in sim.world.templates or template['status'] != 'PENDING':
        return
    outcome = plan.get('outcome', sim.settings.review_outcome)
    changes = {key: plan[key] for key in ('category', 'correct_category') if key in plan}
    if outcome == 'REJECTED':
        changes['reason'] = plan.get('reason', sim.settings.review_reason)
    change_template(sim, template, {'status': outcome, **changes})


def change_template(sim, template, changes, report=True):
    """Change a template from Meta's side and send the webhooks that go with it."""
    waba_id = sim.world.owner[template['id']]
    before = dict(template)
    changes = dict(changes)
    score = changes.pop('quality_score', None)
    correct = changes.pop('correct_category', None)
    detected = changes.pop('detected_category', None)
    reason = changes.pop('reason', None)
    pause = changes.pop('pause', '')
    template.update(changes)
    if score:
        template['quality_score'] = {'score': score} if isinstance(score, str) else score
    if template['status'] == 'REJECTED':
        template['rejected_reason'] = reason = reason or 'INVALID_FORMAT'
    elif template['status'] == 'APPROVED':
        template['rejected_reason'] = 'NONE'
    if template['status'] == 'PAUSED':
        sim.template_life.pause_kind[template['id']] = pause
    sim.world.refresh_spec(template)
    if correct or detected:
        template['correct_category'] = correct or detected
    for update in _updates(waba_id, before, template, reason, pause, correct) if report else ():
        sim.webhooks.push(update)
    if detected and report:
        sim.webhooks.push(payloads.category_detected(waba_id, template))
    if correct and sim.settings.category_change_seconds is not None:
        sim.schedule.after(sim.settings.category_change_seconds, _correct, sim, template, correct)


def _correct(sim, template, category):
    """Move a template to the category that was announced."""
    if template['id'] in sim.world.templates and template['category'] != category:
        change_template(sim, template, {'category': category})


def _updates(waba_id, before, template, reason, pause, correct):
    if template['category'] != before['category']:
        template['previous_category'] = before['category']
        yield payloads.category_update(waba_id, template, before['category'])
    if template['status'] != before['status']:
        yield payloads.template_status_update(waba_id, template, template['status'], reason, before['status'], pause)
    old, new = (item.get('quality_score', {}).get('score') for item in (before, template))
    if old != new:
        yield payloads.quality_update(waba_id, template, old or 'UNKNOWN')
    if template['components'] != before['components']:
        yield payloads.components_update(waba_id, template)
    if correct and correct != before.get('correct_category'):
        yield payloads.category_notice(waba_id, template, correct)
