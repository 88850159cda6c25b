"""Resumable upload: begin, send, ask how far it is."""

from .errors import GraphError
from .send_faults import close


async def begin(call):
    """POST /<APP_ID>/uploads: describe the file."""
    session = call.sim.uploads.begin(await call.params())
    return {'id': f'{session.id}?sig={session.signature}'}


async def describe(call):
    """GET /upload:<ID>: how many bytes are here."""
    session = _session(call)
    return {'id': f'{session.id}?sig={session.signature}', 'file_offset': len(session.received)}


async def send(call):
    """POST /upload:<ID>: bytes from `file_offset` on; the handle once all are here."""
    session = _session(call)
    offset = call.request.headers.get('file_offset', '')
    if not offset.isdigit() or int(offset) != len(session.received):
        raise GraphError(100, message=f'(#100) Param file_offset must be {len(session.received)} - got "{offset}".')
    if await _receive(call, session):
        return close(call.request, 'upload_cut')
    if len(session.received) > session.length:
        del session.received[int(offset):]
        raise GraphError(100, message='(#100) The file is larger than its file_length')
    if len(session.received) < session.length:
        return {'id': f'{session.id}?sig={session.signature}', 'file_offset': len(session.received)}
    return {'h': call.sim.uploads.finish(session)}


async def _receive(call, session):
    """Take the body; return True when a planned interruption came before its end."""
    cuts = call.sim.settings.upload_cuts
    room = cuts.pop(0) if cuts else None
    async for chunk in call.request.content.iter_chunked(4096):
        kept = chunk if room is None else chunk[:room]
        session.received += kept
        room = None if room is None else room - len(kept)
        if room is not None and room <= 0:
            return True
    return room is not None


def _session(call):
    """Return the session; it wants the scheme OAuth and its signature."""
    if not call.request.headers.get('Authorization', '').startswith('OAuth '):
        raise GraphError(190, message='An access token is required to request this resource.')
    session = call.sim.uploads.sessions[call.object_id]
    if call.request.query.get('sig') != session.signature:
        raise GraphError(104, message='Incorrect signature')
    return session
