"""People of the simulator who follow links, and who press another button in another message."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.simulator import world as w
from tests.simulator.client import FAST, template, text

CURIOUS = '493055501'


@pytest.fixture
def sim(server):
    server.control('POST', '/reset', {'seed': 1})
    server.control('PATCH', '/settings', {**FAST, 'pair_rate': False})
    yield server
    assert server.control('GET', '/health')['internal_errors'] == 0


def id_of(graph, name):
    return graph.get(f'{w.WABA_ID}/message_templates', name=name).json()['data'][0]['id']


def lead_to(sim, graph, url):
    """Let the button of a template lead to ``url`` and what stands behind it."""
    sim.control('PUT', f'/templates/{id_of(graph, "back_in_stock")}', {'emit': False, 'components': [
        {'type': 'BODY', 'text': 'Hi {{1}}, {{2}} is back.', 'example': {'body_text': [['Mira', 'the helmet']]}},
        {'type': 'BUTTONS', 'buttons': [
            {'type': 'URL', 'text': 'Open', 'url': f'{url}/{{{{1}}}}', 'example': [f'{url}/x']}]}]})


def back_in_stock(to=CURIOUS):
    data = template('back_in_stock', 'en_US', ('Mira', 'the helmet'), to=to)
    data['template']['components'].append(
        {'type': 'button', 'sub_type': 'url', 'index': '0', 'parameters': [{'type': 'text', 'text': 'abc'}]})
    return data


def test_the_address_behind_a_button_is_in_the_log(sim, graph, hook):
    lead_to(sim, graph, 'https://shop.example.com/p')
    graph.send(back_in_stock())
    assert sim.control('GET', '/log')[0]['links'] == ['https://shop.example.com/p/abc']


def test_who_clicks_opens_the_link_once(sim, graph, hook):
    lead_to(sim, graph, hook.url)
    sim.control('PUT', f'/people/{CURIOUS}', {'clicks': True})
    wamid = graph.send(back_in_stock()).json()['messages'][0]['id']
    sim.wait_idle()
    visit, = sim.control('GET', '/log/visits')
    assert (visit['wamid'], visit['wa_id'], visit['url']) == (wamid, CURIOUS, f'{hook.url}/abc')
    assert visit['http'] == 403  # what the receiver answers to whoever has not its word


def test_who_does_not_click_opens_nothing(sim, graph, hook):
    lead_to(sim, graph, hook.url)
    graph.send(back_in_stock())
    sim.wait_idle()
    assert sim.control('GET', '/log/visits') == []


def test_a_link_in_the_text_is_followed_too(sim, graph, hook):
    sim.control('POST', f'/people/{CURIOUS}/message', {'text': 'Hello'})
    sim.control('PUT', f'/people/{CURIOUS}', {'clicks': True})
    graph.send(text(f'See {hook.url}/page now', to=CURIOUS))
    sim.wait_idle()
    assert [visit['url'] for visit in sim.control('GET', '/log/visits')] == [f'{hook.url}/page']


def test_a_page_that_does_not_answer_is_on_record(sim, graph, hook):
    lead_to(sim, graph, 'http://127.0.0.1:9')
    sim.control('PUT', f'/people/{CURIOUS}', {'clicks': True})
    graph.send(back_in_stock())
    sim.wait_idle()
    visit, = sim.control('GET', '/log/visits')
    assert (visit['http'], bool(visit['error'])) == (None, True)


def test_of_several_labels_the_first_that_is_there_is_pressed(sim, graph, hook):
    sim.control('PUT', f'/people/{CURIOUS}', {'taps': ['Great', 'Stop promotions']})
    graph.send(template('welcome_offer', 'en_US', ('Mira',), to=CURIOUS))
    sim.wait_idle()
    item, = hook.items('messages')
    assert item['button']['text'] == 'Stop promotions'
