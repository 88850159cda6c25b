import json
import logging
from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..policy.variants import all_spellings, canonical
from .fluxforce_whatsapp_reader import CONTENT_GROUP

_logger = logging.getLogger(__name__)

IDENTITY_FIELDS = ('wa_id', 'bsuid', 'parent_bsuid', 'username', 'profile_name', 'first_seen', 'last_seen')
RECEIVED_FIELDS = ('sent_at', 'type', 'body', 'original', 'edits', 'quote', 'edited_at', 'revoked_at', 'map_url',
                   'referral_headline', 'referral_url')
SENT_FIELDS = ('create_date', 'phone', 'purpose', 'body', 'state', 'sent_at', 'delivered_at', 'read_at')
CONSENT_FIELDS = ('purpose', 'decision', 'source', 'wording', 'wording_version', 'language', 'note', 'evidence_ref',
                  'evidence_ip', 'phone', 'given_at', 'create_date', 'expires_at')
RENEWAL_FIELDS = ('changed_at', 'old_wa_id', 'new_wa_id', 'old_bsuid', 'new_bsuid')
REACTION_FIELDS = ('reacted_at', 'emoji')
# What is left of the address of a message; the message itself stays for the figures.
ADDRESS_FIELDS = ('phone', 'typed_number', 'wa_id')


