"""A whole stage: PostgreSQL, the simulator of Meta's servers and Odoo, started together and ended together."""
import sys
import time
from contextlib import ExitStack

from . import databases, odoo, ports
from .paths import CACHE, ROOT
from .processes import Process
from .report import Stop, step
from .session import Session

sys.path.insert(0, str(ROOT))
from tests.simulator.testing import RunningSimulator  # noqa: E402
from tests.simulator.world import APP_SECRET, TOKEN, WABA_ID  # noqa: E402

START_SECONDS = 120
ADMIN = ('admin', 'admin')


class Stage:
    """Use as a context manager; everything it starts ends with it."""

    def __init__(self, server, database, port=0, simulator_ports=(0, 0), seed=1, latency=0.05, workers=0,
                 odoo_options=()):
        """
        :param server: :class:`kit.postgres.Server`
        :param int port: of Odoo, 0 for a free one.
        :param tuple simulator_ports: of Meta's API and of the simulator's controls.
        :param int seed: of the simulator; another one for each life of a database, ids would repeat otherwise.
        :param float latency: seconds that a call to Meta takes.
        :param int workers: Odoo worker processes; 0 for threads, which serve the live bus on the same port.
        :param odoo_options: further options of Odoo's command line.
        """
        self.server, self.database, self.workers = server, database, workers
        self.odoo_options = odoo_options
        self.port = port or ports.free()
        self.url = f'http://{ports.HOST}:{self.port}'
        self.simulator = RunningSimulator(seed=seed, latency=latency, port=simulator_ports[0],
                                          control_port=simulator_ports[1])
        self.odoo = None
        self._exits = ExitStack()

    def __enter__(self):
        try:
            with step('Simulator of Meta'):
                self._exits.enter_context(self.simulator)
            self.start_odoo()
        except BaseException:
            self._exits.close()
            raise
        return self

    def __exit__(self, *error):
        self.stop_odoo()
        self._exits.close()

    def start_odoo(self):
        with step(f'Odoo on {self.url}'):
            self.odoo = Process(self._odoo_command(), CACHE / f'odoo-{self.database}.log', cwd=ROOT)
            try:
                self.odoo.wait_for(f'{self.url}/web/login', START_SECONDS)
            except BaseException:
                self.stop_odoo()
                raise

    def _odoo_command(self):
        options = [f'--http-interface={ports.HOST}', f'--http-port={self.port}', f'--workers={self.workers}',
                   '--max-cron-threads=2', '--log-level=warn', *self.odoo_options]
        if self.workers:
            options.append(f'--gevent-port={ports.free()}')
        return odoo.command(self.server, self.database, *options)

    def stop_odoo(self):
        if self.odoo:
            self.odoo.stop()
            self.odoo = None

    def kill_odoo(self):
        """As a power cut would."""
        self.odoo.kill()
        self.odoo = None

    def login(self, login, password):
        return Session(self.url, self.database, login, password)

    def connect(self):
        """Set up the demo account with the simulator's credentials and connect it; again if it exists.

        :return: the administrator's session.
        """
        self.simulator.control('PATCH', '/settings', {'override_needs_subscription': True})
        admin = self.login(*ADMIN)
        admin.call('ir.config_parameter', 'set_param', 'web.base.url', self.url)
        # No quiet hours: a demo and a test run at any time of the day.
        values = {'token': TOKEN, 'app_secret': APP_SECRET, 'base_url': self.simulator.graph_url, 'quiet_from': 0,
                  'quiet_to': 0}
        found = admin.search('fluxforce.whatsapp.account', [('waba_id', '=', WABA_ID)])
        if found:
            admin.call('fluxforce.whatsapp.account', 'write', found, values)
        else:
            found = [admin.create('fluxforce.whatsapp.account', {
                **values, 'name': 'Bicycles Ltd.', 'waba_id': WABA_ID})]
        admin.press('fluxforce.whatsapp.account', found[0], 'action_connect')
        return admin

    def settle(self, session, seconds):
        """Wait until nothing moves any more: nothing planned at Meta, nothing queued or unapplied in Odoo.

        :raise Stop: if it takes longer.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            # Meta first: what it has sent by now is in the journal by the time that is counted.
            idle = self.simulator.control('GET', '/idle')['idle']
            waiting = session.count('fluxforce.whatsapp.message', [('state', 'in', ('queued', 'sending'))])
            unapplied = session.count('fluxforce.whatsapp.event', [('state', '=', 'pending')])
            if not waiting and not unapplied and idle:
                return
            time.sleep(0.3)
        raise Stop(f'After {seconds} seconds {waiting} messages still wait and {unapplied} webhooks are not applied.',
                   f'The log is {self.odoo.log}')


def rebuilt(server, database):
    """Make a database with demo data from nothing. :return: its name."""
    databases.drop(server, database)
    databases.ensure(server, database, demo=True)
    return database
