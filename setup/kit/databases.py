"""Odoo databases, each built once and then copied: what they were built from is kept as the database's comment."""
import ast
import hashlib
import subprocess

from psycopg2 import sql

from . import odoo
from .paths import ADDONS, CACHE, ROOT
from .report import Stop, step

DEPENDENCIES = 'fluxforce_deps'


def ensure(server, name, demo=False, apps=()):
    """Make database ``name`` hold the addons as they are now; leave it untouched if it already does.

    :param bool demo: with Odoo's and the addons' demo data.
    :param apps: names of further apps of Odoo to install beside them.
    :return: whether it was built anew.
    """
    stamp = addons_fingerprint()
    if comment(server, name) == stamp:
        return False
    template = ensure_dependencies(server, demo, apps)
    with step(f'Database {name}'):
        copy(server, template, name)
        install(server, name, ADDONS, demo)
        set_comment(server, name, stamp)
    return True


def ensure_dependencies(server, demo, apps=()):
    """The template every other database is copied from: Odoo with what the addons depend on."""
    name = '_'.join([DEPENDENCIES, *(['demo'] if demo else ()), *(['apps'] if apps else ())])
    modules = [*dependencies(), *apps]
    stamp = ' '.join([odoo.fingerprint(), *modules])
    if comment(server, name) != stamp:
        with step(f'Database {name}: Odoo with {", ".join(modules)}'):
            drop(server, name)
            create(server, name)
            install(server, name, modules, demo)
            set_comment(server, name, stamp)
    return name


def dependencies():
    """The core addons ours depend on, from their manifests."""
    manifests = [ast.literal_eval((ROOT / addon / '__manifest__.py').read_text()) for addon in ADDONS]
    return sorted({name for manifest in manifests for name in manifest['depends']} - set(ADDONS))


def addons_fingerprint():
    """Of everything that installing the addons reads."""
    digest = hashlib.sha256(odoo.fingerprint().encode())
    for addon in ADDONS:
        for path in sorted((ROOT / addon).rglob('*')):
            if path.is_file() and '__pycache__' not in path.parts and path.suffix != '.pyc':
                digest.update(str(path.relative_to(ROOT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def install(server, name, modules, demo):
    log = CACHE / f'install-{name}.log'
    command = odoo.command(server, name, '-i', ','.join(modules), '--stop-after-init', '--no-http',
                           '--max-cron-threads=0', '--with-demo' if demo else '--without-demo')
    with open(log, 'w', encoding='utf-8') as output:
        code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    problems = [line for line in log.read_text().splitlines() if ' ERROR ' in line or ' CRITICAL ' in line]
    if code or problems:
        drop(server, name)
        raise Stop(f'Installing {", ".join(modules)} failed: {(problems or ["see the log"])[0]}', f'The log is {log}')


def comment(server, name):
    with server.cursor() as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        row = cursor.fetchone()
    return row and row[0]


def set_comment(server, name, text):
    execute(server, 'COMMENT ON DATABASE {} IS {}', sql.Identifier(name), sql.Literal(text))


def create(server, name):
    execute(server, "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'", sql.Identifier(name))


def copy(server, template, name):
    drop(server, name)
    execute(server, 'CREATE DATABASE {} TEMPLATE {}', sql.Identifier(name), sql.Identifier(template))
    odoo.copy_filestore(template, name)


def drop(server, name):
    execute(server, 'DROP DATABASE IF EXISTS {}', sql.Identifier(name))
    odoo.drop_filestore(name)


def execute(server, statement, *parts):
    with server.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*parts))
