import logging
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_datetime

from odoo.addons.fluxforce_whatsapp.models.conflicts import CONFLICTS, again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.failures import log_failure
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH, GONE_OUT

_logger = logging.getLogger(__name__)

# Longer lines are cut. (Our own choice.)
LINE_LENGTH = 500


@dataclass(frozen=True)
class Reply:
    """What one person replied, by one rule.

    :ivar rule: ``fluxforce.reply.rule``
    :ivar messages: ``fluxforce.whatsapp.inbound``, in their order
    """

    rule: object
    messages: object

    @property
    def last(self):
        return self.messages[-1:]

    @property
    def partner(self):
        return self.last.partner_id

    @property
    def phone(self):
        wa_id = self.last.identity_id.wa_id
        return f'+{wa_id}' if wa_id else ''

    @property
    def answered(self):
        return self.last.answered_id

    @property
    def person_name(self):
        return self.partner.name or self.last.identity_id.display_name or self.phone


class FluxforceReply(models.AbstractModel):
    """Follows replies up by the rules: a lead, the last lines of the conversation, a to-do for its owner.

    Replies wait in a queue, so that what goes wrong here never keeps a message from being received.
    """

    _name = 'fluxforce.reply'
    _description = 'WhatsApp Reply'

    # ------------------------------------------------------------
    # QUEUE
    # ------------------------------------------------------------

    @api.model
    def _wake(self):
        """Look through the rules soon. Call once per batch."""
        self.env.ref('fluxforce_whatsapp_marketing.ir_cron_replies').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _cron_follow(self):
        """Follow up what waits, a batch at a time while the scheduler has time."""
        inbound = self.env['fluxforce.whatsapp.inbound']
        try:
            while processed := again_on_conflict(self.env, self._follow_batch):
                remaining = inbound.search_count([('reply_state', '=', 'waiting')])
                if self.env['ir.cron']._commit_progress(processed, remaining=remaining) <= 0:
                    break
        except CONFLICTS:
            self.env.cr.rollback()
            _logger.warning('Replies met other transactions again and again, they are followed up later')

    def _follow_batch(self):
        """:return: how many messages were looked at"""
        waiting = self.env['fluxforce.whatsapp.inbound'].search(
            [('reply_state', '=', 'waiting')], order='sent_at, id', limit=BATCH).try_lock_for_update()
        waiting = waiting.filtered(lambda message: message.reply_state == 'waiting')
        for rule, replies in self._by_rule(waiting).items():
            if rule:
                self._follow_or_part(rule, replies)
        return len(waiting)

    def _by_rule(self, waiting):
        """Give each message its rule; those with none are done with.

        :return: list of :class:`Reply` by rule
        """
        candidates = waiting.filtered(self._is_reply)
        rules = self.env['fluxforce.reply.rule'].search([('company_id', 'in', waiting.company_id.ids)])
        by_rule = candidates.grouped(rules._rule_of)
        fitting = self.env['fluxforce.whatsapp.inbound'].concat(*[same for rule, same in by_rule.items() if rule])
        (waiting - fitting).reply_state = 'none'
        return {rule: [Reply(rule, theirs.sorted(lambda message: (message.sent_at, message.id)))
                       for theirs in same.grouped(self._person).values()] for rule, same in by_rule.items() if rule}

    def _is_reply(self, message):
        """Who says stop, or sounds like it, wants no call; nor does who took the message back or was erased."""
        return (message.heard != 'stop' and message.stop_question in (False, 'no') and not message.revoked_at
                and not message.wiped_at and bool(self._person(message)))

    def _person(self, message):
        return message.partner_id or message.identity_id

    def _follow_or_part(self, rule, replies):
        """Follow replies up together; where that fails, each by itself, so that only the one at fault is given up."""
        if self._try(rule, replies):
            for reply in replies:
                if problem := self._try(rule, [reply]):
                    reply.messages.write({'reply_state': 'failed', 'reply_rule_id': rule.id, 'reply_problem': problem})

    def _try(self, rule, replies):
        """:return: what went wrong, in words; then nothing was done."""
        try:
            with self.env.cr.savepoint():
                self._follow(rule, replies)
        except CONFLICTS:
            raise
        except Exception as error:
            return log_failure('Replies to a WhatsApp campaign could not be followed up', error)[:500]
        return None

    # ------------------------------------------------------------
    # FOLLOW UP
    # ------------------------------------------------------------

    def _follow(self, rule, replies):
        records = self._records(rule, replies)
        self._keep_lines(replies, records)
        self._remind(rule, replies, records)
        for reply in replies:
            reply.messages.write({'reply_state': 'done', 'reply_rule_id': rule.id, 'reply_problem': False})

    def _records(self, rule, replies):
        """:return: what each reply is kept with, in their order: a lead, or the record it is about, maybe none"""
        leads = self.env['fluxforce.reply.lead']
        if rule.action == 'lead' and leads._is_installed():
            return leads._leads(rule, replies)
        return [self._document(reply) for reply in replies]

    def _document(self, reply):
        model = reply.last.res_model
        document = self.env[model].browse(reply.last.res_id).exists() if model in self.env else None
        return document if document and 'activity_ids' in document._fields else reply.partner

    # ------------------------------------------------------------
    # LAST LINES
    # ------------------------------------------------------------

    def _keep_lines(self, replies, records):
        """Keep the last lines of each conversation in the chatter of its record, unless they stand there already."""
        lines = self._lines(replies)
        for reply, record in zip(replies, records, strict=True):
            if record and lines[reply] and record != self._shown_on(reply):
                record._message_log(body=lines[reply])

    def _shown_on(self, reply):
        model = reply.last.res_model
        return self.env[model].browse(reply.last.res_id) if model in self.env else None

    def _lines(self, replies):
        """:return: by reply, the last lines of the conversation as Markup"""
        most = max(reply.rule.lines for reply in replies)
        said = self._said(replies) if most else {}
        return {reply: self._render(reply, sorted(said[reply], key=lambda line: line[0])[-reply.rule.lines:])
                if reply.rule.lines else Markup() for reply in replies}

    def _said(self, replies):
        """:return: by reply, (moment, who, text) of what was said in the reply's time"""
        ids = {name: [reply.last[name].id for reply in replies if reply.last[name]]
               for name in ('partner_id', 'identity_id')}
        since = min(reply.answered.claimed_at or reply.last.sent_at for reply in replies) - timedelta(days=1)
        received = self.env['fluxforce.whatsapp.inbound'].search([
            ('identity_id', 'in', ids['identity_id']), ('sent_at', '>=', since), ('revoked_at', '=', False)])
        sent = self.env['fluxforce.whatsapp.message'].search([
            ('partner_id', 'in', ids['partner_id']), ('state', 'in', GONE_OUT), ('claimed_at', '>=', since),
            # What belongs to another document is read by who reads that one; a sign-in code by nobody.
            ('purpose', '!=', 'authentication'), '|', '|', ('campaign_id', '!=', False), ('mailing_id', '!=', False),
            ('res_model', 'in', (False, 'res.partner'))])
        theirs, ours = received.grouped('identity_id'), sent.grouped(lambda one: (one.partner_id, one.number_id))
        return {reply: [
            *[(message.sent_at, reply.person_name, message._in_words())
              for message in theirs.get(reply.last.identity_id or None, ())],
            *[(message.claimed_at, self._writer(message), message.body)
              for message in (ours.get((reply.partner, reply.last.number_id), ()) if reply.partner else ())],
        ] for reply in replies}

    def _writer(self, message):
        return message.company_id.name if message.create_uid._is_superuser() else message.create_uid.name

    def _render(self, reply, lines):
        speaker = self.with_context(lang=reply.last.account_id._readers_language())
        rows = Markup('').join(
            Markup('<li><b>%s</b> <small>%s</small> %s</li>')
            % (who, format_datetime(speaker.env, moment, tz=self._zone(reply), dt_format='short'),
               (text or '')[:LINE_LENGTH]) for moment, who, text in lines)
        return Markup('<p>%s</p><ul>%s</ul>') % (speaker.env._('Replied on WhatsApp:'), rows) if rows else Markup()

    def _zone(self, reply):
        return reply.last.company_id.partner_id.tz or 'UTC'

    # ------------------------------------------------------------
    # TO-DO
    # ------------------------------------------------------------

    def _remind(self, rule, replies, records):
        """Schedule a to-do for each record's owner; one that is open already is enough."""
        wanted = [(record, self._owner(rule, reply, record))
                  for reply, record in zip(replies, records, strict=True) if record]
        open_ = self._open_todos(rule, [record for record, __ in wanted])
        for record, owner in dict(wanted).items():
            if owner and (record._name, record.id, owner) not in open_:
                self._schedule(rule, record, owner)

    def _open_todos(self, rule, records):
        todos = self.env['mail.activity'].search([
            ('activity_type_id', '=', rule.activity_type_id.id), ('automated', '=', True),
            ('res_model', 'in', list({record._name for record in records})),
            ('res_id', 'in', [record.id for record in records])])
        return {(todo.res_model, todo.res_id, todo.user_id) for todo in todos}

    def _schedule(self, rule, record, owner):
        speaker = self.with_context(lang=owner.lang)
        record.activity_schedule(
            activity_type_id=rule.activity_type_id.id, user_id=owner.id,
            date_deadline=fields.Date.context_today(self.with_context(tz=owner.tz)) + timedelta(days=rule.days),
            summary=rule.with_context(lang=owner.lang).summary or speaker.env._('Replied on WhatsApp'))

    def _owner(self, rule, reply, record):
        """:return: who is to act, the first who is there; maybe nobody"""
        field = record._fields.get('user_id')
        of_record = record.user_id if field is not None and field.comodel_name == 'res.users' else rule.user_id
        candidates = (rule.user_id, of_record, reply.partner.user_id, self._responsible(reply))
        return next((user for user in candidates if user and user.active and user._is_internal()), rule.user_id)

    @api.model
    def _responsible(self, reply):
        """:return: who answers for the campaign or mailing, else for the account"""
        answered = reply.answered
        return answered.campaign_id.user_id or answered.mailing_id.user_id or reply.last.account_id._responsible()
