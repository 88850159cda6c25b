"""A database with a module of Odoo core and nothing of ours, to compare with."""
from kit import databases, odoo
from kit.report import step

from tests.faults.ground import disconnect


def prepared(server, database, module):
    """Make it unless it is there, and end every connection to it. :return: its name."""
    stamp = f'{odoo.fingerprint()} {module}'
    if databases.comment(server, database) != stamp:
        template = databases.ensure_dependencies(server, demo=False)
        with step(f'Database {database}: Odoo with {module}'):
            disconnect(server, database)
            databases.copy(server, template, database)
            databases.install(server, database, [module], demo=False)
            databases.set_comment(server, database, stamp)
    disconnect(server, database)
    return database
