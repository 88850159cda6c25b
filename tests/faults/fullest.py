"""Tells about the second that held most messages: whose they were, how late each was, and who got no processor."""
import statistics
import time
from collections import Counter

from .diary import now

SECOND_S = 1.0


def fullest_second(ledger, diary, stalls):
    """:return: the facts of that second, ready for JSON; moments are seconds since it began.

    :param list ledger: of the simulator
    :param Diary diary: of the processes
    :param list stalls: of the simulator: (Unix moment, seconds) when it could not do anything
    """
    unix = time.time() - now()
    accepted = sorted((entry['accepted_at'] - unix, entry['key']) for entry in ledger)
    began, messages = most_together(accepted)
    calls = {call['key']: call for call in diary.entries('call') if not call['error']}
    known = [(moment, calls[key]) for moment, key in messages if key in calls]
    return {
        'messages': len(messages),
        'of_each': Counter(call['pid'] for __, call in known),
        'since': {f'{entry["what"]} {entry["pid"]}': round(began - entry['at'], 2) for what in (
            'start', 'stopped', 'killed', 'end') for entry in diary.entries(what) if entry['at'] < began + SECOND_S},
        'began_late_s': spread(call['began'] - call['planned'] for __, call in known),
        'on_the_way_s': spread(moment - call['began'] for moment, call in known),
        'most_begun': len(most_together(sorted((call['began'], key) for key, call in calls.items()))[1]),
        'simulator_stood_still': [(round(at - unix - began, 3), round(seconds, 3)) for at, seconds in stalls
                                  if -SECOND_S < at - unix - began < 2 * SECOND_S],
    }


def most_together(moments):
    """:param list moments: sorted (moment, key). :return: when the fullest sliding second began, and what it holds."""
    first, best = 0, (0, 0)
    for last, (moment, __) in enumerate(moments):
        while moment - moments[first][0] >= SECOND_S:
            first += 1
        best = max(best, (last - first + 1, -first))
    count, first = best[0], -best[1]
    return (moments[first][0] if moments else 0.0), moments[first:first + count]


def spread(seconds):
    """:return: the least, the middle and the most of them."""
    seconds = sorted(seconds)
    if not seconds:
        return None
    return [round(one, 3) for one in (seconds[0], statistics.median(seconds), seconds[-1])]
