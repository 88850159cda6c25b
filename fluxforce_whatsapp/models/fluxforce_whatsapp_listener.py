from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from odoo import api, fields, models

from ..policy.keywords import Found, Wish, normalise

# What is kept on a received message that says it.
HEARD = {Wish.STOP: 'stop', Wish.START: 'start'}
WISHES = {name: wish for wish, name in HEARD.items()}


@dataclass(frozen=True)
class Heard:
    """A wish in a received message.

    :ivar message: the ``fluxforce.whatsapp.inbound``
    :ivar wish: ``Wish``
    :ivar person: (contact, maybe empty; E.164 number or '')
    :ivar languages: of the keyword, likeliest first
    :ivar source: how it was said: ``keyword``, ``button``, or ``message`` if somebody of ours understood it
    :ivar edited: the words of an edit, '' if it is the message as it was sent
    :ivar edited_at: when it was edited, UTC
    """

    message: object
    wish: Wish
    person: tuple
    languages: tuple[str, ...]
    source: str
    edited: str = ''
    edited_at: datetime | None = None

    @property
    def words(self):
        """:return: what the person wrote."""
        return self.edited or self.message._words_said()

    @property
    def at(self):
        """:return: when the person wrote it, UTC."""
        return self.edited_at or self.message.sent_at


