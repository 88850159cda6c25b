"""Makes the virtual environment with Odoo in it. Runs with the system's Python, so: standard library only."""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import odoo_source
from .commands import check
from .paths import CACHE, PINS, VENV
from .report import Stop, run, step

NEEDED_BYTES = 3 * 1024 ** 3  # environment, Odoo, PostgreSQL and two databases
STAMP = VENV / '.fluxforce-stamp'
NETWORK_REMEDY = 'Is there a network? Behind a proxy or a package mirror, set pip up for it and run this again.'


def main():
    stamp = fingerprint()
    if STAMP.exists() and STAMP.read_text() == stamp:
        return 0
    require_disk_space()
    CACHE.mkdir(parents=True, exist_ok=True)
    source = odoo_source.find()
    build_environment(source)
    STAMP.write_text(stamp)
    return 0


def fingerprint():
    """What the environment depends on: pins, Python and where Odoo comes from."""
    content = b''.join(path.read_bytes() for path in sorted(PINS.glob('*.txt')))
    parts = [hashlib.sha256(content).hexdigest(), sys.version, os.environ.get('ODOO_PATH', ''), str(CACHE)]
    return '\n'.join(parts)


def require_disk_space():
    folder = CACHE
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise Stop(f'Only {free // 1024 ** 2} MiB are free in {folder}; about {NEEDED_BYTES // 1024 ** 2} are needed.',
                   'Make room, or put the cache elsewhere: FLUXFORCE_CACHE=/path/with/room setup/…')


def build_environment(source):
    """Create the environment and make the Odoo found importable in it."""
    with step(f'Python environment for Odoo 19 ({source.label})'):
        shutil.rmtree(VENV, ignore_errors=True)
        options = ['--system-site-packages'] if source.brings_dependencies else []
        check([sys.executable, '-m', 'venv', *options, str(VENV)], 'The virtual environment could not be made',
              'On Debian and Ubuntu install the package python3-venv.')
        pins = ['tools.txt'] if source.brings_dependencies else ['odoo.txt', 'tools.txt']
        requirements = [part for name in pins for part in ('-r', str(PINS / name))]
        check([str(VENV / 'bin' / 'python'), '-m', 'pip', 'install', '--disable-pip-version-check', *requirements],
              'Python packages could not be installed', NETWORK_REMEDY)
        make_importable(source)


def make_importable(source):
    if source.import_path:
        site = check([str(VENV / 'bin' / 'python'), '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
                     'The virtual environment does not work').strip()
        Path(site, 'odoo19.pth').write_text(f'{source.import_path}\n')
    series = subprocess.run([str(VENV / 'bin' / 'python'), '-c', 'from odoo import release; print(release.series)'],
                            capture_output=True, text=True, check=False).stdout.strip()
    if series != '19.0':
        raise Stop(f'The Odoo found ({source.label}) is {series or "not importable"}, not 19.0.',
                   'Point ODOO_PATH at an Odoo 19.0 source tree, or unset it.')


if __name__ == '__main__':
    run(main)
