"""Files that people send in the simulator, and what may be wrong with them."""

import base64
import hashlib
import sys
import time
from pathlib import Path

import psutil
import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST

HUNDRED_MEGABYTES = 100 * 1024 * 1024


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'hang_seconds': 5})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def sent(sim, hook, kind='image', **given):
    """The reference to the file in the webhook of a person who sends one."""
    answer = sim.control('POST', f'/people/{w.PERSON_READS}/message', {kind: given})
    sim.wait_idle()
    (item,) = hook.items('messages')
    reference = item[item['type']]
    assert reference['id'] == answer['media_id']
    return reference


def fetch(graph, url, **options):
    return graph.session.get(url, timeout=10, **options)


def fresh_link(graph, reference):
    return graph.get(reference['id']).json()['url']


# --- good files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(('kind', 'mime_type', 'more'), [
    ('image', 'image/jpeg', {}), ('video', 'video/mp4', {}), ('audio', 'audio/mpeg', {'voice': False}),
    ('voice', 'audio/ogg; codecs=opus', {'voice': True}), ('document', 'application/pdf', {}),
    ('sticker', 'image/webp', {}),
])
def test_every_kind_comes_with_id_link_type_and_hash(sim, graph, hook, kind, mime_type, more):
    reference = sent(sim, hook, kind)
    content = fetch(graph, reference['url']).content

    assert (reference['mime_type'], reference.get('voice')) == (mime_type, more.get('voice'))
    assert base64.b64decode(reference['sha256']) == hashlib.sha256(content).digest()


def test_the_id_leads_to_a_fresh_link_and_the_hash_in_hexadecimal(sim, graph, hook):
    reference = sent(sim, hook, 'document', text='%PDF invented')
    described = graph.get(reference['id']).json()

    assert described['sha256'] == base64.b64decode(reference['sha256']).hex()
    assert described['file_size'] == '13'
    assert fetch(graph, described['url']).content == b'%PDF invented'


@pytest.mark.parametrize('name', ['../../etc/passwd', 'Übersicht über Räder.pdf', 'C:\\x\\y.pdf', 'a\x00b.pdf'])
def test_a_document_has_the_name_its_sender_gave(sim, hook, name):
    assert sent(sim, hook, 'document', filename=name)['filename'] == name


def test_a_caption_goes_along(sim, hook):
    assert sent(sim, hook, caption='The chain')['caption'] == 'The chain'


def test_the_content_may_be_another_than_its_type_says(sim, graph, hook):
    reference = sent(sim, hook, mime_type='image/png', text='<script>alert(1)</script>')
    answer = fetch(graph, reference['url'])

    assert (answer.headers['Content-Type'], answer.text) == ('image/png', '<script>alert(1)</script>')


def test_the_link_of_a_webhook_needs_the_token(sim, hook):
    assert requests.get(sent(sim, hook)['url'], timeout=10).status_code == 401


def test_a_hundred_megabytes_are_never_held_in_memory(sim, graph, hook):
    reference = sent(sim, hook, 'document', size=HUNDRED_MEGABYTES)
    digest, size = hashlib.sha256(), 0
    with fetch(graph, reference['url'], stream=True) as answer:
        for chunk in answer.iter_content(1024 * 1024):
            digest.update(chunk)
            size += len(chunk)

    assert (size, base64.b64decode(reference['sha256'])) == (HUNDRED_MEGABYTES, digest.digest())
    assert psutil.Process(sim.process.pid).memory_info().rss < HUNDRED_MEGABYTES


def test_what_is_larger_does_not_come_through(sim, hook):
    sim.control('POST', f'/people/{w.PERSON_READS}/message', {'document': {'size': HUNDRED_MEGABYTES + 1}})
    sim.wait_idle()

    assert hook.items('messages')[0]['errors'][0]['code'] == 131052


# --- faults --------------------------------------------------------------------------------------------------------


def test_an_expired_link_is_not_found_and_the_id_gives_another(sim, graph, hook):
    reference = sent(sim, hook, fault='expired_link')

    assert fetch(graph, reference['url']).status_code == 404
    assert fetch(graph, fresh_link(graph, reference)).status_code == 200


def test_a_file_that_is_gone_has_no_fresh_link_either(sim, graph, hook):
    reference = sent(sim, hook, fault='gone')

    assert fetch(graph, reference['url']).status_code == 404
    assert graph.get(reference['id']).json()['error']['error_subcode'] == 33


@pytest.mark.parametrize(('fault', 'status'), [('not_found', 404), ('unauthorised', 401), ('html502', 502)])
def test_downloads_can_be_refused_although_the_link_is_fresh(sim, graph, hook, fault, status):
    reference = sent(sim, hook, fault=fault)

    assert fetch(graph, fresh_link(graph, reference)).status_code == status


def test_a_fault_can_end(sim, graph, hook):
    reference = sent(sim, hook, fault='html502', times=1)

    assert [fetch(graph, reference['url']).status_code for _try in range(2)] == [502, 200]


def test_a_wrong_hash_is_told_everywhere(sim, graph, hook):
    reference = sent(sim, hook, fault='wrong_hash')
    digest = hashlib.sha256(fetch(graph, reference['url']).content)

    assert base64.b64decode(reference['sha256']) != digest.digest()
    assert graph.get(reference['id']).json()['sha256'] != digest.hexdigest()


def test_an_empty_file_was_promised_to_be_more(sim, graph, hook):
    reference = sent(sim, hook, fault='empty')

    assert fetch(graph, reference['url']).content == b''
    assert int(graph.get(reference['id']).json()['file_size']) > 0


def test_a_download_can_be_cut(sim, graph, hook):
    reference = sent(sim, hook, fault='cut')

    with pytest.raises(requests.RequestException):
        fetch(graph, reference['url'])


def test_a_download_can_drip(sim, graph, hook):
    reference = sent(sim, hook, 'document', text='x' * 160, fault='drip', seconds=0.5)
    started = time.monotonic()

    assert len(fetch(graph, reference['url']).content) == 160
    assert time.monotonic() - started >= 0.4


def test_a_download_can_stay_silent(sim, graph, hook):
    reference = sent(sim, hook, fault='hang', seconds=30)

    with pytest.raises(requests.Timeout):
        graph.session.get(reference['url'], timeout=0.3)


def test_a_large_upload_lies_on_disk(sim, graph):
    content = b'%PDF' + b'x' * (60 * 1024 * 1024)
    files = {'messaging_product': (None, 'whatsapp'), 'file': ('large.pdf', content, 'application/pdf')}
    before = psutil.Process(sim.process.pid).memory_info().rss

    media_id = graph.call('POST', f'{w.PHONE_ID}/media', files=files, timeout=60).json()['id']

    assert psutil.Process(sim.process.pid).memory_info().rss - before < 30 * 1024 * 1024
    assert len(fetch(graph, graph.get(media_id).json()['url']).content) == len(content)
