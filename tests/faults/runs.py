"""Runs faults by name and sums them up in one line."""
import time

from kit.report import Stop, step

# Each registers its faults.
from . import answers, kills, pace, people, processes, stops
from .judge import FIGURES, MUST_BE_ZERO
from .result import FAULTS, Result

__all__ = ['FAULTS', 'answers', 'kills', 'pace', 'people', 'processes', 'stops']


def run_all(server, names, quick):
    """:return: :class:`Result` by name, in the given order."""
    return {name: run_one(server, name, quick) for name in names}


def run_one(server, name, quick):
    result, started = Result(), time.monotonic()
    with step(f'{name}: {FAULTS[name].__doc__.splitlines()[0]}'):
        try:
            FAULTS[name](server, quick, result)
        except Stop as stop:
            # The other faults still tell something.
            result.broken.append(' '.join(filter(None, (stop.problem, stop.remedy))))
    result.facts['seconds'] = round(time.monotonic() - started)
    return result


def summary(results):
    """:return: totals and the figures of each fault, ready for JSON."""
    counts = {name: result.verdict.counts() for name, result in results.items()}
    totals = {figure: sum(one[figure] for one in counts.values()) for figure in FIGURES}
    by_fault = {name: {**counts[name], **result.facts, 'broken': result.broken, **examples(result.verdict)}
                for name, result in results.items()}
    return {'runs': len(results), **totals, 'by_fault': by_fault}


def examples(verdict):
    """:return: a few keys of each set that should be empty, for whoever looks for the reason."""
    return {f'{name}_keys': sorted(getattr(verdict, name))[:3] for name in MUST_BE_ZERO if getattr(verdict, name)}
