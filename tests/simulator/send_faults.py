"""Answers that go wrong although (or because) a message was sent."""

import asyncio
import json
import socket
import struct

from aiohttp import web

from .encoding import meta_json
from .errors import GraphError

HTML_502 = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>'


def reset_if_due(call):
    """Cut the connection before the body is read when that is the next planned fault."""
    faults = call.sim.settings.send_faults
    if faults and faults[0].get('fault') == 'reset_before_read':
        faults.pop(0)
        return reset(call.request, 'reset_before_read')
    return None


def take(sim):
    """Return the fault for this send, {} = none: the planned list, then those of this time, then the random ones."""
    settings = sim.settings
    if settings.send_faults:
        return settings.send_faults.pop(0)
    for fault in (*_running(sim), *settings.random_faults):
        if sim.rng.random() < fault.get('probability', 0):
            return fault
    return {}


def _running(sim):
    """Return the timed faults that are not over; those that are leave the settings."""
    if sim.settings.timed_faults:
        sim.settings.timed_faults = [fault for fault in sim.settings.timed_faults if sim.now < fault['until']]
    return sim.settings.timed_faults


async def before_booking(call, fault):
    """Apply a fault that keeps the message from being accepted; return a response to end the call with."""
    name = fault.get('fault')
    if 'code' in fault:
        raise GraphError(int(fault['code']), fault.get('details', ''), http=int(fault.get('http', 0)))
    if name == 'html502':
        return html502()
    if name == 'reset_before_read':
        return reset(call.request, name)
    if name == 'hang':
        return await hang(call.sim, call.request, fault)
    return None


async def after_booking(call, fault, answer):
    """Return the response for an accepted message, spoilt as the fault says."""
    name = fault.get('fault', 'ok')
    if name == 'accept_then_close':
        return close(call.request, name)
    if name == 'accept_then_reset':
        return reset(call.request, name)
    if name == 'accept_then_hang':
        return await hang(call.sim, call.request, fault)
    if name == 'accept_then_502':
        return html502()
    if name in ('truncate', 'drip'):
        return await _slow_or_cut(call, fault, meta_json(answer))
    return _rubbish(call, name, answer)


def _rubbish(call, name, answer):
    if name == 'badjson':
        return web.Response(text=json.dumps(answer)[:-9] + '<html', content_type='application/json')
    if name == 'empty200':
        return web.Response(content_type='application/json')
    if name == 'noid200':
        return {**answer, 'messages': []}
    if name == 'dupid':
        earlier = call.sim.ledger.messages[-2:-1] or call.sim.ledger.messages
        return {**answer, 'messages': [{**answer['messages'][0], 'id': earlier[0].wamid}]}
    return answer


def html502():
    """Return the page of a gateway that reaches nobody."""
    return web.Response(status=502, text=HTML_502, content_type='text/html')


def close(request, name):
    """End the connection without a further word."""
    request['aborted'] = name
    if request.transport is not None:
        request.transport.close()
    return web.Response()


def reset(request, name):
    """End the connection with a TCP reset."""
    request['aborted'] = name
    transport = request.transport
    if transport is not None:
        # linger 0 makes the kernel send RST instead of FIN
        transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        transport.abort()
    return web.Response()


async def hang(sim, request, fault):
    """Say nothing until the time is over or the caller has gone."""
    request['aborted'] = fault['fault']
    await sim.hangs.wait(request, fault.get('seconds', sim.settings.hang_seconds))
    return close(request, fault['fault'])


async def _slow_or_cut(call, fault, body):
    """Promise the whole body, then send half of it and close, or send it byte by byte."""
    response = web.StreamResponse(headers={'Content-Type': 'application/json', 'Content-Length': str(len(body))})
    await response.prepare(call.request)
    if fault['fault'] == 'truncate':
        await response.write(body[:len(body) // 2])
        close(call.request, 'truncate')
        return response
    pause = fault.get('seconds', call.sim.settings.hang_seconds) / len(body)
    for position in range(len(body)):
        await response.write(body[position:position + 1])
        await asyncio.sleep(pause)
    return response
