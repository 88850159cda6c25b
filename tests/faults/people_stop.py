"""People say stop while a message for them waits, in every way there is, and some of them at the same moment."""
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urljoin

import requests
from kit.report import Stop
from lxml import html

from .ground import MARKETING, ground, set_send_cron
from .inflow import WORKERS, deliver
from .judge import GONE_OUT
from .result import fault
from .story import envelope

LIMIT = 80
# What a sender may have claimed beforehand, and the time of its calls.
IN_HAND_SECONDS, LATENCY = 2, 0.3
HEARD_SECONDS = 30
POLL_SECONDS = 0.05
TIMEOUT = 60
# People next in line who say stop as well.
NEXT_IN_LINE = 3
STOP_BUTTON = 'Stop promotions'


@dataclass(frozen=True)
class Stopper:
    """:ivar str key: of the message that waits. :ivar str phone: E.164"""

    key: str
    phone: str
    partner_id: int

    @property
    def wa_id(self):
        return self.phone.lstrip('+')


@dataclass(frozen=True)
class Way:
    """:ivar say: function (field, admin, stopper). :ivar str source: how the consent ledger has to know it.
    :ivar bool answered: whether the person is to be answered, by one message."""

    say: object
    source: str
    answered: bool = False


# --- Ways to say it --------------------------------------------------------------------------------------------------


def words(text):
    """:return: a way: to write a text."""
    return Way(lambda field, _admin, stopper: write(field, stopper, text=text), 'keyword', answered=True)


def write(field, stopper, **message):
    field.simulator.control('POST', f'/people/{stopper.wa_id}/message', message)


def write_twice(field, _admin, stopper):
    """Two messages in two webhooks, which come at the same moment."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda again: again(), (
            lambda: write(field, stopper, text='Stop!'), lambda: deliver(field, [stop_body(stopper)]))))


def stop_body(stopper):
    moment = int(time.time())
    item = {'from': stopper.wa_id, 'id': 'wamid.AGAIN', 'timestamp': str(moment), 'type': 'text',
            'text': {'body': 'Stop!'}}
    return envelope([(moment, 'messages', item, 'messages')])


def tap(field, _admin, stopper):
    """Tap the stop button of an offer that came before."""
    before, = field.query('SELECT wamid FROM fluxforce_whatsapp_message WHERE phone = %s AND key <> %s',
                          stopper.phone, stopper.key)
    write(field, stopper, button={'text': STOP_BUTTON, 'payload': STOP_BUTTON}, context=before['wamid'])


def prefer(field, _admin, stopper):
    """Stop marketing in WhatsApp's own settings."""
    field.simulator.control('POST', f'/people/{stopper.wa_id}/preference', {'value': 'stop'})


def save_page(_field, admin, stopper):
    """Say no on the preference page, as a browser without JavaScript does."""
    partner, = admin.read('res.partner', [('id', '=', stopper.partner_id)], ['whatsapp_preference_url'])
    link, browser = partner['whatsapp_preference_url'], requests.Session()
    browser.trust_env = False
    form = html.fromstring(browser.get(link, timeout=TIMEOUT).content).forms[0]
    form.fields['marketing'] = 'no'
    answer = browser.post(urljoin(link, form.action), data=dict(form.form_values()), timeout=TIMEOUT)
    if answer.status_code != 200 or 'saved=1' not in answer.url:
        raise Stop(f'The preference page answered {answer.status_code} from {answer.url}')


def note(_field, admin, stopper):
    """An employee records what the person said on the telephone."""
    admin.create('fluxforce.whatsapp.consent', {
        'partner_id': stopper.partner_id, 'purpose': 'marketing', 'decision': 'withdrawn', 'source': 'call',
        'wording': 'Please send me no more offers.'})


def blacklist(_field, admin, stopper):
    admin.create('phone.blacklist', {'number': stopper.phone})


WAYS = {
    'English': words('STOP'),
    'Spanish': words('¡Baja, por favor!'),
    'German': words('Abbestellen 🙏'),
    'twice at once': Way(write_twice, 'keyword', answered=True),
    'button': Way(tap, 'button', answered=True),
    'WhatsApp': Way(prefer, 'meta'),
    'page': Way(save_page, 'web'),
    'note': Way(note, 'call'),
    'blacklist': Way(blacklist, 'blacklist'),
}


