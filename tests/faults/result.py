"""What a run of one fault returns, and the list of all faults."""
from dataclasses import dataclass, field

from .judge import Verdict

FAULTS = {}


@dataclass
class Result:
    """What came of a fault: the sets, other figures, and properties that did not hold, in words."""

    verdict: Verdict = field(default_factory=Verdict)
    facts: dict = field(default_factory=dict)
    broken: list = field(default_factory=list)

    @property
    def holds(self):
        return self.verdict.holds and not self.broken

    def require(self, holds, what):
        """Note a property that must hold, in words, if it does not."""
        if not holds:
            self.broken.append(what)


def fault(name):
    """Register a function ``(server, quick, result)`` that runs a fault and fills in the :class:`Result`."""
    def register(function):
        FAULTS[name] = function
        return function
    return register
