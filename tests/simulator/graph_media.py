"""Upload, look up, download and delete media."""

from aiohttp import web

from . import media_faults
from .errors import GraphError, parameter_required, unknown_object
from .graph_call import authorise
from .media_store import CHUNK, Upload, check_content, limit_of


async def upload(call):
    """POST /<PHONE_ID>/media, multipart: messaging_product, file, optionally type."""
    if not call.request.content_type.startswith('multipart/'):
        raise parameter_required('file')
    product, mime_type, content = await _read_parts(call.request)
    if product != 'whatsapp':
        raise parameter_required('messaging_product')
    if content is None:
        raise parameter_required('file')
    if not content.size:
        raise GraphError(100, message='(#100) Param file must not be empty')
    check_content(mime_type, content)
    return {'id': call.sim.media.add(call.object_id, mime_type, content)}


async def _read_parts(request):
    """Return (messaging_product, mime type, upload) of a multipart body."""
    product, mime_type, content = '', '', None
    reader = await request.multipart()
    async for part in reader:
        if part.name == 'messaging_product':
            product = await part.text()
        elif part.name == 'file':
            mime_type = part.headers.get('Content-Type', '').split(';')[0].strip().lower()
            content = await _read_file(part, mime_type)
        else:
            await part.release()
    return product, mime_type, content


async def _read_file(part, mime_type):
    limit = limit_of(mime_type)
    content = Upload()
    while chunk := await part.read_chunk(CHUNK):
        content.add(chunk)
        if content.size > limit:
            raise GraphError(131053, f'File of type {mime_type} is larger than {limit} bytes')
    return content


async def get_media(call):
    """GET /<MEDIA_ID>."""
    _check_number(call)
    if call.sim.media.items[call.object_id].fault == 'gone':
        raise unknown_object(call.object_id, call.method)
    return call.sim.media.describe(call.object_id, call.base_url)


async def delete_media(call):
    """DELETE /<MEDIA_ID>."""
    _check_number(call)
    del call.sim.media.items[call.object_id]
    return {'success': True}


def _check_number(call):
    wanted = call.request.query.get('phone_number_id')
    if wanted and wanted != call.sim.media.items[call.object_id].phone_id:
        raise unknown_object(call.object_id, call.method)


async def download(sim, request):
    """GET of the link: the token again, 404 once the link has expired."""
    token = authorise(sim, request)
    item = sim.media.by_link(request.query)
    if item is None or not sim.world.sees(token, item.phone_id):
        return web.Response(status=404, text='Not Found')
    return await media_faults.answer(sim, request, item)
