"""Fetches Debian's Odoo 19 package without root: apt's own client with a state folder of its own, then ``dpkg -x``."""
import shutil
import subprocess
from pathlib import Path

from .commands import check
from .paths import CACHE
from .report import Stop, step

PREFIX = CACHE / 'odoo-debian'
APT = CACHE / 'apt'
PYTHON_PATH = PREFIX / 'usr' / 'lib' / 'python3' / 'dist-packages'
ADDONS_PATH = PYTHON_PATH / 'odoo' / 'addons'
KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')
ODOO = 'odoo-19'
# What the package links to and Debian keeps in packages of their own.
LINKED = ('libjs-jquery', 'libjs-underscore', 'libjs-jquery-form', 'fonts-roboto-unhinted', 'fonts-montserrat',
          'fonts-ocr-b')
# Unstable has moved on to versions with other file names: Odoo 19 needs these older ones.
OLDER = {'fonts-font-awesome': '4.7', 'fonts-inconsolata': '001.'}
# Left out of the package (not free); without a file in its place every page logs an error.
LEFT_OUT = ('mail/static/lib/selfie_segmentation/selfie_segmentation.js',)


def unpacked_odoo():
    """:return: the folder to put on sys.path. :raise Stop: if Debian's package cannot be had here."""
    done = PREFIX / '.complete'
    if not done.exists():
        with step("Odoo 19.0 from Debian's package (about 120 MiB)"):
            shutil.rmtree(PREFIX, ignore_errors=True)
            prepare_apt(find_mirror())
            download_and_unpack([ODOO, *LINKED, *(older(name, mark) for name, mark in OLDER.items())])
            fill_gaps()
            done.touch()
    return PYTHON_PATH


def find_mirror():
    """The Debian mirror this machine's apt is configured for."""
    if not all(map(shutil.which, ('apt-get', 'apt-cache', 'dpkg'))):
        raise Stop('this machine has no apt.')
    if not KEYRING.exists():
        raise Stop("Debian's signing keys are not installed.")
    listing = check(['apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'],
                    'apt does not tell its sources')
    for uri in listing.split():
        if uri.rstrip('/').endswith('/debian'):
            return uri
    raise Stop('no Debian mirror is configured in apt.')


def prepare_apt(mirror):
    """An apt state of our own: unstable for Odoo, stable for what must be older."""
    shutil.rmtree(APT, ignore_errors=True)
    for folder in ('state/lists/partial', 'cache/archives/partial', 'debs'):
        (APT / folder).mkdir(parents=True)
    (APT / 'state' / 'status').touch()
    suites = ('unstable', 'stable', 'oldstable')
    lines = [f'deb [signed-by={KEYRING}] {mirror} {suite} main\n' for suite in suites]
    (APT / 'sources.list').write_text(''.join(lines))
    # Without that option apt calls it a success when the mirror cannot be reached.
    check(apt('apt-get', 'update', '-q', '-o', 'APT::Update::Error-Mode=any'),
          "Debian's package lists could not be fetched")


def apt(program, *arguments):
    options = {
        'Dir::State': APT / 'state', 'Dir::State::status': APT / 'state' / 'status', 'Dir::Cache': APT / 'cache',
        'Dir::Etc::sourcelist': APT / 'sources.list', 'Dir::Etc::sourceparts': APT / 'none',
        'Dir::Etc::preferences': APT / 'none', 'Dir::Etc::preferencesparts': APT / 'none',
        'APT::Sandbox::User': 'root',
    }
    return [program, *(part for key, value in options.items() for part in ('-o', f'{key}={value}')), *arguments]


def older(package, mark):
    """``package=version`` of the newest version whose text contains ``mark``."""
    rows = check(apt('apt-cache', 'madison', package), 'apt-cache does not answer').splitlines()
    versions = [row.split('|')[1].strip() for row in rows]
    fitting = [version for version in versions if mark in version]
    if not fitting:
        raise Stop(f'no {package} {mark} in this mirror.')
    return f'{package}={fitting[0]}'


def download_and_unpack(packages):
    check(apt('apt-get', 'download', '-q', *packages), "Debian's packages could not be fetched", cwd=APT / 'debs')
    PREFIX.mkdir(parents=True, exist_ok=True)
    for deb in sorted((APT / 'debs').glob('*.deb')):
        check(['dpkg', '-x', str(deb), str(PREFIX)], f'{deb.name} could not be unpacked')
    shutil.rmtree(APT, ignore_errors=True)


def fill_gaps():
    for name in LEFT_OUT:
        path = ADDONS_PATH / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    web = str(ADDONS_PATH / 'web')
    broken = subprocess.run(['find', web, '-xtype', 'l'], capture_output=True, text=True, check=True).stdout
    if broken:
        raise Stop(f'files the package links to are missing: {broken.splitlines()[0]}')
