"""Posting to the webhook without Meta's stand-in: as a stranger does, or the same body on many connections at once."""
import asyncio

import aiohttp
import requests
from kit.report import Stop

from tests.simulator.encoding import meta_json, signature
from tests.simulator.world import APP_SECRET, WABA_ID

TIMEOUT = 60
SIGNATURE = 'X-Hub-Signature-256'
JSON = {'Content-Type': 'application/json'}


class Hook:
    """The address of an account's webhook.

    :param field: :class:`~tests.faults.ground.Ground`
    """

    def __init__(self, field, waba_id=WABA_ID):
        row, = field.query('SELECT webhook_token, verify_token FROM fluxforce_whatsapp_account WHERE waba_id = %s',
                           waba_id)
        self.url = f'{field.stage.url}/fluxforce_whatsapp/webhook/{row["webhook_token"]}'
        self.verify_token = row['verify_token']
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, body, secret=APP_SECRET, headers=None, **options):
        """:param body: a dict, or the raw bytes. :param secret: what signs it, None for nobody. :return: the answer."""
        raw = body if isinstance(body, bytes) else meta_json(body)
        signed = {SIGNATURE: signature(secret, raw)} if secret else {}
        return self.session.post(self.url, data=raw, headers={**JSON, **signed, **(headers or {})},
                                 **{'timeout': TIMEOUT, **options})

    def must_take(self, body):
        """:raise Stop: if it is not acknowledged."""
        answer = self.post(body)
        if answer.status_code != 200:
            raise Stop(f'A good webhook was answered with {answer.status_code}.')

    def ask(self, **query):
        """:return: the answer to a handshake."""
        return self.session.get(self.url, params={f'hub.{name}': value for name, value in query.items()},
                                timeout=TIMEOUT)

    def post_at_once(self, bodies, connections):
        """Post each body on so many connections at the same time. :return: HTTP status codes."""
        return asyncio.run(self._post_at_once([meta_json(body) for body in bodies], connections))

    async def _post_at_once(self, raws, connections):
        connector = aiohttp.TCPConnector(limit=connections)
        async with aiohttp.ClientSession(connector=connector) as session:
            codes = []
            for raw in raws:
                codes += await asyncio.gather(*(self._post_one(session, raw) for _ in range(connections)))
            return codes

    async def _post_one(self, session, raw):
        headers = {**JSON, SIGNATURE: signature(APP_SECRET, raw)}
        async with session.post(self.url, data=raw, headers=headers) as answer:
            await answer.read()
            return answer.status
