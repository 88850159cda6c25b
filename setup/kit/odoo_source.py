"""Finds Odoo 19.0 Community: the user's own, else Debian's package, else a clone of the official branch."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import debian
from .commands import check
from .paths import CACHE
from .report import Stop, say, step

REPOSITORY = 'https://github.com/odoo/odoo.git'
CLONE = CACHE / 'odoo-clone'


@dataclass(frozen=True)
class Source:
    """Where Odoo was found; ``import_path`` goes on sys.path, empty when it is importable already."""

    label: str
    import_path: str = ''
    brings_dependencies: bool = False


def find():
    """:return: the first :class:`Source` that works. :raise Stop: if none does."""
    if os.environ.get('ODOO_PATH'):
        return from_path(Path(os.environ['ODOO_PATH']).resolve())
    if importable():
        return Source('already installed', brings_dependencies=True)
    try:
        return Source("Debian's package", str(debian.unpacked_odoo()))
    except Stop as stop:
        say(f"  Debian's package is not to be had: {stop.problem}")
    return from_clone()


def from_path(path):
    if not (path / 'odoo' / 'release.py').exists():
        raise Stop(f'ODOO_PATH={path} holds no Odoo source tree (no odoo/release.py).',
                   'Point it at the folder that contains the package "odoo", or unset it.')
    return Source('ODOO_PATH', str(path))


def importable():
    code = 'from odoo import release; raise SystemExit(release.series != "19.0")'
    # Isolated from this kit's own PYTHONPATH and working directory.
    return subprocess.run([sys.executable, '-I', '-c', code], capture_output=True, check=False).returncode == 0


def from_clone():
    if not (CLONE / 'odoo' / 'release.py').exists():
        shutil.rmtree(CLONE, ignore_errors=True)
        with step("Odoo 19.0 from the official repository (about 300 MiB)"):
            check(['git', 'clone', '--quiet', '--depth', '1', '--branch', '19.0', REPOSITORY, str(CLONE)],
                  'Odoo could not be cloned',
                  'Is there a network? Or point ODOO_PATH at an Odoo 19.0 source tree you have.')
    return Source('clone', str(CLONE))
