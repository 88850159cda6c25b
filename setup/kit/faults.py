"""``setup/faults [NAME …]``: sends through every fault on real processes and compares Odoo with Meta's stand-in.

``setup/faults webhooks`` runs all that is about what comes in. The last line is JSON. The exit code is 1 if a message
or a webhook was lost, went or counted twice, came from nowhere or is shown wrongly, or if another property does not
hold.
"""
import argparse
import json
import sys

from . import postgres
from .paths import ROOT
from .report import Stop, run, say


def main():
    sys.path.insert(0, str(ROOT))
    from tests.faults import runs  # noqa: PLC0415  loads Odoo
    arguments = parse(runs.FAULTS, runs.GROUPS)
    results = runs.run_all(postgres.server(arguments), arguments.names or list(runs.FAULTS), arguments.quick)
    for name, result in results.items():
        for skipped in result.skipped:
            say(f'– {name}: {skipped}')
        for broken in result.broken:
            say(f'✗ {name}: {broken}')
    print(json.dumps(runs.summary(results)), flush=True)
    return 0 if all(result.holds for result in results.values()) else 1


def parse(faults, groups):
    parser = argparse.ArgumentParser(prog='setup/faults', description=__doc__)
    parser.add_argument('names', nargs='*', metavar='NAME',
                        help=f'which (default: all): {" ".join(faults)}; {" ".join(groups)} for many')
    parser.add_argument('--quick', action='store_true', help='few messages and short outages: for correctness')
    postgres.add_arguments(parser)
    arguments = parser.parse_args()
    arguments.names = list(dict.fromkeys(one for name in arguments.names for one in groups.get(name, [name])))
    unknown = set(arguments.names) - set(faults)
    if unknown:
        raise Stop(f'There is no fault {min(unknown)}.', f'There are: {" ".join([*faults, *groups])}')
    return arguments


if __name__ == '__main__':
    run(main)
