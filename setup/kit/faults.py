"""``setup/faults [NAME …]``: sends through every fault on real processes and compares Odoo with Meta's stand-in.

The last line is JSON. The exit code is 1 if a message was lost, went twice, came from nowhere or is shown wrongly, or
if another property does not hold.
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
    arguments = parse(runs.FAULTS)
    results = runs.run_all(postgres.server(arguments), arguments.names or list(runs.FAULTS), arguments.quick)
    for name, result in results.items():
        for broken in result.broken:
            say(f'✗ {name}: {broken}')
    print(json.dumps(runs.summary(results)), flush=True)
    return 0 if all(result.holds for result in results.values()) else 1


def parse(faults):
    parser = argparse.ArgumentParser(prog='setup/faults', description=__doc__)
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'which (default: all): {" ".join(faults)}')
    parser.add_argument('--quick', action='store_true', help='few messages and short outages: for correctness')
    postgres.add_arguments(parser)
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(faults)
    if unknown:
        raise Stop(f'There is no fault {min(unknown)}.', f'There are: {" ".join(faults)}')
    return arguments


if __name__ == '__main__':
    run(main)
