"""What the runs about webhooks share: an Odoo that listens, bodies on their way, and the wait for their end."""
import contextlib

from .ground import ground
from .processes import supervise

# As many as the README asks for.
WORKERS = 4
# Bodies handed to Meta's stand-in at once.
HANDED = 500


@contextlib.contextmanager
def listening(server, told=None, settings=None, **options):
    """A :class:`~tests.faults.ground.Ground` whose Odoo takes webhooks in; nobody sends.

    :param told: the :class:`~tests.faults.story.Story` whose messages are in the outbox
    :param dict settings: of the simulator
    """
    with ground(server, workers=WORKERS, settings=settings, **options) as field:
        if told:
            told.prepare(field)
        yield field


def deliver(field, bodies):
    """Let Meta's stand-in send bodies, and repeat what is not acknowledged."""
    for start in range(0, len(bodies), HANDED):
        field.simulator.control('POST', '/webhooks', [{'body': body} for body in bodies[start:start + HANDED]])


def deliveries(field):
    return field.simulator.control('GET', '/webhooks')['deliveries']


def absorb(field, seconds):
    """Wait until nothing is on its way and everything is applied."""
    field.wait(lambda: all_absorbed(field), seconds, 'every webhook being applied')


def all_absorbed(field):
    supervise(field.stage)
    idle = field.simulator.control('GET', '/idle')['idle']
    if idle and field.unapplied():
        field.wake('ir_cron_process_events')
        return False
    return idle


def require_all_taken(field, result):
    """Every delivery must have been acknowledged in the end; note how often that took more than one attempt."""
    sent = deliveries(field)
    given_up = [one for one in sent if one['state'] != 'delivered']
    result.facts.update(posts=len(sent), repeated=sum(len(one['attempts']) > 1 for one in sent))
    result.require(not given_up, f'{len(given_up)} deliveries were never acknowledged')
