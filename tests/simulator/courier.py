"""What happens to a message after it was accepted, and what people do."""

import time

from . import payloads


class Courier:
    """Carries messages to people and their answers back."""

    def __init__(self, sim):
        """Take the simulator."""
        self.sim = sim
        self.service_messages = {}

    def accept(self, message, person, number, answer_in):
        """Plan the life of a message; `answer_in` = seconds until the sender has its HTTP answer."""
        if not self.sim.settings.statuses:
            return
        early = self.sim.settings.webhook_faults.early
        lead = 0.0 if early and self.sim.rng.random() < early else answer_in
        # the decision is drawn now so that it depends on the order of sends only
        reads = self._reads(person)
        self.sim.schedule.after(lead + self.sim.settings.sent_after, self._arrive, message, person, number, reads)

    def fail(self, message, person, number, code):
        """Give up an accepted message now."""
        self._report(message, person, number, 'failed', code)

    def _reads(self, person):
        if person.reads is not None:
            return person.reads
        ratio = self.sim.settings.read_ratio
        return ratio >= 1 or self.sim.rng.random() < ratio

    def _arrive(self, message, person, number, reads):
        code = failure(message, person)
        if code:
            self._report(message, person, number, 'failed', code)
            return
        self._report(message, person, number, 'sent')
        if person.blocked or message.type == 'reaction':
            return  # of a reaction Meta tells nothing more
        delay = self._delay(person.delivered_after, self.sim.settings.delivered_after)
        self.sim.schedule.after(delay, self._deliver, message, person, number, reads)

    def _deliver(self, message, person, number, reads):
        self._report(message, person, number, 'delivered')
        if reads:
            delay = self._delay(person.read_after, self.sim.settings.read_after)
            self.sim.schedule.after(delay, self._report, message, person, number, 'read')
        if person.clicks:
            delay = self._delay(person.click_after, self.sim.settings.reply_after)
            self.sim.schedule.after(delay, self.sim.visits.open, message, person)
        self._plan_answer(message, person, number)

    def _plan_answer(self, message, person, number):
        if person.replies_to == 'template' and message.type != 'template':
            return
        context = {'from': self.sim.world.own_digits(number), 'id': message.wamid}
        delay = self._delay(person.reply_after, self.sim.settings.reply_after)
        tapped = person.choice(message.buttons)
        if tapped:
            content = {'type': 'button', 'button': {'payload': tapped['payload'], 'text': tapped['text']}}
            self.sim.schedule.after(delay, self.write, person, number, content, context)
        if person.replies:
            content = {'type': 'text', 'text': {'body': person.replies}}
            self.sim.schedule.after(delay, self.write, person, number, content)

    @staticmethod
    def _delay(own, default):
        return default if own is None else own

    def _report(self, message, person, number, name, code=None):
        self.sim.ledger.status(message, name, time.time(), code)
        waba_id = self.sim.world.owner[number['id']]
        free = self._free(message, number, name)
        if not self.sim.webhooks.heard(waba_id):
            return
        pricing = payloads.pricing_of(message.category, free)
        self.sim.webhooks.push(payloads.status_update(waba_id, number, person, message, name, pricing, code))

    def _free(self, message, number, name):
        """The first 1,000 service messages of a number cost nothing."""
        used = self.service_messages.get(number['id'], 0)
        if message.category == 'service' and name == 'sent':
            self.service_messages[number['id']] = used + 1
        return message.category == 'service' and used < payloads.FREE_SERVICE_MESSAGES

    def write(self, person, number, content, context=None, at=None):
        """Let a person send a message to a number now, dated `at` (Unix seconds); return its id."""
        now = self.sim.now
        wamid = self.sim.wamid(person.wa_id)
        self.sim.windows[number['id'], person.user_id] = now
        self.sim.throughput_of(number['id']).add(now)
        waba_id = self.sim.world.owner[number['id']]
        update = payloads.inbound_update(waba_id, number, person, wamid, content, context, at)
        self.sim.ledger.receive({'wamid': wamid, 'wa_id': person.wa_id, 'phone_number_id': number['id'],
                                 'at': time.time(), **content}, now)
        self.sim.webhooks.push(update)
        return wamid

    def change_identity(self, person, number, wa_id='', user_id=''):
        """Let a person move to another number or get another user id; return the id of Meta's system message."""
        old_wa_id, old_user_id = person.wa_id, person.user_id
        self.sim.world.people.move(person, wa_id, user_id)
        for phone_id, known in list(self.sim.windows):
            if known == old_user_id:
                self.sim.windows[phone_id, person.user_id] = self.sim.windows.pop((phone_id, known))
        wamid = self.sim.wamid(old_wa_id)
        waba_id = self.sim.world.owner[number['id']]
        self.sim.webhooks.push(payloads.system_update(waba_id, number, person, wamid, old_wa_id, old_user_id))
        return wamid


def failure(message, person):
    """Return the code with which Meta gives up on an accepted message, or None."""
    if person.fails_with:
        return person.fails_with
    if not person.on_whatsapp:
        return 131026
    if message.category != 'marketing':
        return None
    if person.stopped_marketing:
        return 131050
    return 131049 if person.wa_id.startswith('1') else None
