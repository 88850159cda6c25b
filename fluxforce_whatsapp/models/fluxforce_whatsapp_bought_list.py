from dataclasses import dataclass

from odoo import api, fields, models
from odoo.fields import Domain

from ..policy.bought_list import Grant, Sign, signs

# A contact made within so many days of the grant is as new as one that is made by it. (Our own choice.)
NEW_DAYS = 1
# Documents that show business with a contact, as far as their addons are installed.
BUSINESS_MODELS = ('sale.order', 'account.move', 'crm.lead', 'purchase.order', 'pos.order', 'event.registration',
                   'project.task', 'repair.order', 'stock.picking', 'helpdesk.ticket')
WRITTEN_TYPES = ('email', 'comment', 'whatsapp_message')


@dataclass(frozen=True)
class Candidate:
    """One person whose consent is to be recorded.

    :ivar str place: where it stands: the row of the file, or ''
    :ivar partner: res.partner, maybe empty
    :ivar str phone: E.164, '' if it cannot be right
    :ivar bool named: whether there is a name or an e-mail address
    :ivar str shown: whom people see: name or number as typed
    :ivar str problem: why it cannot be recorded, ''
    """

    place: str
    partner: object
    phone: str
    named: bool
    shown: str
    problem: str = ''


class FluxforceWhatsappBoughtList(models.AbstractModel):
    """Looks whether consents that are recorded together come from a bought list, and says so."""

    _name = 'fluxforce.whatsapp.bought.list'
    _description = 'WhatsApp Bought List'

    @api.model
    def _signs(self, people):
        """:param list people: :class:`Candidate` without a problem. :return: the signs of ``policy.bought_list``."""
        partners = self.env['res.partner'].union(*[person.partner for person in people])
        known = self._known_for_business(partners)
        young = self._young(partners)
        return signs(Grant(
            people=len(people),
            new=sum(not person.partner or person.partner.id in young for person in people),
            nameless=sum(not person.named for person in people),
            strangers=sum(not person.partner or person.partner.id not in known for person in people),
        ))

    def _young(self, partners):
        """:return: ids of those who became contacts just now."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=NEW_DAYS)
        return {partner.id for partner in partners if partner.create_date > since}

    def _known_for_business(self, partners):
        """:return: ids of the contacts with whom there was any business: something ordered, billed, written …"""
        known = set(partners.user_ids.partner_id.ids)
        for model in BUSINESS_MODELS:
            if model in self.env and 'partner_id' in self.env[model]._fields:
                known |= self._partners_in(model, Domain('partner_id', 'in', partners.ids))
        known |= self._partners_in('fluxforce.whatsapp.inbound', Domain('partner_id', 'in', partners.ids))
        known |= self._partners_in('fluxforce.whatsapp.message', Domain('partner_id', 'in', partners.ids) & Domain(
            'accepted_at', '!=', False))
        known |= self._partners_in('mail.message', Domain('author_id', 'in', partners.ids) & Domain(
            'message_type', 'in', WRITTEN_TYPES), 'author_id')
        return known

    def _partners_in(self, model, domain, field='partner_id'):
        # sudo: any document - only whether there is one, whoever records the consents
        groups = self.env[model].sudo()._read_group(domain, [field])
        return {partner.id for partner, in groups}

    @api.model
    def _explain(self, found):
        """:return: the signs in words, one a line."""
        words = {
            Sign.MANY_NEW: self.env._('Many of these people were not among your contacts before.'),
            Sign.NO_BUSINESS: self.env._(
                'With most of them there was never any business: no order, no invoice, no message.'),
            Sign.NAMELESS: self.env._('Most of them have neither a name nor an e-mail address.'),
            Sign.ONE_SOURCE: self.env._('One source and one wording stand for thousands of people.'),
        }
        return '\n'.join(words[sign] for sign in found)

    @api.model
    def _raise(self, company, found, count):
        """Warn that consents are recorded that look like those of a bought list.

        :param found: the signs. :param int count: people.
        """
        # sudo: account - whoever records consents is warned for the account, which they need not see
        account = self.env['fluxforce.whatsapp.account'].sudo().search([('company_id', '=', company.id)], limit=1)
        if account:
            self.env['fluxforce.whatsapp.alert']._raise_alert('bought_list', account, detail=self.env._(
                '%(user)s wants to record consents of %(count)s people at once.', user=self.env.user.name,
                count=count) + f'\n{self._explain(found)}')

    @api.model
    def _settle(self, company, reason):
        """Keep why an administrator went on in spite of the warning, with the warning."""
        # sudo: alert - the administrator has just dealt with it
        alerts = self.env['fluxforce.whatsapp.alert'].sudo().search([
            ('kind', '=', 'bought_list'), ('state', '=', 'open'), ('company_id', '=', company.id)])
        alerts._mark_done(reason, self.env.user)
