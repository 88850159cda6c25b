from odoo import api, models
from odoo.fields import Domain

from ..policy.purpose import MARKETING


class FluxforceWhatsappElsewhere(models.AbstractModel):
    """Stops that are said elsewhere than on WhatsApp count the same, for every company that writes on WhatsApp."""

    _name = 'fluxforce.whatsapp.elsewhere'
    _description = 'WhatsApp Stop Said Elsewhere'

    @api.model
    def _heed_blacklist(self, numbers):
        """Numbers were put on the phone blacklist: whoever has them gets nothing that a stop ends.

        :param list numbers: E.164
        """
        wording = self.env._('The number was put on the phone blacklist.')
        for company, accounts in self._accounts().grouped('company_id').items():
            self.env['fluxforce.whatsapp.stop']._stop(
                company, self._people(company, numbers), accounts._purposes_of_stop(), 'blacklist', wording)

    @api.model
    def _heed_mailing(self, emails=(), phones=(), wording=''):
        """People left a mailing list or all mailings: no marketing to them, where the account lets mailings count.

        Bridges to other channels call this with what they know.

        :param emails: normalised addresses
        :param phones: E.164 numbers
        """
        accounts = self._accounts().filtered('stop_by_mailing')
        for company in accounts.company_id:
            people = self._people(company, phones) + self._people_by_email(company, emails)
            self.env['fluxforce.whatsapp.stop']._stop(
                company, people, (MARKETING,), 'mailing', wording or self.env._('Left a mailing list.'))

    def _accounts(self):
        # sudo: account - the settings of all companies: the blacklists are everybody's
        return self.env['fluxforce.whatsapp.account'].sudo().search(Domain.TRUE)

    def _people(self, company, numbers):
        """:return: (contact, number) of all who have the numbers; a number nobody has stands for itself."""
        if not numbers:
            return []
        partners = self._contacts(company, 'phone_sanitized', numbers)
        known = set(partners.mapped('phone_sanitized'))
        nobody = partners.browse()
        return [(partner, partner.phone_sanitized) for partner in partners] + [
            (nobody, number) for number in numbers if number not in known]

    def _people_by_email(self, company, emails):
        partners = self._contacts(company, 'email_normalized', emails) if emails else self.env['res.partner']
        return [(partner, partner.phone_sanitized) for partner in partners]

    def _contacts(self, company, name, values):
        # sudo: res.partner - whoever it is, seen by the acting user or not
        return self.env['res.partner'].sudo().with_context(active_test=False).search(
            [(name, 'in', list(values)), ('company_id', 'in', (False, company.id))])
