"""The Graph port: routing, error bodies, headers and the request log."""

import asyncio
import logging
from functools import partial

from aiohttp import web
from aiohttp.web_request import BaseRequest

from . import graph_account, graph_media, graph_messages, graph_templates, graph_uploads, twilio
from .encoding import meta_json
from .errors import GraphError, unknown_object, unknown_path
from .graph_call import GraphCall
from .request_log import Entry
from .usage import MANAGEMENT, MESSAGING, usage_headers

_logger = logging.getLogger(__name__)

DOWNLOAD_PATH = '/whatsapp_business/attachments/'
MAX_JSON_BYTES = 4 * 1024 * 1024

# (kind of object, edge): {method: handler}
ROUTES = {
    ('numbers', ''): {'GET': graph_account.get_number},
    ('numbers', 'messages'): {'POST': graph_messages.post_message},
    ('numbers', 'media'): {'POST': graph_media.upload},
    ('media', ''): {'GET': graph_media.get_media, 'DELETE': graph_media.delete_media},
    ('wabas', ''): {'GET': graph_account.get_waba},
    ('wabas', 'phone_numbers'): {'GET': graph_account.list_numbers},
    ('wabas', 'message_templates'): {
        'GET': graph_templates.list_templates, 'POST': graph_templates.create_template,
        'DELETE': graph_templates.delete_templates,
    },
    ('wabas', 'subscribed_apps'): {
        'GET': graph_account.list_subscriptions, 'POST': graph_account.subscribe, 'DELETE': graph_account.unsubscribe,
    },
    ('apps', 'uploads'): {'POST': graph_uploads.begin},
    ('uploads', ''): {'GET': graph_uploads.describe, 'POST': graph_uploads.send},
    ('templates', 'unpause'): {'POST': graph_templates.unpause_template},
    ('templates', ''): {'GET': graph_templates.get_template, 'POST': graph_templates.edit_template},
}


def graph_server(sim):
    """Return the server of the Graph port; the bare one, since our own routing makes aiohttp's a detour."""
    return web.Server(partial(handle, sim), request_factory=_request, access_log=None)


def _request(message, payload, protocol, writer, task):
    return BaseRequest(message, payload, protocol, writer, task, asyncio.get_running_loop(),
                       client_max_size=MAX_JSON_BYTES)


async def handle(sim, request):
    """Answer one request and write it into the log."""
    if request.headers.get('Expect', '').lower() == '100-continue':
        # the bare server leaves to us what aiohttp's routing does: curl asks before it sends a large file
        await request.writer.write(b'HTTP/1.1 100 Continue\r\n\r\n')
        request.writer.output_size = 0
    if request.path.startswith(twilio.PATH):
        return await twilio.post_message(sim, request)
    entry = Entry(request.method, request.path)
    sim.requests.append(entry)
    try:
        response = await _dispatch(sim, request)
    except GraphError as error:
        response = _error(sim, request, error, entry)
    except web.HTTPRequestEntityTooLarge:
        response = _error(sim, request, GraphError(100, 'The body is too large', http=413), entry)
    except (ConnectionError, asyncio.CancelledError):
        entry.aborted = 'client'
        raise
    except Exception:  # the caller gets an answer as from Meta, the developer a traceback
        _logger.exception('%s %s failed', request.method, request.path)
        sim.internal_errors += 1
        response = _error(sim, request, GraphError(1, http=500, message='An unknown error occurred'), entry)
    if 'aborted' in request:
        entry.aborted = request['aborted']
    else:
        entry.status = response.status
    return response


async def _dispatch(sim, request):
    if request.path == DOWNLOAD_PATH:
        await sim.waits.sleep(sim.latency())
        return await graph_media.download(sim, request)
    call = GraphCall(sim, request)
    handlers = ROUTES.get((call.kind, call.edge))
    if handlers is None:
        raise unknown_path(f'{call.object_id}/{call.edge}')
    if call.method not in handlers:
        raise unknown_object(call.object_id, call.method)
    request['headers'] = {'facebook-api-version': call.version, **_usage(sim, call)}
    if call.edge != 'messages':
        await sim.waits.sleep(sim.latency())
    answer = await handlers[call.method](call)
    if isinstance(answer, web.StreamResponse):
        return answer
    return _json(sim, answer, 200, request['headers'])


def _usage(sim, call):
    """Count a management call; return the usage headers."""
    if call.kind in ('media', 'apps', 'uploads') or call.edge == 'media':
        return {}
    waba_id = call.object_id if call.kind == 'wabas' else sim.world.owner[call.object_id]
    if call.edge == 'messages':
        return usage_headers(sim.settings, waba_id, MESSAGING, sim.settings.business_usage_percent)
    return usage_headers(sim.settings, waba_id, MANAGEMENT, _count_management(sim, waba_id))


def _count_management(sim, waba_id):
    """Count a call against the hourly limit of its account; return the used share in percent."""
    window, now = sim.management_of(waba_id), sim.now
    if window.count(now) >= sim.settings.management_limit:
        raise GraphError(80007)
    window.add(now)
    return 100 * window.count(now) // max(1, sim.settings.management_limit)


def _json(sim, data, status, more):
    trace = sim.trace_id()
    headers = {'x-fb-trace-id': trace, 'x-fb-request-id': trace, 'Content-Type': 'application/json; charset=UTF-8',
               **more}
    return web.Response(body=meta_json(data), status=status, headers=headers)


def _error(sim, request, error, entry):
    entry.code = error.code
    if request.method == 'POST' and request.path.endswith('/messages'):
        sim.ledger.rejected[error.code] += 1
    response = _json(sim, error.body(sim.trace_id()), error.http, request.get('headers', {}))
    if error.http == 401:
        response.headers['WWW-Authenticate'] = f'OAuth "Facebook Platform" "invalid_token" "{error.message}"'
    return response
