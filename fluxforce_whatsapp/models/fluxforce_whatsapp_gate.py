from dataclasses import dataclass
from datetime import datetime

from odoo import api, fields, models

from ..policy.gate import Action, Reason, Request, decide
from ..policy.purpose import CARE, MARKETING, UTILITY
from ..policy.quiet_hours import known_zones, quiet_until, zones_of_phone
from ..policy.wait import Wait


@dataclass(frozen=True)
class TemplateFacts:
    """What the decision needs of a template.

    :ivar form: :class:`cloud_api.templates.Form`
    :ivar template: the record
    """

    purpose: str | None
    status: str | None
    problem: str | None
    stale: bool
    form: object
    template: object

    def missing_names(self, values):
        """:return: the variables without a value, named as in the template's text."""
        missing = self.form.missing(values) if self.form else ()
        if not missing:
            return ()
        names = {variable.key: variable.display_name for variable in self.template.variable_ids}
        return tuple(names.get(key, key) for key in missing)


#: Free text: an answer within the service window.
FREE_TEXT = TemplateFacts(purpose=CARE, status=None, problem=None, stale=False, form=None, template=None)


@dataclass(frozen=True)
class Facts:
    """What is true at the moment of a decision, for a whole batch."""

    consents: dict
    pairs: dict
    templates: dict
    partners: dict
    now: datetime


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
            number_id, template_id (False for free text), partner_id, phone, typed_number, values; optional expires_at.
        :param dict pairs: what is known between numbers and people, if the caller has read it already.
        :param datetime now: the moment to judge by, if the caller has its own clock.
        :return: a :class:`Verdict` for each, in the same order.
        """
        now = now or fields.Datetime.now()
        facts = Facts(consents=self._consents(drafts), pairs=self._pairs(drafts) if pairs is None else pairs,
                      templates=self._templates(drafts), partners=self._partners(drafts), now=now)
        return decide([self._prepare_request(index, draft, facts) for index, draft in enumerate(drafts)], now)

    def _partners(self, drafts):
        """:return: the contacts by id, read together."""
        # sudo: res.partner - only where the person lives and whether the number is still the same
        partners = self.env['res.partner'].sudo().browse(
            {draft['partner_id'] for draft in drafts if draft['partner_id']})
        return {partner.id: partner for partner in partners}

    def _templates(self, drafts):
        """:return: what the decision needs of each template, read once, by id."""
        templates = self.env['fluxforce.whatsapp.template'].sudo().browse(
            {draft['template_id'] for draft in drafts if draft['template_id']})  # sudo: template - whoever asks
        return {template.id: TemplateFacts(
            purpose=template._purpose(),
            status=template.active and template.status or None,
            problem=template.problem or None,
            stale=template.sync_asked,
            form=template._form(),
            template=template,
        ) for template in templates}

    def _consents(self, drafts):
        """:return: consent states by (account id, partner id, phone)."""
        people_by_account = {}
        for draft in drafts:
            person = (draft['partner_id'] or False, draft['phone'] or False)
            people_by_account.setdefault(draft['account_id'], set()).add(person)
        result = {}
        for account in self.env['fluxforce.whatsapp.account'].sudo().browse(people_by_account):
            states = self.env['fluxforce.whatsapp.consent']._current_states(
                account.company_id, people_by_account[account.id])
            result.update({(account.id, *person): state for person, state in states.items()})
        return result

    def _pairs(self, drafts):
        numbers = {draft['number_id'] for draft in drafts if draft['number_id']}
        people = {draft['phone'] for draft in drafts if draft['phone']}
        return self.env['fluxforce.whatsapp.pair']._of(numbers, people) if numbers and people else {}

    def _prepare_request(self, index, draft, facts):
        # sudo: account, number - the decision does not depend on who asks
        account = self.env['fluxforce.whatsapp.account'].sudo().browse(draft['account_id'])
        number = self.env['fluxforce.whatsapp.number'].sudo().browse(draft['number_id'])
        template = facts.templates[draft['template_id']] if draft['template_id'] else FREE_TEXT
        pair = facts.pairs.get((draft['number_id'], draft['phone']))
        states = facts.consents[draft['account_id'], draft['partner_id'] or False, draft['phone'] or False]
        return Request(
            key=str(index),
            to=draft['phone'] or None,
            purpose=template.purpose,
            consent=states.get(template.purpose, 'none'),
            is_template=template is not FREE_TEXT,
            template_status=template.status,
            template_problem=template.problem,
            template_stale=template.stale,
            missing_values=template.missing_names(draft['values'] or {}),
            number_state=number.active and number.status or None,
            number_problem=number.problem or None,
            account_active=account.active and account.state == 'connected',
            window_open=bool(pair and pair.window_open(facts.now)),
            phone_problem=self._phone_problem(draft, account, facts),
            brake='all' if number.sending_paused or account.sending_paused else number.brake or 'none',
            quiet_until=self._quiet_until(account, template.purpose, draft, facts),
            marketing_from=pair.marketing_from if pair else None,
            expires_at=draft.get('expires_at') or None,
            new_phone=self._new_phone(draft, facts),
        )

    def _phone_problem(self, draft, account, facts):
        """:return: what is wrong with the number as it was typed, in words; None for nothing."""
        if not draft['typed_number'] or draft['phone']:
            return None
        partner = facts.partners.get(draft['partner_id'])
        country = (partner and partner.country_id) or account.company_id.country_id
        return self.env['fluxforce.whatsapp.typed.number']._hint(draft['typed_number'], country)

    def _new_phone(self, draft, facts):
        """:return: the contact's number if a message to the contact itself was written for another one."""
        if draft.get('res_model') != 'res.partner' or not draft['partner_id'] or not draft['phone']:
            return None
        if not draft['template_id']:
            return None  # an answer goes to the number its question came from
        present = facts.partners[draft['partner_id']].phone_sanitized
        return present if present and present != draft['phone'] else None

    def _quiet_until(self, account, purpose, draft, facts):
        """:return: end of the person's quiet hours if the account keeps them for this purpose, else None."""
        if account.quiet_from == account.quiet_to or not draft['phone']:
            return None
        if purpose != MARKETING and not (purpose == UTILITY and account.quiet_purposes == 'marketing_utility'):
            return None
        zone = facts.partners[draft['partner_id']].tz if draft['partner_id'] else None
        fallback = account.company_id.partner_id.tz or 'UTC'
        zones = known_zones((zone,) if zone else ()) or zones_of_phone(draft['phone']) or (fallback,)
        return quiet_until(facts.now, zones, account.quiet_from, account.quiet_to)

    @api.model
    def _explain(self, reason, detail=''):
        """:return: a reason code of the gate in the user's words, with the remedy."""
        text = self._reason_texts().get(reason)
        if not text:
            return reason or ''
        return f'{text} ({self._detail_words(reason, detail)})' if detail else text

    def _detail_words(self, reason, detail):
        """:return: the detail of a verdict as people see it elsewhere: a state by its label."""
        model = {
            Reason.TEMPLATE_NOT_APPROVED.value: 'fluxforce.whatsapp.template',
            Reason.NUMBER_UNABLE.value: 'fluxforce.whatsapp.number',
        }.get(reason)
        labels = dict(self.env[model]._fields['status']._description_selection(self.env)) if model else {}
        return labels.get(detail, detail)

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

    def _hold_texts(self):
        """:return: what a message waits for."""
        return {
            Reason.TEMPLATE_PAUSED.value: self.env._(
                'Meta pauses this template because people disliked it. The message waits; improve the template or '
                'choose another one.'),
            Reason.TEMPLATE_SYNC.value: self.env._(
                'Meta knows this template otherwise than we do; it is fetched anew before the next try.'),
            Reason.HALTED.value: self.env._('Its campaign was stopped.'),
            Reason.BRAKE.value: self.env._(
                'Sending from this number is stopped. An administrator finds the reason on the number and releases '
                'it.'),
            Reason.QUIET_HOURS.value: self.env._('It is night where this person lives; it goes in the morning.'),
            Reason.MARKETING_GAP.value: self.env._(
                'WhatsApp spares this person further marketing for a while. Sooner, it would block the account.'),
            Reason.EXPIRED.value: self.env._('It was too late to be of use, so it was not sent.'),
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
