import logging
import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..cloud_api import const as meta
from ..policy.gate import Reason
from ..policy.purpose import AUTHENTICATION, CARE, MARKETING, UTILITY
from ..policy.wait import Wait
from ..text_format import to_markup
from .conflicts import CONFLICTS
from .fluxforce_whatsapp_reader import CONTENT_GROUP

_logger = logging.getLogger(__name__)

STATES = [
    ('queued', 'Queued'),
    ('held', 'On hold'),
    ('sending', 'Sending'),
    ('accepted', 'Accepted'),
    ('sent', 'Sent'),
    ('delivered', 'Delivered'),
    ('read', 'Read'),
    ('played', 'Played'),
    ('failed', 'Failed'),
    ('unknown', 'Outcome unknown'),
    ('refused', 'Refused'),
    ('cancelled', 'Cancelled'),
    ('expired', 'Too late'),
]
# Why a message waits or was refused; the gate has the whole sentences.
REASONS = {
    Reason.NO_PHONE.value: 'No phone number',
    Reason.INVALID_PHONE.value: 'Wrong phone number',
    Reason.RECIPIENT_CHANGED.value: 'Number has changed',
    Reason.NO_CONSENT.value: 'No consent',
    Reason.CONSENT_WITHDRAWN.value: 'Consent taken back',
    Reason.CONSENT_EXPIRED.value: 'Consent run out',
    Reason.OPT_IN_PENDING.value: 'Consent not confirmed',
    Reason.COMPANY_MISMATCH.value: 'Other company',
    Reason.BLOCKED_BY_US.value: 'Blocked by us',
    Reason.BLACKLISTED.value: 'On the blacklist',
    Reason.US_MARKETING.value: 'Marketing to the US',
    Reason.NOT_ON_WHATSAPP.value: 'Not reachable on WhatsApp',
    Reason.DUPLICATE.value: 'Same text again',
    Reason.FREQUENCY_CAP.value: 'Enough marketing',
    Reason.TEMPLATE_NOT_APPROVED.value: 'Template not approved',
    Reason.TEMPLATE_UNSUPPORTED.value: 'Template unsupported',
    Reason.MISSING_VALUE.value: 'Value missing',
    Reason.NUMBER_UNABLE.value: 'Number cannot send',
    Reason.ACCOUNT_INACTIVE.value: 'Account not connected',
    Reason.OUTSIDE_WINDOW.value: 'Outside the conversation',
    Reason.TEMPLATE_PAUSED.value: 'Template paused',
    Reason.HALTED.value: 'Campaign stopped',
    Reason.BRAKE.value: 'Sending stopped',
    Reason.QUIET_HOURS.value: 'Quiet hours',
    Reason.MARKETING_GAP.value: 'Spared by WhatsApp',
    Reason.EXPIRED.value: 'Too late',
    Wait.BUDGET.value: 'Limit of people reached',
    Wait.WARMUP.value: 'Warm-up',
    Wait.PAIR.value: 'Just written to',
    Wait.TOO_FAST.value: 'Meta asked to slow down',
    Wait.RETRY.value: 'Tried again',
    Reason.TEMPLATE_SYNC.value: 'Template being fetched',
    Wait.RESCHEDULED.value: 'Put off',
    Wait.FILE.value: 'File on its way',
    Wait.NO_FILE.value: 'File cannot be sent',
}
KINDS = [
    ('template', 'Template'), ('text', 'Free text'), ('image', 'Picture'), ('video', 'Video'), ('audio', 'Sound'),
    ('document', 'Document'), ('sticker', 'Sticker'), ('location', 'Location'), ('contacts', 'Contact card'),
    ('interactive', 'Buttons or list'), ('reaction', 'Reaction'),
]
# Not gone yet: what a claim looks for. A held message is asked about again when its moment has come.
WAITING = ('queued', 'held')
# What has gone out, or may have.
GONE_OUT = ('sending', 'accepted', 'sent', 'delivered', 'read', 'played', 'unknown')
# What a person may send once more.
NOT_GONE_OUT = ('failed', 'refused', 'unknown', 'cancelled', 'expired')
# Moments of a message's life that are told, in their order where two are the same.
MOMENTS = ('create_date', 'claimed_at', 'unknown_at', 'accepted_at', 'sent_at', 'delivered_at', 'read_at', 'failed_at')
# What a draft tells the gate and is no field.
DRAFT_ONLY = {'message_id', 'again_of'}
# Reasons that end with an event; their messages are asked about again when it comes.
EVENTS = ('account_inactive', 'number_unable', 'brake')
# Rows created or refreshed at once; the ORM prefetches up to this many.
BATCH = 500
# Lower goes first: what a person waits for is ahead of what was planned.
PRIORITY_OF_PURPOSE = {AUTHENTICATION: 0, CARE: 1, UTILITY: 2, MARKETING: 5}
# Claims older than this belong to a worker that is gone: longer than any call may last, and its wait. (Our own choice.)
CLAIM_LIFETIME = timedelta(seconds=3 * meta.TOTAL_TIMEOUT_S)


