"""One call of the Graph API: path, version, token and the object it is about."""

import json
import re

from .errors import GraphError, parameter_required, unknown_object, unknown_path

VERSION = re.compile(r'v\d+\.\d+')
TOP_FIELDS_SPLIT = re.compile(r',(?![^{(]*[})])')


class GraphCall:
    """A request that has passed version and token."""

    def __init__(self, sim, request):
        """Parse and authorise; raise GraphError when Meta would not go further."""
        self.sim = sim
        self.request = request
        self.method = request.method
        parts = request.path.strip('/').split('/')
        if parts[0] not in sim.world.versions:
            raise unknown_path('/'.join(parts[1:]) if VERSION.fullmatch(parts[0]) else request.path.strip('/'))
        self.version = parts[0]
        self.object_id = parts[1] if len(parts) > 1 else ''
        self.edge = '/'.join(parts[2:])
        self.token = authorise(sim, request)
        self.kind = self._kind()

    def _kind(self):
        world, object_id = self.sim.world, self.object_id
        if object_id == world.app['id']:
            return 'apps'
        if object_id in self.sim.uploads.sessions:
            return 'uploads'
        medium = self.sim.media.find(object_id)
        if medium is not None:
            owner = medium.phone_id
            kind = 'media'
        else:
            owner = object_id
            kind = next((name for name in ('wabas', 'numbers', 'templates') if object_id in getattr(world, name)), '')
        if not object_id.isdigit() and not kind and not object_id.startswith('upload:'):
            raise unknown_path(f'{object_id}/{self.edge}'.strip('/'))
        if not kind or not world.sees(self.token, owner):
            raise unknown_object(object_id, self.method)
        return kind

    @property
    def target(self):
        """The account, number or template of the path."""
        return getattr(self.sim.world, self.kind)[self.object_id]

    @property
    def base_url(self):
        """URL of the Graph port as the caller sees it."""
        return f'{self.request.scheme}://{self.request.host}'

    async def params(self):
        """Return body and query as one dict; JSON and form bodies are both good for Graph."""
        query = {key: value for key, value in self.request.query.items() if key != 'access_token'}
        raw = await self.request.read()
        if not raw.strip():
            return query
        if self.request.content_type == 'application/x-www-form-urlencoded':
            return {**query, **await self.request.post()}
        return {**query, **self._json(raw)}

    @staticmethod
    def _json(raw):
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise GraphError(100, message=f'(#100) Param body must be valid JSON: {error}') from error
        if not isinstance(data, dict):
            raise GraphError(100, message='(#100) Param body must be a JSON object')
        return data

    def fields(self, known, default, node):
        """Return the fields the caller asked for, id always among them."""
        asked = self.request.query.get('fields')
        if not asked:
            return default
        names = [re.split(r'[{.(]', item.strip())[0] for item in TOP_FIELDS_SPLIT.split(asked) if item.strip()]
        for name in names:
            if name not in known:
                raise GraphError(100, message=f'(#100) Tried accessing nonexisting field ({name}) on node type'
                                              f' ({node})')
        return [*names, 'id']


def pick(item, names):
    """Return the named fields of an object; Meta leaves out what is empty."""
    return {name: item[name] for name in dict.fromkeys(names) if item.get(name) is not None}


def require(params, *names):
    """Raise Meta's refusal when a parameter is missing."""
    for name in names:
        if params.get(name) in (None, ''):
            raise parameter_required(name)


def authorise(sim, request):
    """Return the caller's token or raise 190."""
    header = request.headers.get('Authorization', '')
    scheme, _, token = header.partition(' ')
    token = token.strip() if scheme in ('Bearer', 'OAuth') else request.query.get('access_token', '')
    if not token:
        raise GraphError(190, message='An access token is required to request this resource.')
    if token not in sim.world.tokens:
        raise GraphError(190, message='Invalid OAuth access token - Cannot parse access token')
    if sim.settings.token_revoked:
        raise GraphError(190, message='Error validating access token: The session has been invalidated.', subcode=460)
    return token
