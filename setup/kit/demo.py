"""``setup/demo``: Odoo with the addons and demo data, connected to the simulator. ``--check`` runs the main job."""
import argparse
import random
import threading

from . import check, databases, ports, postgres, scene
from .report import Stop, run, say
from .stage import Stage

DATABASE = 'fluxforce_demo'
PORT = 8469
# Where people write from, beside contacts.
APPS = ('account', 'crm', 'event', 'sale_management')


def main():
    arguments = parse()
    if arguments.check:
        return check.main(arguments)
    for port, what in ((arguments.port, 'Odoo'), (arguments.port + 1, 'Meta'), (arguments.port + 2, 'controls')):
        ports.require_free(port, f'another with --port ({what} would listen on {port})')
    server = postgres.server(arguments)
    if arguments.reset:
        databases.drop(server, DATABASE)
    databases.ensure(server, DATABASE, demo=True, apps=APPS)
    stage = Stage(server, DATABASE, arguments.port, (arguments.port + 1, arguments.port + 2),
                  seed=random.randrange(1, 10 ** 6))
    with stage:
        admin = scene.prepare(stage)
        scene.silence_odoobot(admin)
        scene.show_apps(admin)
        invite(stage)
        wait(stage)
    return 0


def parse():
    parser = argparse.ArgumentParser(prog='setup/demo', description=__doc__)
    parser.add_argument('--port', type=int, default=PORT, help=f'of Odoo (default {PORT}); also the two after it')
    parser.add_argument('--reset', action='store_true', help='begin with a new database')
    parser.add_argument('--check', action='store_true', help='run the main job without a browser, print counts, end')
    postgres.add_arguments(parser)
    return parser.parse_args()


def invite(stage):
    say('')
    print(f'Odoo:       {stage.url}')
    for person in scene.PEOPLE:
        print(f'            {person.role:<14} login {person.login:<10} password {person.password}')
    print(f'Simulator:  {stage.simulator.control_url}/log  (what it accepted)')
    print('Try:        log in as sales, open Contacts, a contact, WhatsApp. Ctrl-C ends everything.', flush=True)


def wait(stage):
    try:
        while stage.odoo.running:
            threading.Event().wait(1)
    except KeyboardInterrupt:
        say('\nStopping what was started …')
        return
    raise Stop('Odoo ended by itself.', f'Its log is {stage.odoo.log}')


if __name__ == '__main__':
    run(main)
