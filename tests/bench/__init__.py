"""The benches by name; each is a function ``(server, quick)`` that returns its figures."""
from .broadcast import broadcast
from .campaign import campaign
from .composer import composer
from .gate import gate
from .growth import growth
from .priority import priority
from .send import send
from .webhooks import webhooks

BENCHES = {'send': send, 'growth': growth, 'priority': priority, 'webhooks': webhooks, 'gate': gate,
           'composer': composer, 'campaign': campaign, 'broadcast': broadcast}
