"""Template pacing: the first messages of a template go out, the others wait for a judgement. [M26:template_pacing]"""

from collections import Counter

from .template_life import change_template

HELD = 'held_for_quality_assessment'
DROPPED = 132015


class Pacing:
    """The messages held back, by template id."""

    def __init__(self, sim):
        """Take the simulator for settings, templates and the courier."""
        self.sim = sim
        self.begin()
        self.held = {}

    def begin(self):
        """Count from the start again (`held_templates` was set)."""
        self.passed = Counter()
        self.released = set()

    @property
    def count(self):
        """Number of messages that are held now."""
        return sum(map(len, self.held.values()))

    def holds(self, template_id):
        """Tell whether the next message of a template is held; one that is not counts as one of the first."""
        plan = self.sim.settings.held_templates
        if not plan or template_id in self.released:
            return False
        first = plan.get(template_id, plan.get(self.sim.world.templates[template_id]['name']))
        if first is None or self.passed[template_id] >= first:
            return first is not None
        self.passed[template_id] += 1
        return False

    def keep(self, message, person, number):
        """Hold a message."""
        self.held.setdefault(message.template_id, []).append((message, person, number))

    def release(self, template):
        """Let the held messages of a template go on, later ones too; return how many."""
        self.released.add(template['id'])
        waiting = self.held.pop(template['id'], [])
        for message, person, number in waiting:
            self.sim.courier.accept(message, person, number, 0.0)
        return len(waiting)

    def drop(self, template):
        """Pause the template and fail what is held; return how many. Unpaused, the template is paced anew."""
        del self.passed[template['id']]
        waiting = self.held.pop(template['id'], [])
        change_template(self.sim, template, {'status': 'PAUSED', 'pause': 'RATE_LIMITING_PAUSE'})
        for message, person, number in waiting:
            self.sim.courier.fail(message, person, number, DROPPED)
        return len(waiting)

    def as_dict(self):
        """Return the answer of GET /held: template id, name, language and how many are held."""
        templates = self.sim.world.templates
        return [{'template_id': key, 'name': templates[key]['name'], 'language': templates[key]['language'],
                 'held': len(waiting)} for key, waiting in self.held.items() if key in templates]