@dataclass(frozen=True)
class Trail:
    """All that is kept about a contact, of the companies the user works for. All records are sudo.

    :ivar partner: the contact
    :ivar list numbers: spellings of the contact's own numbers, in international form; none that another contact has
    """

    partner: object
    identities: object
    received: object
    sent: object
    consents: object
    renewals: object
    reactions: object
    numbers: list


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """Hands out and erases what is kept about one person (GDPR, articles 15, 17 and 20).

    Erasure is the only way in which an entry of the ledger ever changes: it loses name, number and note, and keeps a
    keyed hash of the number. So it can still be proved that this number had agreed, but not found out whose it was; and
    a stop still counts if somebody comes with the number again.
    """

    _name = 'fluxforce.whatsapp.privacy'
    _description = 'WhatsApp Data of a Person'

    def _check_may(self):
        if not self.env.su and not self.env.user.has_group(CONTENT_GROUP):
            raise AccessError(self.env._('Only WhatsApp administrators hand out or erase what is kept about people.'))

    # ------------------------------------------------------------
    # FIND
    # ------------------------------------------------------------

    @api.model
    def _trail(self, partner):
        """:return: the :class:`Trail` of one contact."""
        here = Domain('company_id', 'in', self.env.companies.ids)
        identities = self._all('identity', here & Domain('partner_id', '=', partner.id))
        whose = Domain('partner_id', '=', partner.id) | Domain('identity_id', 'in', identities.ids)
        numbers = self._own_numbers(partner, identities)
        by_number = Domain('partner_id', '=', False) & Domain('phone', 'in', numbers)
        ids = [digits.lstrip('+') for digits in numbers]
        bsuids = [bsuid for bsuid in identities.mapped('bsuid') if bsuid]
        changed = Domain.OR(
            Domain(f'{when}_{name}', 'in', values) for when in ('old', 'new')
            for name, values in (('wa_id', ids), ('bsuid', bsuids)))
        return Trail(
            partner=partner,
            identities=identities,
            received=self._all('inbound', here & whose),
            sent=self._all('message', here & (Domain('partner_id', '=', partner.id) | by_number)),
            consents=self._all('consent', here & (Domain('partner_id', '=', partner.id) | by_number)),
            renewals=self._all('renewal', here & changed),
            reactions=self._all('reaction', Domain('identity_id', 'in', identities.ids)),
            numbers=numbers,
        )

    def _all(self, model, domain):
        # sudo: whoever is responsible for the person's data sees all of it, of their companies
        return self.env[f'fluxforce.whatsapp.{model}'].sudo().search(domain, order='id')

    def _own_numbers(self, partner, identities):
        known = [partner.phone_sanitized, *identities.mapped('wa_id')]
        others = self.env['res.partner'].sudo().search([  # sudo: res.partner - whether anybody else has the number
            ('id', '!=', partner.id), ('phone_sanitized', 'in', all_spellings(known, '+'))])
        shared = {canonical(other.phone_sanitized) for other in others}
        return all_spellings([number for number in known if number and canonical(number) not in shared], '+')

    # ------------------------------------------------------------
    # HAND OUT
    # ------------------------------------------------------------

    @api.model
    def _export(self, partner):
        """:return: all that is kept about a contact, as JSON text for the person. Files are listed by name."""
        self._check_may()
        told = self._told(self._trail(partner))
        return json.dumps(told, ensure_ascii=False, indent=2, default=str)

    def _told(self, trail):
        """:return: what is handed out, by its kind; addons that keep more add theirs."""
        partner = trail.partner
        return {
            'contact': {'name': partner.name, 'phone': partner.phone, 'email': partner.email},
            'people_on_whatsapp': self._rows(trail.identities, IDENTITY_FIELDS),
            'messages_received': [{**row, 'files': self._files(message)} for row, message in zip(
                self._rows(trail.received, RECEIVED_FIELDS), trail.received, strict=True)],
            'messages_sent': [{**row, 'files': message.attachment_id.mapped('name')} for row, message in zip(
                self._rows(trail.sent, SENT_FIELDS), trail.sent, strict=True)],
            'reactions': self._rows(trail.reactions, REACTION_FIELDS),
            'consents': [{**row, 'files': consent.attachment_ids.mapped('name')} for row, consent in zip(
                self._rows(trail.consents, CONSENT_FIELDS), trail.consents, strict=True)],
            'changes_of_number': self._rows(trail.renewals, RENEWAL_FIELDS),
        }

    def _rows(self, records, names):
        return [{name: record[name] or None for name in names} for record in records]

    def _files(self, message):
        return [{'name': media.attachment_id.name or media.filename or None, 'type': media.mime_type or None,
                 'size': media.attachment_id.file_size or None} for media in message.media_ids]

    # ------------------------------------------------------------
    # ERASE
    # ------------------------------------------------------------

    @api.model
    def _erase(self, partner, reason):
        """Erase what is kept about a contact; what of the ledger must be kept is pseudonymised.

        :param partner: one contact; itself it is not touched.
        :param str reason: why, e.g. the person's letter; kept in the contact's chatter and the log.
        """
        self._check_may()
        trail = self._trail(partner)
        waiting = trail.sent.filtered(lambda message: message.state in ('queued', 'held'))
        waiting.write({'state': 'cancelled', 'reason': False, 'reason_detail': False})
        wiping = self.env['fluxforce.whatsapp.wiping'].sudo()  # sudo: chatter and files of any document
        wiping._wipe_received(trail.received)
        # What a sender holds this very moment is told its result by number.
        gone = trail.sent.filtered(lambda message: message.state != 'sending')
        wiping._wipe_sent(gone)
        self._empty_journal(trail)
        self._forget_addresses(trail, gone)
        trail.consents._pseudonymise()
        self._log(partner, trail, reason)

    def _forget_addresses(self, trail, sent):
        """Take away by whom and where the person is known; addons that keep more take away theirs.

        :param sent: messages that no sender holds any more.
        """
        # sudo: mail.notification - of any document
        notifications = self.env['mail.notification'].sudo().search([('whatsapp_message_id', 'in', sent.ids)])
        notifications.write({'whatsapp_number': False})
        sent.write(dict.fromkeys(ADDRESS_FIELDS, False))
        # sudo: pair - belongs to the sender
        self.env['fluxforce.whatsapp.pair'].sudo().search([
            ('person', 'in', trail.numbers), ('number_id.company_id', 'in', self.env.companies.ids)]).unlink()
        trail.renewals.unlink()
        trail.identities.unlink()  # with their reactions

    def _empty_journal(self, trail):
        """Empty applied webhooks that name the person, as it happens to all after some days."""
        ids = [number.lstrip('+') for number in trail.numbers]
        named = [*ids, *[bsuid for bsuid in trail.identities.mapped('bsuid') if bsuid]]
        accounts = (trail.identities.account_id | trail.received.account_id | trail.sent.account_id).ids
        self.env.flush_all()
        self.env.cr.execute("""
            WITH told AS (
                SELECT id FROM fluxforce_whatsapp_event
                 WHERE account_id = ANY(%s) AND state = 'done' AND body LIKE ANY(%s)
            ), emptied AS (
                UPDATE fluxforce_whatsapp_event_item item
                   SET content = NULL, target = NULL, state = CASE WHEN state = 'waiting' THEN 'ignored' ELSE state END
                  FROM told WHERE item.event_id = told.id
            )
            UPDATE fluxforce_whatsapp_event event SET body = '' FROM told WHERE event.id = told.id
        """, [accounts, [f'%"{person}"%' for person in named]])
        self.env.invalidate_all()

    def _log(self, partner, trail, reason):
        counts = self.env._(
            '%(received)s messages received, %(sent)s sent, %(consents)s consents', received=len(trail.received),
            sent=len(trail.sent), consents=len(trail.consents))
        partner._message_log(body=self.env._(
            'WhatsApp data erased by %(user)s: %(counts)s. Reason: %(reason)s', user=self.env.user.name, counts=counts,
            reason=reason))
        if 'privacy.log' in self.env:
            # sudo: privacy.log - core's log of erasures, where it is installed
            self.env['privacy.log'].sudo().create({
                'anonymized_name': partner.name or '?', 'anonymized_email': partner.email or 'none@example.com',
                'user_id': self.env.uid, 'execution_details': self.env._('WhatsApp data erased'),
                'records_description': counts})
        _logger.info('WhatsApp data of contact %s erased by user %s', partner.id, self.env.uid)
