"""Downloads of media, good ones and those that go wrong."""

import asyncio

from aiohttp import web

from .media_store import CHUNK
from .send_faults import close, hang, html502

#: What may be wrong with a file that a person sends; the first two do not show in its download.
FAULTS = ('expired_link', 'wrong_hash', 'gone', 'not_found', 'unauthorised', 'empty', 'cut', 'drip', 'hang', 'html502')
DRIP_BYTES = 16


async def answer(sim, request, item):
    """Send a file, spoilt as its fault says."""
    fault = item.take_fault()
    seconds = sim.settings.hang_seconds if item.fault_seconds is None else item.fault_seconds
    if fault in REFUSALS:
        return REFUSALS[fault]()
    if fault == 'hang':
        return await hang(sim, request, {'fault': fault, 'seconds': seconds})
    if fault == 'empty':
        return web.Response(body=b'', headers={'Content-Type': item.mime_type})
    return await _send(request, item, fault, seconds)


def _not_found():
    return web.Response(status=404, text='Not Found')


def _unauthorised():
    headers = {'WWW-Authenticate': 'OAuth "Facebook Platform" "invalid_token" "Invalid token"'}
    return web.Response(status=401, text='Unauthorized', headers=headers)


REFUSALS = {'gone': _not_found, 'not_found': _not_found, 'unauthorised': _unauthorised, 'html502': html502}


async def _send(request, item, fault, seconds):
    """Send the bytes piece by piece: a large file is never held as a whole."""
    response = web.StreamResponse(headers={'Content-Type': item.mime_type, 'Content-Length': str(item.size)})
    await response.prepare(request)
    if fault == 'cut':
        await response.write(item.read(0, min(item.size // 2, CHUNK)))
        close(request, fault)
    elif fault == 'drip':
        await _drip(response, item, seconds)
    else:
        for chunk in item.chunks():
            await response.write(chunk)
    return response


async def _drip(response, item, seconds):
    """Take so many seconds for the whole file."""
    pause = seconds * DRIP_BYTES / max(item.size, 1)
    for chunk in item.chunks(DRIP_BYTES):
        await response.write(chunk)
        await asyncio.sleep(pause)
