"""The one call of Twilio that Odoo core's SMS queue makes, so that a bench can run it against the same server.

Only the shape of a success and of a missing log-in is imitated, none of Twilio's limits.
"""

import time

from aiohttp import web

PATH = '/2010-04-01/Accounts/'
REQUIRED = {'To': 21604, 'From': 21603, 'Body': 21602}


class TwilioLedger:
    """What was accepted here; times are Unix seconds."""

    def __init__(self):
        """Start empty."""
        self.count = 0
        self.first_at = self.last_at = None

    def accept(self):
        """Book one message."""
        self.count += 1
        self.last_at = time.time()
        self.first_at = self.first_at or self.last_at

    def as_dict(self):
        """Return the answer of GET /log/twilio."""
        return {'count': self.count, 'first_at': self.first_at, 'last_at': self.last_at}


async def post_message(sim, request):
    """POST /2010-04-01/Accounts/<SID>/Messages.json with a form and basic authentication: 201 and a queued message."""
    account_sid, _, edge = request.path.removeprefix(PATH).partition('/')
    if request.method != 'POST' or edge != 'Messages.json':
        return _refusal(404, 20404, 'The requested resource was not found')
    if not request.headers.get('Authorization', '').startswith('Basic '):
        return _refusal(401, 20003, 'Authenticate')
    form = await request.post()
    await sim.waits.sleep(sim.latency())
    for name, code in REQUIRED.items():
        if not form.get(name):
            return _refusal(400, code, f"A '{name}' is required")
    return _accepted(sim, account_sid, form)


def _accepted(sim, account_sid, form):
    sim.twilio.accept()
    answer = {
        'sid': f'SM{sim.twilio.count:032x}', 'account_sid': account_sid, 'to': form['To'], 'from': form['From'],
        'body': form['Body'], 'status': 'queued', 'num_segments': '1', 'direction': 'outbound-api', 'error_code': None,
        'error_message': None,
    }
    return web.json_response(answer, status=201)


def _refusal(status, code, message):
    return web.json_response({'status': status, 'code': code, 'message': message}, status=status)