class FluxforceWhatsappListener(models.AbstractModel):
    """Hears in what people write whether they want to stop or to start again, does it and answers once."""

    _name = 'fluxforce.whatsapp.listener'
    _description = 'WhatsApp Listener'

    # ------------------------------------------------------------
    # HEAR
    # ------------------------------------------------------------

    @api.model
    def _heed(self, account, messages, said):
        """Heed stop and start words, stop buttons and what sounds like a stop.

        :param messages: what was just received and kept.
        :param list said: the :class:`cloud_api.inbound.InboundMessage` of each, in their order.
        """
        heard = self._hear(account, messages, said)
        by_wish = defaultdict(list)
        for one in heard:
            by_wish[one.wish].append(one)
        for wish, name in HEARD.items():
            self.env['fluxforce.whatsapp.inbound'].concat(*[one.message for one in by_wish[wish]]).heard = name
        self._heed_stops(account, by_wish[Wish.STOP])
        self._heed_starts(account, by_wish[Wish.START])
        questions = self.env['fluxforce.whatsapp.inbound'].concat(
            *[one.message for one in by_wish[Wish.LOOKS_LIKE_STOP]])
        questions._ask_whether_stop()

    @api.model
    def _heed_edits(self, account, edits):
        """Heed who edits a message into a stop word: "sotp" was meant as one. A start has to be written anew.

        :param list edits: (message, :class:`cloud_api.inbound.InboundMessage` as it reads now, moment of the edit)
        """
        edits = [edit for edit in edits if not edit[0].group]
        if edits:
            stops = [one for one in self._hear(account, *zip(*edits, strict=True)) if one.wish is Wish.STOP]
            self.env['fluxforce.whatsapp.inbound'].concat(*[one.message for one in stops]).heard = 'stop'
            self._heed_stops(account, stops)

    def _hear(self, account, messages, said, edited_at=None):
        matcher = self.env['fluxforce.whatsapp.keyword']._matcher(account.company_id)
        labels = self._stop_labels(account, said)
        # The code of an opt-in link stands in the text by itself: what counts is what the person wrote around it.
        texts = self.env['fluxforce.whatsapp.opt_in']._without_codes([one.text for one in said])
        moments = edited_at or [None] * len(said)
        found = [(message, one, moment, self._find(matcher, one, text, labels))
                 for message, one, text, moment in zip(messages, said, texts, moments, strict=True)
                 if one.is_words and not one.group_id]
        found = [(message, one, moment, wish) for message, one, moment, wish in found if wish]
        if not found:
            return []
        people = self.env['fluxforce.whatsapp.identity']._of_people(
            account, [(message.identity_id.wa_id or '', message.identity_id.bsuid or '') for message, *__ in found])
        return [Heard(message, wish.wish, (person.partner, person.phone), wish.languages,
                      'button' if one.is_tap else 'keyword', one.text if moment else '', moment)
                for (message, one, moment, wish), person in zip(found, people, strict=True)]

    @api.model
    def _heed_again(self, account, messages):
        """Record what people have said for the contacts they turn out to be, at the moment they said it. Nobody is
        answered: they were when they said it.

        :param messages: received ones in which a stop or a start was heard
        """
        people = self.env['fluxforce.whatsapp.identity']._of_people(
            account, [(message.identity_id.wa_id or '', message.identity_id.bsuid or '') for message in messages])
        heard = [Heard(message, WISHES[message.heard], (person.partner, person.phone), (), message._source_heard())
                 for message, person in zip(messages, people, strict=True)]
        self._record_stops(account, [one for one in heard if one.wish is Wish.STOP])
        self._record_starts(account, [one for one in heard if one.wish is Wish.START])

    def _find(self, matcher, said, text, labels):
        """:return: the ``Found`` of a message, or None. A button says what its business wrote on it: nobody has to be
        asked what is meant."""
        if said.is_tap and normalise(said.text) in labels[said.reply_to]:
            return Found(Wish.STOP)
        found = matcher.match(text)
        if found and found.wish is Wish.LOOKS_LIKE_STOP and said.is_tap:
            return Found(Wish.STOP)
        return found

    def _stop_labels(self, account, said):
        """:return: by id at Meta of the message that was answered, the labels of its template that mean stop."""
        wamids = [one.reply_to for one in said if one.is_tap and one.reply_to]
        labels = defaultdict(set)
        if wamids:
            answered = self.env['fluxforce.whatsapp.message'].search(
                [('account_id', '=', account.id), ('wamid', 'in', wamids), ('template_id.stop_button', '!=', False)])
            for message in answered:
                labels[message.wamid].add(normalise(message.template_id.stop_button))
        return labels

    # ------------------------------------------------------------
    # DO
    # ------------------------------------------------------------

    def _heed_stops(self, account, heard):
        self._record_stops(account, heard)
        self._answer(account, 'stop', heard)
        # People who stop may add up to a reason to brake.
        account.number_ids.filtered(lambda number: number in {one.message.number_id for one in heard})._evaluate_brake()

    def _record_stops(self, account, heard):
        for source in ('keyword', 'button', 'message'):
            for number, same in self._by_number([one for one in heard if one.source == source]).items():
                self.env['fluxforce.whatsapp.stop']._stop(
                    account.company_id, [one.person for one in same], account._purposes_of_stop(), source,
                    [one.words for one in same], [one.at for one in same], number=number)

    def _heed_starts(self, account, heard):
        self._answer(account, 'start', self._record_starts(account, heard))

    def _record_starts(self, account, heard):
        """:return: those for whom something was lifted."""
        lifted = []
        for number, same in self._by_number(heard).items():
            people = self.env['fluxforce.whatsapp.stop']._start(
                account.company_id, [one.person for one in same], account._purposes_of_stop(),
                [one.words for one in same], [one.at for one in same], number=number)
            lifted += [one for one in same if one.person in people]
        return lifted

    def _by_number(self, heard):
        result = defaultdict(list)
        for one in heard:
            result[one.message.number_id].append(one)
        return result

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    @api.model
    def _answer(self, account, kind, heard):
        """Confirm, once in a day and only while the person's own message keeps the service window open.

        :param str kind: ``stop`` or ``start``
        :param list heard: :class:`Heard` objects; whose number is hidden cannot be answered yet
        """
        if not account.answer_stops:
            return
        by_pair = {(one.message.number_id.id, one.person[1]): one for one in heard
                   if one.person[1] and one.message.number_id}
        due = self.env['fluxforce.whatsapp.pair']._claim_answers(kind, by_pair, fields.Datetime.now())
        for number, same in self._by_number([one for pair, one in by_pair.items() if pair in due]).items():
            self.env['fluxforce.whatsapp.message']._enqueue_texts(
                number, [self._prepare_answer(account, kind, one) for one in same])

    def _prepare_answer(self, account, kind, one):
        partner, phone = one.person
        text = account.with_context(lang=self._language(account, one))._answer_to(kind)
        place = (one.message.res_model, one.message.res_id) if one.message.res_id else (
            partner and partner._name, partner.id)
        return partner, phone, text, *place

    def _language(self, account, one):
        """:return: the person's language; of a contact that came from WhatsApp it is not known, so the word tells."""
        partner, identity = one.person[0], one.message.identity_id
        spoken = next(filter(None, map(self._installed, one.languages)), None)
        known = partner.lang
        ordered = (spoken, known) if identity.made_contact else (known, spoken)
        return next(filter(None, ordered), None) or account._readers_language()

    def _installed(self, language):
        """:return: code of an installed language, None if there is none."""
        codes = [code for code, __ in self.env['res.lang'].get_installed()]
        return next((code for code in codes if language and (
            code == language or code.split('_')[0] == language.split('_')[0])), None)
