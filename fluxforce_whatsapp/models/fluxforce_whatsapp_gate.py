from odoo import api, fields, models

from ..policy.gate import Action, Reason, Request, decide


class FluxforceWhatsappGate(models.AbstractModel):
    """Asks the gate (``policy.gate``) about messages, with what Odoo and Meta know at this moment.

    The composer's preview, the queue, the claim before a send and a campaign's dry run all call :meth:`_judge`.
    """

    _name = 'fluxforce.whatsapp.gate'
    _description = 'WhatsApp Gate'

    @api.model
    def _judge(self, drafts):
        """Decide about many messages at once.

        :param list drafts: dicts with the fields of ``fluxforce.whatsapp.message`` the decision needs: account_id,
            number_id, template_id, partner_id, phone, typed_number, values.
        :return: a :class:`Verdict` for each, in the same order.
        """
        consents = self._consents(drafts)
        requests = [self._prepare_request(index, draft, consents) for index, draft in enumerate(drafts)]
        return decide(requests, fields.Datetime.now())

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

    def _prepare_request(self, index, draft, consents):
        # sudo: account, number, template - the decision does not depend on who asks
        account = self.env['fluxforce.whatsapp.account'].sudo().browse(draft['account_id'])
        number = self.env['fluxforce.whatsapp.number'].sudo().browse(draft['number_id'])
        template = self.env['fluxforce.whatsapp.template'].sudo().browse(draft['template_id'])
        purpose = template._purpose()
        states = consents[draft['account_id'], draft['partner_id'] or False, draft['phone'] or False]
        return Request(
            key=str(index),
            to=draft['phone'] or None,
            purpose=purpose,
            consent=states.get(purpose, 'none'),
            is_template=True,
            template_status=template.active and template.status or None,
            template_problem=template.problem or None,
            missing_values=self._missing_names(template, draft['values'] or {}),
            number_state=number.active and number.status or None,
            number_problem=None,
            account_active=account.active and account.state == 'connected',
            # The service window comes with free text; templates do not need it.
            window_open=False,
            phone_problem=draft['typed_number'] if draft['typed_number'] and not draft['phone'] else None,
        )

    def _missing_names(self, template, values):
        """:return: the variables without a value, named as in the template's text."""
        missing = template._missing_values(values)
        names = {variable.key: variable.display_name for variable in template.variable_ids} if missing else {}
        return tuple(names.get(key, key) for key in missing)

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
        return {
            Reason.NO_PHONE.value: self.env._('There is no phone number. Add one to the contact.'),
            Reason.INVALID_PHONE.value: self.env._(
                'The phone number cannot be right. Correct it on the contact, with its country code.'),
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

    @api.model
    def _state_after(self, action):
        """:return: the state of the outbox that a verdict means."""
        return {Action.ALLOW: 'queued', Action.HOLD: 'held', Action.REFUSE: 'refused'}[action]
