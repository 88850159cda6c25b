"""What Meta may hold against a sender before it looks at the message: the state of the account and of the number."""

from . import payloads
from .errors import GraphError

#: Setting: error code. [S26:support/error-codes]
ACCOUNT_STATES = {
    'account_locked': 131031,
    'policy_blocked': 368,
    'permission_removed': 10,
    'payment_problem': 131042,
}


def check_sender(sim, number):
    """Raise what keeps this number from sending now."""
    for name, code in ACCOUNT_STATES.items():
        if getattr(sim.settings, name):
            raise GraphError(code)
    if not number.get('registered', True):
        raise GraphError(133010)
    if number.get('maintenance') or sim.now < sim.maintenance_until.get(number['id'], 0):
        raise GraphError(131057)


def upgrade_throughput(sim, number, seconds):
    """Give a number the high throughput: it is unusable for `seconds`, then comes the webhook. [S26:throughput]"""
    number['throughput'] = {'level': 'HIGH'}
    sim.maintenance_until[number['id']] = sim.now + seconds
    waba_id = sim.world.owner[number['id']]
    sim.schedule.after(seconds, sim.webhooks.push, payloads.throughput_update(waba_id, number))
