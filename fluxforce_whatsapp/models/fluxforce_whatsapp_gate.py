from datetime import datetime

from odoo import api, models
from odoo.tools import format_date

from ..cloud_api import const as meta
from ..policy.consent import GIVEN
from ..policy.expiry import expires_at
from ..policy.gate import Action, Reason, Request, combine, decide
from ..policy.purpose import MARKETING, UTILITY
from ..policy.quiet_hours import known_zones, quiet_until, zones_of_phone
from ..policy.region import is_in_regions
from ..policy.wait import Wait
from .fluxforce_whatsapp_facts import FREE_TEXT


class FluxforceWhatsappGate(models.AbstractModel):
    """Asks the gate (``policy.gate``) about messages, with what Odoo and Meta know at this moment.

    The composer's preview, the queue, the claim before a send and a campaign's dry run all call :meth:`_judge`.
    """

    _name = 'fluxforce.whatsapp.gate'
    _description = 'WhatsApp Gate'

    @api.model
    def _judge(self, drafts, pairs=None, now=None):
        """Decide about many messages at once.

        :param list drafts: dicts with the fields of ``fluxforce.whatsapp.message`` the decision needs: account_id,
            number_id, template_id (False for free text), partner_id, phone, typed_number, values; optional expires_at,
            due_at, res_model, res_id, content_key; ``message_id`` of one that is written already, ``again_of`` the id
            of the message it takes the place of.
        :param dict pairs: what is known between numbers and people, if the caller has read it already.
        :param datetime now: the moment to judge by, if the caller has its own clock.
        :return: a :class:`Verdict` for each, in the same order.
        """
        if not drafts:
            return []
        facts = self.env['fluxforce.whatsapp.facts']._gather(drafts, pairs, now)
        verdicts = decide([self._prepare_request(index, draft, facts) for index, draft in enumerate(drafts)], facts.now,
                          lambda requests: self._complete(requests, drafts, facts))
        for index, verdict in self._more_reasons(drafts, facts).items():
            verdicts[index] = combine(verdicts[index], verdict)
        return verdicts

    def _more_reasons(self, _drafts, _facts):
        """The one method for other addons to override: further reasons to hold or refuse.

        Asked once per batch; query for the whole batch. A code that is new needs its label in ``selection_add`` of
        the outbox's field ``reason`` and its sentence in :meth:`_refusal_texts` or :meth:`_hold_texts`.

        :param list drafts: as given to :meth:`_judge`
        :param facts: what the gate knows about them, :class:`Facts`
        :return: :class:`policy.gate.Verdict` by index of the draft; the stricter of it and the gate's own holds.
        :rtype: dict
        """
        return {}

    def _prepare_request(self, index, draft, facts):
        """:return: a :class:`Request` with all but what :meth:`_complete` adds."""
        account, number = facts.accounts[draft['account_id']], facts.numbers[draft['number_id']]
        template, phone, partner_id = facts.template_of(draft), draft['phone'], draft['partner_id']
        purpose, partner, person = template.purpose, facts.partners.get(partner_id), facts.people.get(phone, '')
        pair = facts.pairs.get((draft['number_id'], phone))
        consent, entry = facts.consent_of(draft, purpose)
        return Request(
            key=str(index),
            to=phone or None,
            purpose=purpose,
            consent=consent,
            consent_detail=self._consent_detail(consent, entry) if entry and consent != GIVEN else '',
            is_template=template is not FREE_TEXT,
            template_status=template.status,
            template_problem=template.problem,
            template_stale=template.stale,
            number_state=number.state,
            number_problem=number.problem,
            account_active=account.active,
            window_open=bool(pair and pair.window_open(facts.now)),
            phone_problem=self._phone_problem(draft, partner, account),
            brake='all' if account.paused else number.brake,
            marketing_from=pair.marketing_from if pair else None,
            expires_at=draft.get('expires_at') or expires_at(purpose, draft.get('due_at') or facts.now),
            new_phone=self._new_phone(draft, partner),
            other_company=self._other_company(draft, partner, account, facts),
            blocked=facts.blocked and (facts.blocked.get((account.company_id, partner_id))
                                       or facts.blocked.get((account.company_id, person))) or None,
            blacklisted=person in facts.blacklisted,
            spared_region=purpose == MARKETING and is_in_regions(phone, meta.REGIONS_WITHOUT_MARKETING),
        )

    def _complete(self, requests, drafts, facts):
        """Add what is asked about those only whom nothing else refuses: that costs more to find out."""
        left = {int(request.key): request for request in requests}
        self.env['fluxforce.whatsapp.facts']._add_history({index: drafts[index] for index in left}, facts)
        for index, request in left.items():
            draft, template = drafts[index], facts.template_of(drafts[index])
            account = facts.accounts[draft['account_id']]
            request.missing_values = template.missing_names(draft['values'] or {})
            request.quiet_until = self._quiet_until(account, template.purpose, draft, facts)
            request.content = facts.contents.get(index)
            request.sent_before = index in facts.sent_before
            if template.purpose == MARKETING and draft['phone']:
                person = account.company_id, facts.people[draft['phone']]
                request.undeliverable_at = facts.undeliverable.get(person)
                request.cap, request.marketing_moments = account.cap, facts.marketing.get(person, ())

    def _phone_problem(self, draft, partner, account):
        """:return: what is wrong with the number as it was typed, in words; None for nothing."""
        if not draft['typed_number'] or draft['phone']:
            return None
        country = self.env['res.country'].browse(partner and partner.country_id) or (
            account.account.company_id.country_id)
        return self.env['fluxforce.whatsapp.typed.number']._hint(draft['typed_number'], country)

    def _other_company(self, draft, partner, account, facts):
        """:return: the name of the company that the person or the document belongs to, if it is another one's."""
        companies = (partner and partner.company_id,
                     facts.documents and facts.documents.get((draft.get('res_model'), draft.get('res_id'))))
        for company_id in companies:
            if company_id and company_id != account.company_id:
                # sudo: res.company - its name tells the user what to look for
                return self.env['res.company'].sudo().browse(company_id).name
        return None

    def _consent_detail(self, state, entry):
        """:return: when and how the person decided, to be put in words by :meth:`_detail_words`."""
        if state == 'expired':
            return f'{entry.expires_at:%Y-%m-%d}'
        return f'{entry.given_at:%Y-%m-%d} {entry.source}'

    def _new_phone(self, draft, partner):
        """:return: the contact's number if a message to the contact itself was written for another one."""
        present = partner and partner.phone_sanitized
        if not present or present == draft['phone'] or not draft['phone'] or draft.get('res_model') != 'res.partner':
            return None
        # An answer goes to the number its question came from.
        return present if draft['template_id'] else None

    def _quiet_until(self, account, purpose, draft, facts):
        """:return: end of the person's quiet hours if the account keeps them for this purpose, else None."""
        if account.quiet_from == account.quiet_to or not draft['phone']:
            return None
        if purpose != MARKETING and not (purpose == UTILITY and account.quiet_purposes == 'marketing_utility'):
            return None
        partner = facts.partners.get(draft['partner_id'])
        zone = partner and partner.tz
        zones = known_zones((zone,) if zone else ()) or zones_of_phone(draft['phone']) or (account.zone,)
        # People of the same zones wake up at the same moment.
        key = (zones, account.quiet_from, account.quiet_to)
        if key not in facts.quiet:
            facts.quiet[key] = quiet_until(facts.now, *key)
        return facts.quiet[key]

    @api.model
    def _explain(self, reason, detail=''):
        """:return: a reason code of the gate in the user's words, with the remedy."""
        text = self._reason_texts().get(reason)
        if not text:
            return reason or ''
        return f'{text} ({self._detail_words(reason, detail)})' if detail else text

    def _detail_words(self, reason, detail):
        """:return: the detail of a verdict as people see it elsewhere: a state by its label, a day as they write it."""
        model, name = {
            Reason.TEMPLATE_NOT_APPROVED.value: ('fluxforce.whatsapp.template', 'status'),
            Reason.NUMBER_UNABLE.value: ('fluxforce.whatsapp.number', 'status'),
            Reason.CONSENT_WITHDRAWN.value: ('fluxforce.whatsapp.consent', 'source'),
            Reason.OPT_IN_PENDING.value: ('fluxforce.whatsapp.consent', 'source'),
        }.get(reason, (None, None))
        labels = dict(self.env[model]._fields[name]._description_selection(self.env)) if model else {}
        day, __, rest = detail.partition(' ')
        try:
            words = [format_date(self.env, datetime.strptime(day, '%Y-%m-%d').date()), labels.get(rest, rest)]
        except ValueError:
            return labels.get(detail, detail)
        return ', '.join(word for word in words if word)

    def _reason_texts(self):
        return {**self._refusal_texts(), **self._hold_texts()}

    def _refusal_texts(self):
        """:return: why a message cannot go at all, and what to do."""
        return {
            Reason.NO_PHONE.value: self.env._('There is no phone number. Add one to the contact.'),
            Reason.INVALID_PHONE.value: self.env._(
                'The phone number cannot be right. Correct it on the contact, with its country code.'),
            Reason.RECIPIENT_CHANGED.value: self.env._(
                'The number of this contact has changed since the message was written. Send it again to the new one.'),
            Reason.NO_CONSENT.value: self.env._(
                'This person has not agreed to messages of this kind. Ask first, then record the consent on the '
                'contact.'),
            Reason.CONSENT_WITHDRAWN.value: self.env._(
                'This person has taken back the consent to messages of this kind. Respect it.'),
            Reason.CONSENT_EXPIRED.value: self.env._(
                'The consent to messages of this kind has run out. Ask again, then record the new consent.'),
            Reason.OPT_IN_PENDING.value: self.env._(
                'This person was asked for consent and has not confirmed it yet. Wait for the answer.'),
            **self._person_texts(),
            Reason.TEMPLATE_NOT_APPROVED.value: self.env._(
                'Meta has not approved this template, or no longer does. Choose another one.'),
            Reason.TEMPLATE_UNSUPPORTED.value: self.env._(
                'This template has a part that cannot be sent from here yet. Choose another one.'),
            Reason.MISSING_VALUE.value: self.env._(
                'A value of the template is empty. Fill in the field on the record, or the text asked for at sending.'),
            Reason.NUMBER_UNABLE.value: self.env._(
                'The business number cannot send at the moment; the message waits. An administrator finds the reason '
                'on the number.'),
            Reason.ACCOUNT_INACTIVE.value: self.env._(
                'The WhatsApp account is not connected; the message waits. An administrator can connect it.'),
            Reason.OUTSIDE_WINDOW.value: self.env._(
                'This person has not written in the last 24 hours. Use an approved template.'),
        }

    def _person_texts(self):
        """:return: the same where it is the person who is not to get the message."""
        return {
            Reason.COMPANY_MISMATCH.value: self.env._(
                'The contact or the document belongs to another company than the WhatsApp account. Write from an '
                'account of that company.'),
            Reason.BLOCKED_BY_US.value: self.env._(
                'Somebody of your company has blocked this person. An administrator can lift it under People > People '
                'on WhatsApp.'),
            Reason.BLACKLISTED.value: self.env._(
                'The number is on the phone blacklist: the person asked not to be contacted. Respect it; only if the '
                'person asks for it, take the number off the blacklist.'),
            Reason.US_MARKETING.value: self.env._(
                'WhatsApp delivers no marketing to numbers of the United States. Write about something else, or use '
                'another channel.'),
            Reason.NOT_ON_WHATSAPP.value: self.env._(
                'WhatsApp could not reach this number lately, so it gets no marketing for a while. Check the number or '
                'use another channel.'),
            Reason.DUPLICATE.value: self.env._(
                'This person got the same text a short while ago, or is about to get it. Write something else, or wait '
                'until the time set on the account has passed.'),
        }

    def _hold_texts(self):
        """:return: what a message waits for."""
        return {
            Reason.TEMPLATE_PAUSED.value: self.env._(
                'Meta pauses this template because people disliked it. The message waits; improve the template or '
                'choose another one.'),
            Reason.TEMPLATE_SYNC.value: self.env._(
                'Meta knows this template otherwise than we do; it is fetched anew before the next try.'),
            Reason.HALTED.value: self.env._(
                'Its campaign was stopped. It goes when somebody resumes the campaign.'),
            Reason.BRAKE.value: self.env._(
                'Sending from this number is stopped. An administrator finds the reason on the number and releases '
                'it.'),
            Reason.QUIET_HOURS.value: self.env._('It is night where this person lives; it goes in the morning.'),
            Reason.MARKETING_GAP.value: self.env._(
                'WhatsApp spares this person further marketing for a while. Sooner, it would block the account.'),
            Reason.FREQUENCY_CAP.value: self.env._(
                'This person got as much marketing lately as the account allows. It goes when room returns, if it is '
                'still of use then.'),
            Reason.EXPIRED.value: self.env._(
                'It was too late to be of use, so it was not sent. If it still matters, send it again.'),
            Wait.RESCHEDULED.value: self.env._('Somebody put it off.'),
            Wait.BUDGET.value: self.env._(
                'As many people as Meta allows were written to in the last 24 hours. It goes when room returns.'),
            Wait.WARMUP.value: self.env._(
                'The number is new and warms up: no more people today, or WhatsApp could take it for abuse.'),
            Wait.PAIR.value: self.env._(
                'WhatsApp takes one message in six seconds for the same person; this one waits for the last.'),
            Wait.TOO_FAST.value: self.env._('Meta asked to send more slowly; it goes a little later.'),
            Wait.RETRY.value: self.env._('Meta could not take it just now; it is tried again.'),
        }

    @api.model
    def _state_after(self, action):
        """:return: the state of the outbox that a verdict means."""
        return {Action.ALLOW: 'queued', Action.HOLD: 'held', Action.REFUSE: 'refused', Action.EXPIRE: 'expired'}[action]
