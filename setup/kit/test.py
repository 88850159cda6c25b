"""``setup/test``: every test. Parts: plain, odoo (pytest-odoo), apps (beside CRM and Sales), runner (Odoo's own), e2e.
The rest goes to pytest."""
import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass

from . import chromium, databases, odoo, ports, postgres
from .paths import ADDONS, CACHE, ROOT
from .report import run, say

DATABASE = 'fluxforce_test'
# The addons need none of these; what they do beside them stands in tests/test_*_apps.py.
APPS = ('crm', 'sale_management')
SUMMARY = re.compile(r'(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)')
RUNNER_SUMMARY = re.compile(r'(\d+) failed, (\d+) error\(s\) of (\d+) tests')
# pytest-odoo takes hold of every run unless it is told not to.
WITHOUT_ODOO = ['-p', 'no:odoo']


@dataclass
class Result:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Result(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f'{self.passed} passed, {self.failed} failed, {self.skipped} skipped'


def main():
    arguments, extra = parse()
    os.environ.setdefault('HYPOTHESIS_STORAGE_DIRECTORY', str(CACHE / 'hypothesis'))
    browser = chromium.ensure()
    if not browser:
        say(f'  Browser tests are skipped: {chromium.REASON}')
    server = postgres.server(arguments)
    total = Result()
    for part in arguments.parts.split(','):
        say(f'── {part}')
        total += PARTS[part](server, extra)
    print(total, flush=True)
    return 1 if total.failed else 0


def parse():
    parser = argparse.ArgumentParser(prog='setup/test', description=__doc__)
    parser.add_argument('--parts', default=','.join(PARTS), help='which, separated by commas (default: all)')
    postgres.add_arguments(parser)
    return parser.parse_known_args()


# --- Parts -----------------------------------------------------------------------------------------------------------


def plain(_server, extra):
    """What needs neither Odoo nor a database."""
    return pytest([*WITHOUT_ODOO, str(ROOT / 'tests' / 'plain'), *extra])


def odoo_tests(server, extra):
    """The addons' tests under pytest-odoo; without --odoo-http it would skip those that use HTTP."""
    folders = [str(ROOT / addon / 'tests') for addon in ADDONS if list((ROOT / addon / 'tests').glob('test_*.py'))]
    return pytest_odoo(server, DATABASE, [*folders, *extra])


def apps(server, extra):
    """What the addons do where other apps of Odoo are installed."""
    files = [str(path) for addon in ADDONS for path in sorted((ROOT / addon / 'tests').glob('test_*_apps.py'))]
    return pytest_odoo(server, f'{DATABASE}_apps', [*files, *extra], APPS)


def runner(server, extra):
    """The same under Odoo's own runner."""
    if extra:
        return Result()  # a selection for pytest means nothing here
    databases.ensure(server, DATABASE)
    tags = ','.join(f'/{addon}' for addon in ADDONS)
    command = odoo.command(server, DATABASE, '-u', ADDONS[0], f'--test-tags={tags}', '--stop-after-init',
                           f'--http-interface={ports.HOST}', f'--http-port={ports.free()}', '--max-cron-threads=0')
    # Tests look at what is logged, so nothing is turned off; only what matters is shown.
    return stream(command, read_runner_summary, lambda line: ' INFO ' not in line or 'odoo.tests.result' in line)


def e2e(_server, extra):
    """Real processes: the demo's main job, and faults on it."""
    return pytest([*WITHOUT_ODOO, str(ROOT / 'tests' / 'e2e'), *extra])


PARTS = {'plain': plain, 'odoo': odoo_tests, 'apps': apps, 'runner': runner, 'e2e': e2e}


# --- Running ---------------------------------------------------------------------------------------------------------


def pytest_odoo(server, database, arguments, installed=()):
    databases.ensure(server, database, apps=installed)
    return pytest([*arguments, f'--odoo-config={config(server)}', f'--odoo-database={database}', '--odoo-http'])


def pytest(arguments):
    command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *arguments]
    return stream(command, read_pytest_summary)


def stream(command, read_summary, shown=lambda line: True):
    """Run a test program, show its output as it comes, and count its tests."""
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            if shown(line):
                sys.stderr.write(line)
            lines.append(line)
    return read_summary(lines, process.returncode)


def read_pytest_summary(lines, code):
    """pytest's last line; its exit code 5 (nothing selected) is no failure."""
    counts = {word.rstrip('s'): int(number) for number, word in SUMMARY.findall(lines[-1] if lines else '')}
    failed = counts.get('failed', 0) + counts.get('error', 0)
    if code not in (0, 5) and not failed:
        failed = 1
    return Result(counts.get('passed', 0), failed, counts.get('skipped', 0))


def read_runner_summary(lines, code):
    found = RUNNER_SUMMARY.findall(''.join(lines))
    failed, errors, total = map(int, found[-1]) if found else (0, 0, 0)
    bad = failed + errors
    if (code or not found) and not bad:
        bad = 1
    return Result(total - failed - errors if found else 0, bad)


def config(server):
    """pytest-odoo takes a configuration file only."""
    path = CACHE / 'odoo-test.conf'
    values = {'addons_path': odoo.addons_path(), 'data_dir': odoo.DATA_DIR, 'db_name': DATABASE,
              'max_cron_threads': 0, **{f'db_{name}': getattr(server, name) for name in postgres.OPTIONS
                                        if getattr(server, name)}}
    path.write_text('[options]\n' + ''.join(f'{name} = {value}\n' for name, value in values.items()))
    path.chmod(0o600)
    return path


if __name__ == '__main__':
    run(main)
