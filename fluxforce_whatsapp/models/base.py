from dataclasses import dataclass

from odoo import api, models

from ..policy.variants import canonical


@dataclass(frozen=True)
class Recipient:
    """Whom a message about a record goes to.

    :ivar partner: res.partner, may be empty
    :ivar str number: as typed, '' if there is none
    :ivar str phone: E.164, '' if there is none or it cannot be right
    """

    partner: models.BaseModel
    number: str
    phone: str


class Base(models.AbstractModel):
    _inherit = 'base'

    @api.model
    def _whatsapp_is_addressable(self):
        """:return: whether people can be written to about records of this model: it has a chatter, and a contact or a
            number. Other addons override it."""
        if self._abstract or self._transient or not isinstance(self, self.pool['mail.thread']):
            return False
        return bool(self._mail_get_partner_fields() or self._phone_get_number_fields())

    def _whatsapp_recipients(self):
        """Find whom a WhatsApp message about each record goes to: its own number, else its customer's.

        :return: :class:`Recipient` by record id.
        """
        partners = self._mail_get_partners() if hasattr(self, '_mail_get_partners') else {}
        return {record.id: record._whatsapp_recipient(partners.get(record.id)) for record in self}

    def _whatsapp_languages(self):
        """:return: by record id, the language in which each record's person is written to, '' if nobody knows."""
        if self._name == 'res.partner':
            return {partner.id: partner.lang or '' for partner in self}
        partners = self._mail_get_partners() if hasattr(self, '_mail_get_partners') else {}
        return {record.id: partners[record.id][:1].lang or '' if record.id in partners else '' for record in self}

    def _whatsapp_recipient(self, partners):
        partner = self if self._name == 'res.partner' else (partners or self.env['res.partner'])[:1]
        for owner in (self, partner):
            fields_with_number = owner._phone_get_number_fields() if owner else []
            if number := next((owner[name] for name in fields_with_number if owner[name]), ''):
                return Recipient(partner, number, owner._whatsapp_phone(number))
        return Recipient(partner, '', '')

    def _whatsapp_phone(self, number):
        """:param str number: of the record, as typed. :return: E.164, '' if it cannot be right."""
        country = self._phone_get_country().get(self.id)
        return self.env['fluxforce.whatsapp.typed.number']._phone(number, country)

    def _phone_format_number(self, number, country, force_format='E164', raise_exception=False):
        """Core's phone library takes live numbers in WhatsApp's spelling (Mexico's 521) for wrong: it is asked about
        the spelling in which they are dialled."""
        options = {'country': country, 'force_format': force_format}
        if phone := super()._phone_format_number(number, raise_exception=False, **options):
            return phone
        digits = ''.join(character for character in number or '' if character.isdigit()).removeprefix('00')
        if canonical(digits) != digits:
            number = f'+{canonical(digits)}'
        return super()._phone_format_number(number, raise_exception=raise_exception, **options)
