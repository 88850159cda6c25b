"""``setup/lint``: ruff, pylint-odoo and a look for what must not be in the repository."""
import re
import subprocess
import sys

from .paths import ADDONS, ROOT
from .report import run, say

# README.rst is made by OCA's bot, here readme/ is read as it is; super() without a value is common in plain Python; the
# reducer is extended by a file per thing that Meta tells.
NOT_OURS = 'missing-readme,missing-return,consider-merging-classes-inherited'
# Assembled, so that this file does not find itself.
FORBIDDEN = {
    'a package registry host': r'\b(py' r'pi|python' r'hosted|npm' r'js|(security\.)?deb' r'ian)\.(org|com)\b',
    'a machine path': r'(?<![\w.$}])/(wo' r'rk|ro' r'ot|ho' r'me)/[A-Za-z]',
}


def main():
    results = [
        check('ruff', [sys.executable, '-m', 'ruff', 'check', '.']),
        check('pylint-odoo', [sys.executable, '-m', 'pylint', '--rcfile=.pylintrc', f'--disable={NOT_OURS}', *ADDONS]),
        no_forbidden_text(),
    ]
    return 0 if all(results) else 1


def check(name, command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    say(f'{"✓" if not done.returncode else "✗"} {name}')
    if done.returncode:
        say((done.stdout + done.stderr).strip())
    return not done.returncode


def no_forbidden_text():
    files = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], cwd=ROOT,
                           capture_output=True, text=True, check=True).stdout.split('\0')
    hits = [f'{name}:{number}: {what}' for name in files if name for what, number in find_forbidden(ROOT / name)]
    say(f'{"✗" if hits else "✓"} nothing in the repository that belongs to one machine')
    for hit in hits:
        say(hit)
    return not hits


def find_forbidden(path):
    try:
        lines = path.read_text().splitlines()
    except (UnicodeDecodeError, FileNotFoundError):
        return
    for number, line in enumerate(lines, 1):
        for what, pattern in FORBIDDEN.items():
            if re.search(pattern, line):
                yield what, number


if __name__ == '__main__':
    run(main)
