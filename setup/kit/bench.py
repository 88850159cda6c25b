"""``setup/bench NAME``: measures the outbox; alone it lists the names. The last line is JSON.

A figure that misses its mark is shown, it is no error: the machine may be busy. An error is a bench that cannot run.
"""
import argparse
import json
import sys

from . import postgres
from .paths import ROOT
from .report import Stop, run, step


def main():
    sys.path.insert(0, str(ROOT))
    from tests.bench import BENCHES  # noqa: PLC0415  loads Odoo
    arguments = parse()
    if not arguments.name:
        for name, bench in BENCHES.items():
            print(f'{name:<10} {bench.__doc__.splitlines()[0]}')
        return 0
    if arguments.name not in BENCHES:
        raise Stop(f'There is no bench {arguments.name}.', f'There are: {" ".join(BENCHES)}')
    server = postgres.server(arguments)
    with step(f'Bench {arguments.name}'):
        figures = BENCHES[arguments.name](server, arguments.quick)
    print(json.dumps(figures), flush=True)
    return 0


def parse():
    parser = argparse.ArgumentParser(prog='setup/bench', description=__doc__)
    parser.add_argument('name', nargs='?', metavar='NAME', help='which; without, the names are listed')
    parser.add_argument('--quick', action='store_true', help='few messages: to see that it runs, not to measure')
    postgres.add_arguments(parser)
    return parser.parse_args()


if __name__ == '__main__':
    run(main)