# --- The run ---------------------------------------------------------------------------------------------------------


@fault('stop')
def people_stop(server, quick, result):
    """people say stop in nine ways while offers for everybody wait: theirs stay, all others go

    Of those whose message is in the second half of the queue nothing may go, whatever the way. Of those next in line
    what went before the stop was in the consent ledger may go, and what a sender had in its hands then: two seconds of
    the pace.
    """
    # Half the queue takes about five seconds in both forms.
    count, begun, pace = (200, 20, 20) if quick else (1_000, 100, LIMIT)
    with ground(server, server_sends=True, workers=WORKERS, latency=LATENCY) as field:
        admin = field.stage.login('admin', 'admin')
        prepare(field, pace)
        send_offer_before(field, count)
        keys = queue_all(field, count)
        field.wait(lambda: field.accepted() > begun, 60, 'the beginning of the sending')
        late, soon = choose(field, keys)
        said = [(name, WAYS[name], stopper) for name, stopper in late.items()] + [
            ('next in line', WAYS['English'], stopper) for stopper in soon]
        heard = say_all(field, admin, said, result)
        let_others_go(field, result, pace)
        result.verdict = field.verdict([row['key'] for row in field.rows()])
        require_unsent(field, result, late, soon, heard)
        require_all_others(field, result, keys, [stopper for __, __, stopper in said])
        require_ledger(field, result, said)
        require_answers(field, result, said)


def prepare(field, pace):
    """The number's usual pace; and who taps a button gets the same offer twice."""
    field.free_account(operator_limit=pace)
    with field.env() as env:
        env['fluxforce.whatsapp.account'].search([]).duplicate_hours = 0


def send_offer_before(field, last):
    """Let the last person of the queue have got an offer already, whose button is tapped later."""
    field.enqueue(1, first=last, template=MARKETING)
    field.wait(lambda: field.count(*GONE_OUT), 60, 'an offer before')


def queue_all(field, count):
    """Put everybody's message into the outbox before the first one goes. :return: the keys in their order."""
    set_send_cron(field.server, field.database, active=False)
    keys = field.enqueue(count, template=MARKETING)
    set_send_cron(field.server, field.database, active=True)
    field.wake('ir_cron_send')
    return keys


