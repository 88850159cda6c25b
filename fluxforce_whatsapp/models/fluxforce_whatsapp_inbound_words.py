from odoo import api, models
from odoo.tools import format_datetime

from ..cloud_api import const as meta
from ..cloud_api.inbound import Answers, CallPermission, Cards, Choice, Media, Order, Place, Renewal, Unreadable

# Where a place is looked up. (Our own choice: it needs no account and no key.)
MAP_URL = 'https://www.openstreetmap.org/?mlat=%(latitude).6f&mlon=%(longitude).6f#map=17/%(latitude).6f/%(longitude).6f'
# What needs a heading; see the field ``kind`` of received messages.
KINDS_OF_CONTENT = {Place: 'place', Cards: 'cards', Order: 'order', Answers: 'form'}
# Cards and products of one message that are shown.
MOST_LINES = 50


class FluxforceWhatsappInboundWords(models.AbstractModel):
    """What people send besides text, in words: one method per kind of content."""

    _name = 'fluxforce.whatsapp.inbound.words'
    _description = 'WhatsApp Message in Words'

    @api.model
    def _of(self, message):
        """Say a message in words, in the language of the environment. A file is no word: only its caption is.

        :param InboundMessage message: as read.
        :return: plain text with WhatsApp's own formatting marks, never empty but for a file without a caption.
        """
        says = self._by_content().get(type(message.content))
        text = says(message.content, message) if says else message.text
        lines = [self._product_line(message), text]
        words = '\n'.join(filter(None, lines)).strip()
        return words or ('' if isinstance(message.content, Media) else self._nothing_readable(message))

    @api.model
    def _kind(self, message):
        """:return: what it is, for a heading; False where the words speak for themselves."""
        return KINDS_OF_CONTENT.get(type(message.content), False)

    @api.model
    def _map_url(self, content):
        """:return: where a place is shown on a map; False for anything else."""
        if not isinstance(content, Place) or content.latitude is None or content.longitude is None:
            return False
        return MAP_URL % {'latitude': content.latitude, 'longitude': content.longitude}

    def _by_content(self):
        return {
            Place: self._say_place,
            Cards: self._say_cards,
            Choice: self._say_choice,
            Answers: self._say_answers,
            CallPermission: self._say_call_permission,
            Order: self._say_order,
            Renewal: self._say_renewal,
            Unreadable: self._say_unreadable,
        }

    def _product_line(self, message):
        return message.product and self.env._('About the product %(product)s:', product=message.product)

    def _nothing_readable(self, message):
        if message.type == 'text':
            return self.env._('(A message without text)')
        if message.type in meta.MEDIA_MESSAGES:
            return self.env._('(A file that WhatsApp did not hand on)')
        return self.env._('(A message of a kind that cannot be shown here: %(kind)s)',
                          kind=message.type or self.env._('unknown'))

    # ------------------------------------------------------------
    # KINDS
    # ------------------------------------------------------------

    def _say_place(self, place, _message):
        where = '\n'.join(filter(None, (place.name, place.address, place.url)))
        return where or (f'{place.latitude:.6f}, {place.longitude:.6f}' if self._map_url(place) else '')

    def _say_cards(self, content, _message):
        return '\n'.join(self._say_card(card) for card in content.cards[:MOST_LINES])

    def _say_card(self, card):
        who = ', '.join(filter(None, (card.name, card.company))) or self.env._('Contact without a name')
        return '\n'.join([who, *card.phones, *card.emails])

    def _say_choice(self, choice, _message):
        return '\n'.join(filter(None, (choice.title, choice.description)))

    def _say_answers(self, answers, _message):
        return '\n'.join(self._say_answer(question, answer) for question, answer in answers.rows)

    def _say_answer(self, question, answer):
        if isinstance(answer, bool):
            answer = self.env._('Yes') if answer else self.env._('No')
        return f'{question[:1].upper()}{question[1:]}: {answer}' if question else str(answer)

    def _say_call_permission(self, permission, _message):
        if permission.response == meta.CALL_REJECTED:
            return self.env._('You may not call.')
        if permission.response != meta.CALL_ACCEPTED:
            return self.env._('Answer to whether you may call: %(answer)s', answer=permission.response)
        if permission.until and not permission.is_permanent:
            return self.env._('You may call until %(moment)s (UTC).',
                              moment=format_datetime(self.env, permission.until, tz='UTC'))
        return self.env._('You may call.')

    def _say_order(self, order, message):
        lines = [self._say_order_line(line) for line in order.lines[:MOST_LINES]]
        return '\n'.join(filter(None, (*lines, message.text)))

    def _say_order_line(self, line):
        quantity = '' if line.quantity is None else f'{line.quantity:g} × '
        price = '' if line.price is None else f' ({line.price:.2f} {line.currency})'
        return f'{quantity}{line.product}{price}'

    def _say_renewal(self, renewal, _message):
        if renewal.what == meta.CHANGED_NUMBER and renewal.phone:
            return self.env._(
                'This person has a new WhatsApp number: +%(number)s. Where the contact had the old one it was '
                'replaced, and what was agreed for the old one counts for the new one.', number=renewal.phone)
        if renewal.what == meta.CHANGED_USER_ID:
            return self.env._(
                'WhatsApp has given this person a new id, as it does when somebody changes number. Messages still come '
                'to this contact; if you know a number, ask the person whether it is still right.')
        return renewal.words

    def _say_unreadable(self, content, _message):
        if not content.what:
            return self.env._('(A message that WhatsApp does not hand on)')
        return self.env._('(A message that WhatsApp does not hand on: %(kind)s)', kind=content.what)
