"""What the simulator's ledger says a campaign has brought: told by the messages Meta took and by what people did."""
from collections import Counter, defaultdict
from functools import cached_property

# WhatsApp's own opt-out.
OPTED_OUT = 131050


class Ledger:
    """Nothing in it comes from Odoo.

    :ivar sent: the templates Meta took, in order
    :ivar services: the other messages, answers within the service window
    """

    def __init__(self, control):
        log = control('GET', '/log')
        self.sent = [entry for entry in log if entry['type'] == 'template']
        self.services = [entry for entry in log if entry['type'] != 'template']
        self.inbound = control('GET', '/log/inbound')
        self.visits = control('GET', '/log/visits')
        self.summary = control('GET', '/log/summary')

    def people(self, template=None, status=None):
        """:return: set of numbers that got a template, or one of which a status was reported"""
        return {entry['wa_id'] for entry in self.sent
                if template in (None, entry['template']) and status in (None, *self._names(entry))}

    def messages(self, status):
        """:return: how many messages have come so far, or further"""
        return sum(status in self._names(entry) for entry in self.sent)

    def _names(self, entry):
        return {status['status'] for status in entry['statuses']}

    @cached_property
    def failed(self):
        """:return: dict of the codes Meta reported, by number"""
        return {entry['wa_id']: status['code'] for entry in self.sent for status in entry['statuses']
                if status['status'] == 'failed'}

    @cached_property
    def twice(self):
        """:return: (number, template) of whoever got one more than once"""
        counts = Counter((entry['wa_id'], entry['template']) for entry in self.sent)
        return [one for one, count in counts.items() if count > 1]

    @cached_property
    def said(self):
        """:return: by number, list of (moment, words) of what people wrote and pressed"""
        found = defaultdict(list)
        for entry in self.inbound:
            words = entry['text']['body'] if entry['type'] == 'text' else entry['button']['text']
            found[entry['wa_id']].append((entry['at'], words))
        return found

    def who_said(self, *words):
        """:return: set of numbers"""
        return {number for number, lines in self.said.items() if any(said in words for __, said in lines)}

    def who_only_said(self, *words):
        """:return: set of numbers of those who said nothing else"""
        return {number for number, lines in self.said.items() if all(said in words for __, said in lines)}

    def who_replied(self, template, *but):
        """:return: set of numbers of those who said something else than these words after they got a template, and
            before the next one"""
        return {entry['wa_id'] for entry in self.sent if entry['template'] == template and any(
            entry['accepted_at'] <= at < self._next(entry) and said not in but
            for at, said in self.said.get(entry['wa_id'], ()))}

    def _next(self, entry):
        later = [other['accepted_at'] for other in self.sent
                 if other['wa_id'] == entry['wa_id'] and other['accepted_at'] > entry['accepted_at']]
        return min(later, default=float('inf'))

    @cached_property
    def visitors(self):
        """:return: set of numbers of those who opened a link that led somewhere"""
        return {visit['wa_id'] for visit in self.visits if visit['http'] == 302}

    def after_stop(self, *words):
        """:return: numbers that got a template after they had said one of these words, or had stopped in WhatsApp"""
        stopped = {number: min(at for at, said in lines if said in words)
                   for number, lines in self.said.items() if any(said in words for __, said in lines)}
        stopped |= {entry['wa_id']: status['timestamp'] for entry in self.sent for status in entry['statuses']
                    if status.get('code') == OPTED_OUT}
        return {entry['wa_id'] for entry in self.sent
                if entry['accepted_at'] > stopped.get(entry['wa_id'], float('inf'))}
