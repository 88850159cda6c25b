"""Runs faults by name and sums them up in one line."""
import json
import time
import traceback

from kit.report import Stop, say, step

# Each registers its faults.
from . import (
    answers,
    campaign,
    cap,
    changes,
    disorder,
    dispatch,
    gaps,
    kills,
    mailing,
    media,
    pace,
    people,
    people_stop,
    processes,
    stops,
    strangers,
    uploads,
)
from .judge import FIGURES
from .result import FAULTS, GROUPS, Result
from .webhook_judge import FIGURES as WEBHOOK_FIGURES

__all__ = ['FAULTS', 'GROUPS', 'answers', 'campaign', 'cap', 'changes', 'dispatch', 'disorder', 'gaps', 'kills',
           'mailing', 'media', 'pace', 'people', 'people_stop', 'processes', 'stops', 'strangers', 'uploads']


def run_all(server, names, quick):
    """:return: :class:`Result` by name, in the given order."""
    return {name: run_one(server, name, quick) for name in names}


def run_one(server, name, quick):
    result, started = Result(), time.monotonic()
    with step(f'{name}: {FAULTS[name].__doc__.splitlines()[0]}'):
        try:
            FAULTS[name](server, quick, result)
        except Exception as error:
            # The other faults still tell something.
            if not isinstance(error, Stop):
                traceback.print_exc()
            result.broken.append(f'{type(error).__name__}: {error}')
    result.facts['seconds'] = round(time.monotonic() - started)
    say(f'  {json.dumps(figures(result))}')
    return result


def figures(result):
    """:return: what a run of a fault has to tell, ready for JSON."""
    skipped = {'skipped': result.skipped} if result.skipped else {}
    return {**result.verdict.counts(), **result.facts, **skipped, 'broken': result.broken,
            **examples(result.verdict)}


def summary(results):
    """:return: totals and the figures of each fault, ready for JSON."""
    counts = {name: result.verdict.counts() for name, result in results.items()}
    totals = {figure: sum(one.get(figure, 0) for one in counts.values())
              for figure in dict.fromkeys((*FIGURES, *WEBHOOK_FIGURES))}
    by_fault = {name: figures(result) for name, result in results.items()}
    return {'runs': len(results), **totals, 'by_fault': by_fault}


def examples(verdict):
    """:return: a few keys of each set that should be empty, for whoever looks for the reason."""
    return {f'{name}_keys': sorted(getattr(verdict, name))[:3]
            for name in verdict.must_be_zero if getattr(verdict, name)}
