"""The stand-in for Meta made ready for sends of every kind, and bodies that are changed at one place."""

from contextlib import contextmanager

from send_samples import FILES, LINKS

from tests.simulator import world as w
from tests.simulator.client import GraphClient

PERSON = f'+{w.PERSON_READS}'
USER_ID = 'ES.77310025541908827744'
NO_LIMITS = {'statuses': False, 'pair_rate': False, 'portfolio_limit': -1, 'throughput': 1_000_000}


class Stage:
    """A caller with one file of each kind; the windows of two people are open.

    :ivar media: reference by id, by kind of file
    :ivar links: reference by link
    :ivar message_id: of what a person wrote
    """

    def __init__(self, server):
        self.server = server
        self.graph = GraphClient(server.graph_url)
        self.message_id = server.control('POST', f'/people/{w.PERSON_READS}/message', {'text': 'Hola'})['wamid']
        server.control('POST', f'/people/{w.PERSON_HIDDEN}/message', {'text': 'Hola'})
        self.media = {kind: {'id': self.upload(*file)} for kind, file in FILES.items()}
        self.links = {kind: {'link': link} for kind, link in LINKS.items()}

    def upload(self, mime_type, content, phone_id=w.PHONE_ID):
        """:return: the id of an uploaded file."""
        answer = self.try_upload(mime_type, content, phone_id)
        assert answer.status_code == 200, answer.json()
        return answer.json()['id']

    def try_upload(self, mime_type, content, phone_id=w.PHONE_ID):
        files = {'messaging_product': (None, 'whatsapp'), 'file': ('file', content, mime_type)}
        return self.graph.call('POST', f'{phone_id}/media', files=files)

    def accepts(self, body):
        answer = self.graph.send(body)
        assert answer.status_code == 200, (answer.json()['error'], body)

    def refuses(self, body):
        """:return: the code of the refusal."""
        answer = self.graph.send(body)
        assert answer.status_code == 400, body
        return answer.json()['error']['code']


@contextmanager
def opened(server, templates):
    """:param list templates: as Meta keeps them, instead of those of the default world."""
    world = w.default_world()
    world['wabas'][0]['templates'] = templates
    server.control('POST', '/reset', {'seed': 1, 'world': world})
    server.control('PATCH', '/settings', NO_LIMITS)
    yield Stage(server)
    assert server.control('GET', '/health')['internal_errors'] == 0


def changed(body, path, value):
    """A copy of a body with another value at a path like ``interactive.action.buttons.0.reply.title``; None removes."""
    first, _dot, rest = path.partition('.')
    copy = list(body) if isinstance(body, list) else dict(body)
    place = int(first) if isinstance(body, list) else first
    if rest:
        copy[place] = changed(copy[place], rest, value)
    elif value is None:
        del copy[place]
    else:
        copy[place] = value
    return copy
