from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .fluxforce_whatsapp_message import GONE_OUT

# For so long what a person writes belongs to the document they were last written to about. (Our own choice.)
MEMORY = timedelta(days=30)


class FluxforceWhatsappLanding(models.AbstractModel):
    """Where what people write is shown, and who is told: everything looked up for a batch at once."""

    _name = 'fluxforce.whatsapp.landing'
    _description = 'WhatsApp Landing'

    # ------------------------------------------------------------
    # WHERE
    # ------------------------------------------------------------

    @api.model
    def _place(self, messages):
        """Find where each received message belongs and note it: the document of the message it quotes, else the one
        the person was last written to about, else the contact.

        What WhatsApp itself tells about a person belongs to the contact. A group is no conversation about a document.

        :return: one record by id of the message; who is no contact and was never written to has no place
        """
        quoted = self._quoted(messages)
        latest = self._latest(messages.filtered(lambda message: message.type != 'system' and not message.group))
        wanted = {message.id: self._document_of(quoted.get(message.id)) or self._document_of(latest.get(message.id))
                  for message in messages}
        living = self._living(set(wanted.values()) - {None})
        places = {}
        for message in messages:
            choices = (living.get(wanted[message.id]), message.partner_id)
            place = next((choice for choice in choices if choice and not self._is_moved_away(choice, message)), None)
            if place:
                places[message.id] = place
                message.write({'res_model': place._name, 'res_id': place.id})
        return places

    def _quoted(self, messages):
        """:return: what each message answers, ours or theirs, by id; notes the beginning of it."""
        wamids = [wamid for wamid in messages.mapped('reply_to') if wamid]
        by_wamid = {}
        for model in ('fluxforce.whatsapp.inbound', 'fluxforce.whatsapp.message') if wamids else ():
            found = self.env[model].search([('account_id', 'in', messages.account_id.ids), ('wamid', 'in', wamids)])
            by_wamid.update({row.wamid: row for row in found})
        quoted = {message.id: by_wamid[message.reply_to] for message in messages if message.reply_to in by_wamid}
        for message in messages.filtered(lambda message: message.id in quoted):
            message.quote = message._excerpt(self._words_of(quoted[message.id]))
        return quoted

    def _words_of(self, row):
        return row._in_words() if row._name == 'fluxforce.whatsapp.inbound' else row.body

    def _latest(self, messages):
        """:return: by id of the message, what we last wrote to that person from that number."""
        by_wa_id = self._latest_by('wa_id', messages, messages.identity_id.mapped('wa_id'))
        by_partner = self._latest_by('partner_id', messages, messages.partner_id.ids)
        known = self._ids_at_meta(messages.account_id, by_wa_id.values())
        latest = {}
        for message in messages:
            to_number = by_wa_id.get((message.number_id.id, message.identity_id.wa_id))
            both = [to_number if not self._is_to_another(to_number, message, known) else None,
                    by_partner.get((message.number_id.id, message.partner_id.id))]
            latest[message.id] = max(filter(None, both), key=lambda written: (written.claimed_at, written.id),
                                     default=None)
        return latest

    def _ids_at_meta(self, accounts, written):
        """:return: the BSUIDs by which the contacts we wrote to are known, by (account, contact)."""
        people = self.env['fluxforce.whatsapp.identity']._read_group(
            [('account_id', 'in', accounts.ids), ('bsuid', '!=', False),
             ('partner_id', 'in', [message.partner_id.id for message in written if message.partner_id])],
            ['account_id', 'partner_id'], ['bsuid:array_agg'])
        return {(account, partner): set(bsuids) for account, partner, bsuids in people}

    def _is_to_another(self, written, message, known):
        """A number can change hands: what we wrote to whoever had it before is nobody else's business.

        :param written: what we last wrote to the number, maybe None.
        :param dict known: of :meth:`_ids_at_meta`
        """
        theirs = known.get((message.account_id, written.partner_id)) if written else None
        return bool(theirs and message.identity_id.bsuid and message.identity_id.bsuid not in theirs)

    def _latest_by(self, column, messages, people):
        """:param str column: ``wa_id`` or ``partner_id``, what tells the people apart."""
        outbox = self.env['fluxforce.whatsapp.message']
        outbox.flush_model()
        self.env.cr.execute(SQL("""
            SELECT DISTINCT ON (number_id, %(person)s) number_id, %(person)s, id FROM fluxforce_whatsapp_message
             WHERE number_id = ANY(%(numbers)s) AND %(person)s = ANY(%(people)s) AND state IN %(gone)s
               AND claimed_at >= %(since)s
             ORDER BY number_id, %(person)s, claimed_at DESC, id DESC
        """, person=SQL.identifier(column), numbers=messages.number_id.ids, gone=GONE_OUT,
            people=[person for person in people if person], since=fields.Datetime.now() - MEMORY))
        rows = self.env.cr.fetchall()
        written = {message.id: message for message in outbox.browse([row[2] for row in rows])}
        if column == 'wa_id':
            rows = self._without_former_owners(messages.account_id, rows, written)
        return {(number_id, person): written[message_id] for number_id, person, message_id in rows}

    def _without_former_owners(self, account, rows, written):
        """:return: the rows without what was written to a number before it changed hands."""
        left = self.env['fluxforce.whatsapp.renewal']._left(account, [wa_id for __, wa_id, __ in rows])
        return [row for row in rows if row[1] not in left or written[row[2]].claimed_at > left[row[1]]]

    @api.model
    def _document_of(self, row):
        """:return: (model, id) of the document of a message, sent or received; None for none."""
        return (row.res_model, row.res_id) if row and row.res_model and row.res_id else None

    def _living(self, documents):
        """:return: those that still exist and have a chatter, by (model, id)."""
        ids_by_model = defaultdict(set)
        for model, res_id in documents:
            if model in self.env and issubclass(self.env.registry[model], self.env.registry['mail.thread']):
                ids_by_model[model].add(res_id)
        return {(model, record.id): record for model, ids in ids_by_model.items()
                for record in self.env[model].browse(ids).exists()}

    def _is_moved_away(self, document, message):
        """:return: whether it is a contact that was given to another company: its chatter is read there."""
        return document._name == 'res.partner' and bool(document._whatsapp_moved_away(message.company_id))

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    @api.model
    def _in_charge(self, places, messages):
        """Find who is told of each message: who is responsible for the document, else the contact's salesperson, else
        who wrote to the contact last, else who is responsible for the account; of these the first who may read the
        document.

        :param dict places: from :meth:`_place`.
        :return: a user, maybe none, by id of the message
        """
        writers = self._last_writers(messages)
        # A stranger's first message must not lie unseen.
        keepers = {account: account._responsible() for account in messages.account_id}
        candidates = {
            message.id: [user for user in (self._responsible(places[message.id]), message.partner_id.user_id,
                                           writers.get(message.partner_id.id), keepers[message.account_id]) if user]
            for message in messages}
        readable = self._readable(places, candidates)
        nobody = self.env['res.users']
        return {message.id: next((user for user in candidates[message.id] if places[message.id] in readable[
            user, places[message.id]._name]), nobody) for message in messages}

    def _responsible(self, document):
        field = document._fields.get('user_id')
        return document.user_id if field is not None and field.comodel_name == 'res.users' else self.env['res.users']

    def _last_writers(self, messages):
        """:return: who put the last message to a contact into the outbox, by contact."""
        outbox = self.env['fluxforce.whatsapp.message']
        groups = outbox._read_group([('account_id', 'in', messages.account_id.ids),
                                     ('partner_id', 'in', messages.partner_id.ids)], ['partner_id'], ['id:max'])
        return {partner.id: outbox.browse(latest).create_uid for partner, latest in groups}

    def _readable(self, places, candidates):
        """:return: the documents each user may read, by (user, model); one question for all of a user's documents."""
        asked = defaultdict(set)
        for message_id, users in candidates.items():
            document = places[message_id]
            for user in users:
                asked[user, document._name].add(document.id)
        return {(user, model): self._readable_by(user, self.env[model].browse(ids))
                for (user, model), ids in asked.items()}

    def _readable_by(self, user, documents):
        if not user.active or not user._is_internal():
            return documents.browse()
        theirs = documents.sudo(False).with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        return documents & theirs._filtered_access('read').with_env(documents.env)
