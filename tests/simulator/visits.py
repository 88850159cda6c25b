"""People who follow the link of a message: one GET each, as the browser of a phone sends it."""

import asyncio
import contextlib
import re
import time

import aiohttp

#: A program's own name would tell that nobody is there.
PHONE = ('Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile '
         'Safari/537.36')
LINK = re.compile(r'https?://\S+')
TIMEOUT = 10.0
NETWORK_ERRORS = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError)


def first_link(message):
    """Return the address a person would open: that of a button, else the first in the text, '' without any."""
    found = message.links or LINK.findall(message.text)
    return found[0] if found else ''


class Visits:
    """The pages people open; where one leads on is not followed: that is no page of the sender any more."""

    def __init__(self, sim):
        """Take the simulator for its ledger."""
        self.sim = sim
        self.tasks = set()

    @property
    def pending(self):
        """Number of pages that are being opened."""
        return len(self.tasks)

    def open(self, message, person):
        """Let a person follow the first link of a message now, if it has one."""
        url = first_link(message)
        if url:
            task = asyncio.ensure_future(self._get(message, person, url))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _get(self, message, person, url):
        entry = {'wamid': message.wamid, 'wa_id': person.wa_id, 'url': url, 'at': time.time(), 'http': None,
                 'location': '', 'error': ''}
        self.sim.ledger.visits.append(entry)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False, headers={'User-Agent': PHONE}) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                entry['http'], entry['location'] = answer.status, answer.headers.get('Location', '')
        except NETWORK_ERRORS as problem:
            entry['error'] = type(problem).__name__

    async def close(self):
        """Leave every page."""
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
