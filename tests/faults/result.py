"""What a run of one fault returns, and the list of all faults."""
from dataclasses import dataclass, field

from .judge import Verdict

FAULTS = {}
# Names of faults by the name that runs them all.
GROUPS = {}


@dataclass
class Result:
    """What came of a fault: the sets, other figures, and in words what did not hold and what was not looked at.

    ``verdict`` is a :class:`~tests.faults.judge.Verdict` or a :class:`~tests.faults.webhook_judge.WebhookVerdict`.
    """

    verdict: Verdict = field(default_factory=Verdict)
    facts: dict = field(default_factory=dict)
    broken: list = field(default_factory=list)
    skipped: list = field(default_factory=list)

    @property
    def holds(self):
        return self.verdict.holds and not self.broken

    def require(self, holds, what):
        """Note a property that must hold, in words, if it does not."""
        if not holds:
            self.broken.append(what)


    def skip(self, what):
        """Note what cannot be looked at yet, and why."""
        self.skipped.append(what)


def fault(name, group=None):
    """Register a function ``(server, quick, result)`` that runs a fault and fills in the :class:`Result`."""
    def register(function):
        FAULTS[name] = function
        if group:
            GROUPS.setdefault(group, []).append(name)
        return function
    return register
