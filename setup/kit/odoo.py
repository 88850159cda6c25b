"""How Odoo is started here: options that are the same for every database and run."""
import functools
import shutil
import sys
from pathlib import Path

from .paths import CACHE, ROOT, SETUP

DATA_DIR = CACHE / 'odoo-data'
PROGRAM = SETUP / 'kit' / 'bin' / 'odoo_server.py'


def command(server, database, *options):
    """The command line of an Odoo process on one database."""
    return [sys.executable, str(PROGRAM), 'server', *common_options(server, database), *options]


def common_options(server, database):
    return [
        f'--config={empty_config()}', f'--addons-path={addons_path()}', f'--data-dir={DATA_DIR}',
        *server.odoo_options(), f'--database={database}', '--no-database-list',
        '--geoip-city-db=', '--geoip-country-db=',
    ]


def empty_config():
    """An empty file: options of a configuration the user may have for another Odoo must not leak in."""
    path = CACHE / 'odoo.conf'
    if not path.exists():
        path.write_text('[options]\n')
    return path


@functools.cache
def package_folder():
    import odoo  # noqa: PLC0415  slow, and most commands do not need it
    return Path(odoo.__path__[0]).resolve()


def addons_path():
    """Our addons and Odoo's: beside its package in a source tree, inside it once installed."""
    inside = package_folder() / 'addons'
    folders = [inside] if (inside / 'mail').is_dir() else [inside, package_folder().parent / 'addons']
    return ','.join(map(str, [ROOT, *folders]))


def fingerprint():
    """Which Odoo this is."""
    from odoo import release  # noqa: PLC0415
    return f'{release.version} {package_folder()}'


def copy_filestore(template, name):
    drop_filestore(name)
    if (DATA_DIR / 'filestore' / template).exists():
        shutil.copytree(DATA_DIR / 'filestore' / template, DATA_DIR / 'filestore' / name)


def drop_filestore(name):
    shutil.rmtree(DATA_DIR / 'filestore' / name, ignore_errors=True)