class FluxforceWhatsappMessage(models.Model):
    """The outbox: one row per message that wants to go out, and what became of it."""

    _name = 'fluxforce.whatsapp.message'
    _description = 'WhatsApp Message'
    _order = 'id desc'
    _rec_name = 'phone'

    # The message's own key: goes out with it and comes back in every status.
    key = fields.Char(required=True, readonly=True, copy=False, default=lambda self: secrets.token_urlsafe(18))
    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='restrict')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', required=True, readonly=True, ondelete='restrict')
    kind = fields.Selection(KINDS, required=True, readonly=True, default='template',
                            help='All but a template is an answer: WhatsApp takes it for a day after the person wrote.')
    template_id = fields.Many2one('fluxforce.whatsapp.template', readonly=True, index=True, ondelete='restrict',
                                  help='Empty for answers.')
    purpose = fields.Char(readonly=True)
    priority = fields.Integer(readonly=True)
    # What was written is for those who may read the document it is about; they read ``text``.
    values = fields.Json(readonly=True, groups=CONTENT_GROUP, help='Values of the variables, by variable.')
    content_key = fields.Char(readonly=True, copy=False, groups=CONTENT_GROUP,
                              help='Technical: the same for the same text.')
    body = fields.Text('Message Sent', readonly=True, groups=CONTENT_GROUP)
    text = fields.Text('Message', compute='_compute_text', search='_search_text')

    partner_id = fields.Many2one('res.partner', 'Contact', readonly=True, index=True, ondelete='set null')
    phone = fields.Char(readonly=True, help='In international form.')
    typed_number = fields.Char('Number as Entered', readonly=True)
    wa_id = fields.Char('WhatsApp ID', readonly=True, index='btree_not_null',
                        help='The person\'s number as WhatsApp has it; it may differ from the one dialled.')
    res_model = fields.Char('Document Model', readonly=True)
    res_id = fields.Many2oneReference('Document', model_field='res_model', readonly=True)
    mail_message_id = fields.Many2one('mail.message', 'Chatter Message', readonly=True, index='btree_not_null',
                                      ondelete='set null')

    state = fields.Selection(STATES, required=True, readonly=True, default='queued', index=True,
                             group_expand='_in_order_of_life')
    reason = fields.Selection([*REASONS.items()], readonly=True, help='Why it waits or was refused.')
    reason_detail = fields.Char(readonly=True)
    error_code = fields.Integer(readonly=True)
    error_message = fields.Char('Meta says', readonly=True)
    explanation = fields.Char('Why', compute='_compute_explanation')
    goes_out = fields.Char(compute='_compute_goes_out')
    shown_state = fields.Char('State in Words', compute='_compute_shown_state')
    moments = fields.Html(compute='_compute_moments', sanitize=False)
    may_be_sent_again = fields.Boolean(compute='_compute_may')
    may_be_put_back = fields.Boolean(compute='_compute_may')
    to_decide = fields.Boolean(compute='_compute_to_decide', search='_search_to_decide',
                               help='Nobody knows whether it went out and WhatsApp has not told in time.')
    wamid = fields.Char('Meta\'s ID', readonly=True, index='btree_not_null')
    held_by_meta = fields.Boolean(readonly=True, help='Meta has it and watches the template before it goes on.')
    attempts = fields.Integer(readonly=True)
    due_at = fields.Datetime('Not before', readonly=True, default=fields.Datetime.now,
                             help='Empty for what waits for an event, not for a moment.')
    expires_at = fields.Datetime('Not after', readonly=True)
    claimed_at = fields.Datetime('Given to Meta', readonly=True)
    accepted_at = fields.Datetime('Accepted by Meta', readonly=True)
    sent_at = fields.Datetime('Sent', readonly=True)
    delivered_at = fields.Datetime('Delivered', readonly=True)
    read_at = fields.Datetime('Read', readonly=True)
    failed_at = fields.Datetime('Failed', readonly=True)
    unknown_at = fields.Datetime('Outcome Unknown', readonly=True)
    settled_by_id = fields.Many2one('res.users', 'Settled by', readonly=True, copy=False, ondelete='set null',
                                    help='Who decided that it went out.')
    settled_note = fields.Char('How It Is Known', readonly=True, copy=False)
    wiped_at = fields.Datetime('Deleted for Data Protection', readonly=True, copy=False)
    again_id = fields.Many2one('fluxforce.whatsapp.message', 'Sent Again As', readonly=True, copy=False,
                               index='btree_not_null', ondelete='set null')

    _key_unique = models.Constraint('unique(key)', 'This message is already in the outbox.')
    _kind_check = models.Constraint("CHECK (kind != 'template' OR template_id IS NOT NULL)",
                                    'A message has a template, or it is an answer.')
    # What the sender asks for at every round; they hold only what waits, whatever the size of the table.
    _order_idx = models.Index("(number_id, priority, due_at, id) WHERE state IN ('queued', 'held')")
    _due_idx = models.Index("(number_id, due_at) WHERE state IN ('queued', 'held')")
    _expiry_idx = models.Index("(expires_at) WHERE state IN ('queued', 'held')")
    _pace_idx = models.Index('(number_id, claimed_at) WHERE claimed_at IS NOT NULL')
    # What the brake looks at after failures.
    _refusal_idx = models.Index(
        '(number_id, GREATEST(failed_at, claimed_at)) WHERE error_code IN (131048, 131049, 131050)')
    _marketing_idx = models.Index("(number_id, accepted_at) WHERE purpose = 'marketing'")
    _sending_idx = models.Index("(claimed_at) WHERE state = 'sending'")
    _unknown_idx = models.Index("(number_id, unknown_at) WHERE state = 'unknown'")
    # What the gate asks about people, see fluxforce.whatsapp.facts.
    _content_idx = models.Index(
        '(phone, content_key, GREATEST(create_date, claimed_at)) WHERE phone IS NOT NULL')
    _person_marketing_idx = models.Index("(phone, claimed_at) WHERE purpose = 'marketing'")
    _undeliverable_idx = models.Index('(phone, failed_at) WHERE error_code = 131026')
    _document_idx = models.Index('(res_model, res_id)')

    # ------------------------------------------------------------
    # WHAT PEOPLE ARE TOLD
    # ------------------------------------------------------------

    @api.depends('state', 'reason', 'reason_detail', 'error_code', 'error_message', 'held_by_meta', 'number_id.stopped')
    @api.depends_context('lang')
    def _compute_explanation(self):
        playbook = self.env['fluxforce.whatsapp.error']._explanations(self.mapped('error_code'))
        gate = self.env['fluxforce.whatsapp.gate']
        for message in self:
            if message.state in WAITING and message.number_id.stopped:
                message.explanation = message.number_id._explain_stop()
            elif message.reason:
                message.explanation = gate._explain(message.reason, message.reason_detail)
            else:
                message.explanation = (message._explain_state() or playbook.get(message.error_code)
                                       or message.error_message)

    def _explain_state(self):
        """:return: what is to be said about a state by itself, without a reason or an error of Meta's."""
        if self.state == 'unknown':
            return self.env._('No clear answer of Meta\'s has come: the message may have gone out or not.')
        if self.state == 'accepted' and self.held_by_meta:
            return self.env._('Meta has it and watches how people take the template before it goes on.')
        return False

    @api.depends('state', 'reason', 'due_at', 'expires_at', 'number_id.stopped', 'to_decide')
    @api.depends_context('lang', 'tz')
    def _compute_goes_out(self):
        words = self.env['fluxforce.whatsapp.forecast']._words_for(self)
        for message in self:
            if message.state == 'unknown':
                message.goes_out = self.env._('waits for a decision') if message.to_decide else self.env._(
                    'waits for a report of WhatsApp')
            else:
                message.goes_out = words.get(message.id, False)

    @api.model
    def _in_order_of_life(self, states, _domain):
        """Show the columns of the kanban in the order in which a message passes through them."""
        return [state for state, __ in STATES if state in states]

    @api.depends('state', 'held_by_meta')
    @api.depends_context('lang')
    def _compute_shown_state(self):
        labels = dict(self._fields['state']._description_selection(self.env))
        for message in self:
            is_watched = message.state == 'accepted' and message.held_by_meta
            message.shown_state = self.env._('Accepted – Meta watches the template') if is_watched else (
                labels.get(message.state))

    @api.depends(*MOMENTS)
    @api.depends_context('lang', 'tz')
    def _compute_moments(self):
        for message in self:
            message.moments = self.env['ir.qweb']._render('fluxforce_whatsapp.message_moments', {
                'moments': message._list_moments()})

    def _list_moments(self):
        """:return: (field, what, when in words) of what has happened, in its order."""
        happened = sorted((self[name], order, name) for order, name in enumerate(MOMENTS) if self[name])
        labels = self.fields_get([*MOMENTS], ['string'])
        return [(name, self.env._('Queued') if name == 'create_date' else labels[name]['string'],
                 format_datetime(self.env, moment, tz=str(self.env.tz))) for moment, __, name in happened]

    @api.depends('state', 'again_id', 'expires_at', 'to_decide')
    def _compute_may(self):
        now = fields.Datetime.now()
        for message in self:
            is_open = not message.again_id and (message.state != 'unknown' or message.to_decide)
            message.may_be_sent_again = message.state in NOT_GONE_OUT and is_open
            is_late = message.expires_at and message.expires_at <= now
            message.may_be_put_back = message.state == 'cancelled' and is_open and not is_late

    @api.depends('state', 'unknown_at', 'account_id.unknown_wait_minutes')
    def _compute_to_decide(self):
        now = fields.Datetime.now()
        for message in self:
            wait = timedelta(minutes=message.account_id.unknown_wait_minutes)
            is_over = not message.unknown_at or message.unknown_at + wait <= now
            message.to_decide = message.state == 'unknown' and is_over

    def _search_to_decide(self, operator, value):
        if operator != 'in':
            return NotImplemented
        now = fields.Datetime.now()
        # sudo: account - how long each waits; which messages are found follows from the user's own rights
        accounts = self.env['fluxforce.whatsapp.account'].sudo().with_context(active_test=False).search(
            Domain.TRUE)
        over = Domain.OR(
            Domain('account_id', 'in', same.ids) & (Domain('unknown_at', '=', False) | Domain(
                'unknown_at', '<=', now - timedelta(minutes=minutes)))
            for minutes, same in accounts.grouped('unknown_wait_minutes').items())
        found = Domain('state', '=', 'unknown') & over
        return found if True in value else ~found

    # ------------------------------------------------------------
    # CONTENTS
    # ------------------------------------------------------------

    @api.depends('body')
    @api.depends_context('uid')
    def _compute_text(self):
        readable = self.env['fluxforce.whatsapp.reader']._readable(self)
        for message in self:
            # sudo: message - the document it is about may be read
            shown = self.env['fluxforce.whatsapp.wiping']._words() if message.wiped_at else message.sudo().body
            message.text = shown if message in readable else self.env._(
                'You may not read the document this message is about.')

    def _search_text(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        # sudo: message - what is found is narrowed to what the user may read
        found = Domain('id', 'in', self.sudo()._search([('body', operator, value)]))
        return found & self.env['fluxforce.whatsapp.reader']._domain()

    # ------------------------------------------------------------
    # WHAT BECOMES OF IT
    # ------------------------------------------------------------

    def _draft_fields(self):
        """:return: names of the fields that :meth:`_to_drafts` and a claim read, so that no others are."""
        return ['key', 'kind', 'account_id', 'number_id', 'template_id', 'partner_id', 'phone', 'typed_number',
                'values', 'body', 'expires_at', 'res_model', 'res_id', 'content_key']

    def _to_drafts(self):
        """:return: what the gate needs to decide again, in the order of ``self``."""
        self.fetch(self._draft_fields())
        return [{
            'account_id': message.account_id.id,
            'number_id': message.number_id.id,
            'template_id': message.template_id.id,
            'partner_id': message.partner_id.id,
            'phone': message.phone,
            'typed_number': message.typed_number,
            'values': message.values,
            'expires_at': message.expires_at,
            'res_model': message.res_model,
            'res_id': message.res_id,
            'content_key': message.content_key,
            'message_id': message.id,
        } for message in self]

    def _present_purpose(self):
        """:return: what it is for by what Meta takes its template for now; None for a category nobody knows."""
        self.ensure_one()
        return self.template_id._purpose() if self.kind == 'template' else CARE

    def _render_chatter(self):
        """:return: the message as the chatter keeps it, Markup."""
        if self.kind != 'template':
            return Markup('<p>%s</p>') % to_markup(self.body)
        return self.template_id._render_chatter(self.values or {})

    def _sync_notifications(self):
        """Bring the ticks in the chatter to the messages' states."""
        self.env['fluxforce.whatsapp.chatter']._sync(self)

    def _show_ticks(self):
        """As :meth:`_sync_notifications`, but a message must never suffer from how it is shown."""
        if self:
            try:
                with self.env.cr.savepoint():
                    self._sync_notifications()
            except CONFLICTS:
                raise
            except Exception:
                _logger.exception('Ticks of WhatsApp messages could not be shown')

    @api.model
    def _release_held(self, accounts):
        """Queue again what waited for these accounts or their numbers; the gate is asked again at the claim."""
        self._release_waiting([('account_id', 'in', accounts.ids), '|', ('due_at', '=', False),
                               ('reason', 'in', EVENTS)])

    @api.model
    def _release_waiting(self, domain):
        """Let held messages be asked about again now, because something has changed."""
        held = self.search([('state', '=', 'held'), *domain])
        held.write({'state': 'queued', 'reason': False, 'reason_detail': False, 'due_at': fields.Datetime.now()})
        if held:
            self.env['fluxforce.whatsapp.sender']._wake_outbox()

    # ------------------------------------------------------------
    # TIDY UP
    # ------------------------------------------------------------

    @api.model
    def _give_up_abandoned(self):
        """Messages a dead worker had in hand: whether they went out is not known, so nobody sends them again.

        :return: how many
        """
        now = self.env['fluxforce.whatsapp.claim']._now()
        abandoned = self.search([('state', '=', 'sending'), ('claimed_at', '<', now - CLAIM_LIFETIME)])
        abandoned.write({'state': 'unknown', 'unknown_at': now})
        abandoned._show_ticks()
        return len(abandoned)

    @api.model
    def _forgotten_domain(self):
        """:return: held messages whose event has come: it may have passed while they were being written."""
        return (
            (Domain('reason', 'in', ('account_inactive', 'number_unable')) & Domain('number_id.stopped', '=', False))
            | (Domain('reason', '=', 'brake') & Domain('number_id.stopped', '=', False)
               & Domain('number_id.brake', 'in', ('none', 'slow')))
            | (Domain('reason', '=', 'template_paused') & Domain('template_id.status', '!=', 'PAUSED'))
            | (Domain('reason', '=', 'template_sync') & Domain('template_id.sync_asked', '=', False)))

    @api.model
    def _readdress(self, partner, old_phone, new_phone):
        """What waits for a contact goes to their new number: the old one may be somebody else's soon."""
        waiting = self.search([('partner_id', '=', partner.id), ('phone', '=', old_phone),
                               ('state', 'in', ('queued', 'held'))])
        waiting.phone = new_phone

    @api.model
    def _release_forgotten(self):
        """:return: how many held messages were asked about again because nobody told them of their event."""
        forgotten = self.search(
            Domain('state', '=', 'held') & Domain('due_at', '=', False) & self._forgotten_domain(), limit=BATCH)
        forgotten.write({'state': 'queued', 'reason': False, 'reason_detail': False, 'due_at': fields.Datetime.now()})
        return len(forgotten)

    @api.model
    def _tell_undecided(self):
        """Tell each account's responsible once that unknown outcomes wait for a decision."""
        alert = self.env['fluxforce.whatsapp.alert']
        undecided = self.search([('to_decide', '=', True), ('again_id', '=', False)], limit=BATCH).account_id
        told = alert.search([('kind', '=', 'unknown_outcome'), ('state', '=', 'open')]).account_id
        for account in undecided - told:
            alert._raise_alert('unknown_outcome', account)
        for account in told - undecided:
            alert._close('unknown_outcome', account, note=self.env._('All of them were decided.'))
        return undecided - told | told - undecided

    @api.model
    def _expire(self, limit):
        """End messages that come too late to be of use.

        :return: how many, at most ``limit``
        """
        now = fields.Datetime.now()
        late = self.search([('state', 'in', WAITING), ('expires_at', '<=', now)], limit=limit).try_lock_for_update()
        late = late.filtered(lambda message: message.state in WAITING)
        late.write({'state': 'expired', 'reason': Reason.EXPIRED.value})
        late._show_ticks()
        return len(late)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel(self):
        """Take messages that have not gone yet out of the queue."""
        return self.env['fluxforce.whatsapp.decision']._cancel(self)

    def action_put_back(self):
        """Take a cancellation back, as long as the message is of use."""
        return self.env['fluxforce.whatsapp.decision']._put_back(self)

    def action_retry(self):
        """Ask at once about what waits, and send once more what did not go out."""
        return self.env['fluxforce.whatsapp.decision']._retry(self)

    def action_send_again(self):
        """A person's decision to send a failed, refused or unsettled message once more, through the gate."""
        copies = self.env['fluxforce.whatsapp.decision']._send_again(self)
        action = {'type': 'ir.actions.act_window', 'name': self.env._('Sent again'), 'res_model': self._name}
        if len(copies) == 1:
            # There it stands at once if the gate refused it again, and why.
            return {**action, 'res_id': copies.id, 'views': [(False, 'form')]}
        return {**action, 'view_mode': 'list,kanban,form', 'domain': [('id', 'in', copies.ids)]}

    def action_reschedule(self):
        """Ask for another moment."""
        return self._open_wizard('fluxforce.whatsapp.reschedule', self.env._('Put Off'))

    def action_settle(self):
        """Ask what becomes of messages whose outcome nobody knows."""
        return self._open_wizard('fluxforce.whatsapp.settle', self.env._('Decide'))

    def _open_wizard(self, model, name):
        self.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'name': name,
            'res_model': model,
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_message_ids': self.ids},
        }

    def _prepare_again_draft(self):
        # The app of the document may have been taken away.
        documents = self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else None
        recipient = documents and documents._whatsapp_recipients().get(self.res_id)
        copied = ('kind', 'purpose', 'priority', 'values', 'body', 'res_model', 'res_id')
        message_sudo = self.sudo()  # sudo: message - whoever sends it again need not read it
        draft = message_sudo._to_drafts()[0]
        del draft['expires_at'], draft['message_id']  # a new message has a time and an id of its own
        return {
            **draft,
            'again_of': self.id,
            **{name: message_sudo[name] for name in copied},
            'phone': recipient.phone if recipient else self.phone,
            'typed_number': recipient.number if recipient else self.typed_number,
        }

    def action_open_document(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self.res_model,
            'res_id': self.res_id,
            'views': [(False, 'form')],
        }
