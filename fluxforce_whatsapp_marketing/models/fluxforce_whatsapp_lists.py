from ast import literal_eval
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_mailing import HEARD_ALREADY
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import GONE_OUT
from odoo.addons.fluxforce_whatsapp.policy.variants import all_spellings

# Lists somebody was written to by so long ago are concerned by a stop. (Our own choice.)
MEMORY = timedelta(days=30)
CONTACT = 'mailing.contact'


class FluxforceWhatsappLists(models.AbstractModel):
    """Who wants no more advertising is taken off the mailing lists by which they were written to. Only their own click
    or an employee brings them back: a START is about WhatsApp."""

    _name = 'fluxforce.whatsapp.lists'
    _description = 'WhatsApp Stop and Mailing Lists'

    @api.model
    def _leave(self, company, people):
        """Take people off the lists concerned.

        :param list people: (contact, maybe empty; E.164 number or False) of each.
        :return: the subscriptions that ended.
        """
        lists = self._lists_of(self._written(company, people))
        if not lists:
            return self.env['mailing.subscription'].sudo()  # sudo: as below
        contacts = self.env[CONTACT].sudo().browse(lists)  # sudo: mailing.contact - as below
        wanted = {(twin.id, mailing_list.id) for contact, twins in self._twins(contacts).items()
                  for twin in twins for mailing_list in lists[contact.id]}
        # sudo: mailing.subscription - a stop ends them whoever heard it
        subscriptions = self.env['mailing.subscription'].sudo().with_context(**{HEARD_ALREADY: True}).search([
            ('contact_id', 'in', [contact_id for contact_id, __ in wanted]),
            ('list_id', 'in', [list_id for __, list_id in wanted]), ('opt_out', '=', False)])
        ended = subscriptions.filtered(lambda one: (one.contact_id.id, one.list_id.id) in wanted)
        ended.opt_out = True
        self._tell(ended)
        return ended

    # ------------------------------------------------------------
    # WHICH LISTS
    # ------------------------------------------------------------

    def _written(self, company, people):
        """:return: what campaigns and mailings wrote to these people by a list lately."""
        # sudo: message - as above
        outbox = self.env['fluxforce.whatsapp.message'].sudo()
        partners = [partner.id for partner, __ in people if partner]
        phones = all_spellings([phone for __, phone in people if phone], '+')
        origins = [name for name in ('campaign_id', 'mailing_id') if name in outbox._fields]
        return outbox.search(
            Domain('company_id', '=', company.id) & Domain('res_model', '=', CONTACT) & Domain('state', 'in', GONE_OUT)
            & Domain('claimed_at', '>', fields.Datetime.now() - MEMORY)
            & (Domain('partner_id', 'in', partners) | Domain('phone', 'in', phones))
            & Domain.OR(Domain(name, '!=', False) for name in origins))

    def _lists_of(self, messages):
        """:return: the lists concerned, by id of the mailing contact; contacts that are gone are left out."""
        existing = set(self.env[CONTACT].sudo().browse(messages.mapped('res_id')).exists().ids)
        lists = defaultdict(self.env['mailing.list'].sudo)  # sudo: mailing.list - as above
        for message in messages.filtered(lambda message: message.res_id in existing):
            lists[message.res_id] |= self._lists_of_message(message)
        return lists

    def _lists_of_message(self, message):
        if message.mailing_id:
            return message.mailing_id.contact_list_ids
        return self._lists_in(message.campaign_id.domain) or self.env[CONTACT].sudo().browse(message.res_id).list_ids

    @api.model
    def _lists_in(self, text):
        """:return: the lists a campaign's audience names; none if it names none or cannot be read any more."""
        try:
            conditions = list(Domain(literal_eval(text or '[]')).iter_conditions())
        except (ValueError, SyntaxError, TypeError):
            conditions = []
        ids = []
        for condition in conditions:
            if condition.field_expr in ('list_ids', 'list_ids.id', 'subscription_ids.list_id') and (
                    condition.operator in ('=', 'in')):
                value = condition.value
                ids += value if isinstance(value, (list, tuple, set, frozenset)) else [value]
        ids = [list_id for list_id in ids if isinstance(list_id, int)]
        return self.env['mailing.list'].sudo().browse(ids).exists()

    def _twins(self, contacts):
        """:return: by contact, all contacts that are the same person: with the same e-mail address or number."""
        names = [name for name in ('email_normalized', 'phone_sanitized') if name in contacts._fields]
        twins = {contact: contact for contact in contacts}
        for name in names:
            values = [value for value in contacts.mapped(name) if value]
            same = contacts.search([(name, 'in', values)]).grouped(name) if values else {}
            for contact in contacts:
                twins[contact] |= same.get(contact[name], contacts.browse())
        return twins

    def _tell(self, subscriptions):
        """Keep on each contact which lists were left and why."""
        by_contact = subscriptions.grouped('contact_id')
        bodies = {contact.id: self.env._('Wants no more advertising on WhatsApp and was taken off: %(lists)s.',
                                         lists=', '.join(same.list_id.mapped('name')))
                  for contact, same in by_contact.items()}
        subscriptions.contact_id._message_log_batch(bodies=bodies)
