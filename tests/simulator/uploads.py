"""Resumable uploads: sessions that take a file piece by piece, and the handles they end in."""

import base64
import hashlib
from dataclasses import dataclass, field

from .errors import GraphError, parameter_required

TYPES = {'application/pdf': 'DOCUMENT', 'image/jpeg': 'IMAGE', 'image/jpg': 'IMAGE', 'image/png': 'IMAGE',
         'video/mp4': 'VIDEO'}


@dataclass
class Session:
    """One file on its way; `signature` is the part of its id that stands in the query."""

    id: str
    signature: str
    name: str
    mime_type: str
    length: int
    received: bytearray = field(default_factory=bytearray)
    handle: str = ''


class Uploads:
    """Upload sessions by id, and what their handles stand for."""

    def __init__(self, sim):
        """Take the simulator for ids."""
        self.sim = sim
        self.sessions = {}
        self.handles = {}

    def begin(self, params):
        """Open a session for a described file or raise Meta's refusal."""
        for key in ('file_length', 'file_type'):
            if not params.get(key):
                raise parameter_required(key)
        if params['file_type'] not in TYPES:
            raise GraphError(100, message=f'(#100) Param file_type must be one of {{{", ".join(sorted(TYPES))}}}'
                                          f' - got "{params["file_type"]}".')
        if not str(params['file_length']).isdigit() or int(params['file_length']) < 1:
            raise GraphError(100, message='(#100) Param file_length must be an integer greater than 0')
        mark = hashlib.sha256(f'{self.sim.seed}:{self.sim.count("upload")}'.encode()).digest()
        session = Session(f'upload:{base64.urlsafe_b64encode(mark).decode()}', f'AR{mark.hex()[:16]}',
                          params.get('file_name', ''), params['file_type'], int(params['file_length']))
        self.sessions[session.id] = session
        return session

    def finish(self, session):
        """Return the handle of a file that is complete; the same when asked again."""
        if not session.handle:
            kind = base64.b64encode(session.mime_type.encode()).decode()
            mark = hashlib.sha256(bytes(session.received)).hexdigest()[:24]
            session.handle = f'4::{kind}:AR{mark}:e:{self.sim.count("handle")}'
            self.handles[session.handle] = TYPES[session.mime_type]
        return session.handle

    def format_of(self, handle):
        """Return the header format a handle is good for, '' for a handle that nobody got."""
        return self.handles.get(handle, '')