def choose(field, keys):
    """:return: by way, somebody in the second half of the queue, the last one for the button; and those next in
        line."""
    rows = {row['key']: row for row in field.query(
        "SELECT key, phone, partner_id FROM fluxforce_whatsapp_message WHERE state = 'queued' AND key = ANY(%s)", keys)}
    waiting = [Stopper(**rows[key]) for key in keys if key in rows]
    second_half = [Stopper(**rows[key]) for key in keys[len(keys) // 2:] if key in rows]
    if len(second_half) < len(keys) // 2:
        raise Stop('The second half of the queue had begun before anybody said stop.')
    others = [name for name in WAYS if name != 'button']
    step = len(second_half) // len(WAYS)
    late = {name: second_half[place * step] for place, name in enumerate(others)}
    return {**late, 'button': second_half[-1]}, waiting[:NEXT_IN_LINE]


def say_all(field, admin, said, result):
    """Everybody says it at once. :return: by key, the moment at which we saw it in the consent ledger (Unix)."""
    began = time.time()
    result.facts['queued_at_the_stop'] = field.count('queued')
    with ThreadPoolExecutor(len(said)) as pool:
        saying = [pool.submit(way.say, field, admin, stopper) for __, way, stopper in said]
        heard = wait_until_heard(field, [stopper for __, __, stopper in said], saying)
    acknowledged = received(field)
    result.facts.update(
        heard_after={name: round(heard[stopper.key] - began, 1) for name, __, stopper in said},
        longest_from_200_to_ledger=round(max(
            heard[stopper.key] - acknowledged[stopper.wa_id] for __, __, stopper in said
            if stopper.wa_id in acknowledged), 1))
    return heard


def received(field):
    """:return: by WhatsApp ID, when the first message of each was on disk, just before its webhook's 200 (Unix)."""
    rows = field.query("""
        SELECT item.content->'data'->>'from' AS wa_id, min(extract(epoch FROM event.received_at)) AS moment
          FROM fluxforce_whatsapp_event_item item JOIN fluxforce_whatsapp_event event ON event.id = item.event_id
         WHERE item.content->'data' ? 'from' GROUP BY 1
    """)
    return {row['wa_id']: float(row['moment']) for row in rows}


def wait_until_heard(field, stoppers, saying):
    """:raise Exception: what kept somebody from saying it."""
    heard, end = {}, time.monotonic() + HEARD_SECONDS
    while len(heard) < len(stoppers):
        phones = set(withdrawals(field))
        now = time.time()
        heard.update({one.key: now for one in stoppers if one.phone in phones and one.key not in heard})
        for future in saying:
            if future.done():
                future.result()
        if time.monotonic() > end:
            raise Stop(f'{len(stoppers) - len(heard)} stops were not heard in {HEARD_SECONDS} s.')
        time.sleep(POLL_SECONDS)
    return heard


def withdrawals(field):
    """:return: by number, the sources of what was withdrawn."""
    rows = field.query("SELECT phone, array_agg(source) AS sources FROM fluxforce_whatsapp_consent "
                       "WHERE decision = 'withdrawn' GROUP BY phone")
    return {row['phone']: row['sources'] for row in rows}


def let_others_go(field, result, pace):
    """Stops that add up brake the number's marketing, as they should; then a person releases it."""
    field.settle(hurry=False)
    brakes = field.query("SELECT brake FROM fluxforce_whatsapp_number WHERE brake <> 'none'")
    result.facts['brake'] = brakes[0]['brake'] if brakes else 'none'
    field.free_account(operator_limit=pace)
    field.settle()


# --- What must hold --------------------------------------------------------------------------------------------------


def require_unsent(field, result, late, soon, heard):
    accepted = {entry['key']: entry['accepted_at'] for entry in field.ledger()}
    for name, stopper in late.items():
        result.require(stopper.key not in accepted, f'{name}: got the offer in spite of the stop')
    gone = [stopper for stopper in soon if stopper.key in accepted]
    after = [accepted[one.key] - heard[one.key] for one in gone]
    result.facts['in_hand_of_a_sender'] = len(gone)
    result.require(all(late_by <= IN_HAND_SECONDS + LATENCY for late_by in after),
                   f'next in line: one went {max(after, default=0):.1f} s after the stop was known')
    rows = {row['key']: row for row in field.rows()}
    for stopper in [*late.values(), *(one for one in soon if one not in gone)]:
        row = rows[stopper.key]
        result.require((row['state'], row['reason']) in (
            ('cancelled', 'consent_withdrawn'), ('refused', 'consent_withdrawn')),
            f'a stopped message is {row["state"]}, {row["reason"]}')


def require_all_others(field, result, keys, stoppers):
    others = set(keys) - {stopper.key for stopper in stoppers}
    times = Counter(entry['key'] for entry in field.ledger() if entry['key'] in others)
    result.facts['others'] = len(others)
    missing = others - set(times)
    result.require(not missing, f'{len(missing)} who said nothing did not get theirs: {field.states()}')
    result.require(set(times.values()) <= {1}, 'somebody got it twice')


def require_ledger(field, result, said):
    """One withdrawal for each of them, by the right name, and none for anybody else."""
    expected = {stopper.phone: [way.source] for __, way, stopper in said}
    found = withdrawals(field)
    result.facts['withdrawals'] = sum(map(len, found.values()))
    for name, way, stopper in said:
        result.require(found.get(stopper.phone) == [way.source],
                       f'{name}: {found.get(stopper.phone)} in the ledger instead of one {way.source}')
    result.require(not found.keys() - expected.keys(), 'somebody was stopped who said nothing')


def require_answers(field, result, said):
    """Who said it to us in WhatsApp is answered once, all others not at all."""
    answers = Counter(entry['wa_id'] for entry in field.ledger() if entry['type'] == 'text')
    result.facts['answers'] = sum(answers.values())
    for name, way, stopper in said:
        result.require(answers[stopper.wa_id] == int(way.answered),
                       f'{name}: {answers[stopper.wa_id]} answers instead of {int(way.answered)}')
    strangers = answers.keys() - {stopper.wa_id for __, __, stopper in said}
    result.require(not strangers, f'{len(strangers)} people were answered who said nothing')
