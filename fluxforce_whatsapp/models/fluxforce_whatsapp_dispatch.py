import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..cloud_api import const as meta
from .conflicts import CONFLICTS
from .fluxforce_whatsapp_message import BATCH, WAITING

_logger = logging.getLogger(__name__)

USER_GROUP = 'fluxforce_whatsapp.group_whatsapp_user'
ADMIN_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'
# What the chatter still shows as waiting although its message was cancelled.
SHOWN_AS_WAITING = ('ready', 'process')
# For so long the ticks of a cancelled bulk send are looked after. (Our own choice.)
TICKS_SPAN = timedelta(days=1)


class FluxforceWhatsappDispatch(models.Model):
    """One send to many people that is put into the outbox in the background, with the rights of who asked for it.

    Each batch is one transaction: its messages and the marks on its lines are there together or not at all, so a worker
    that dies leaves nobody written to twice and nobody forgotten.
    """

    _name = 'fluxforce.whatsapp.dispatch'
    _description = 'WhatsApp Bulk Send'
    _order = 'id desc'

    name = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one('res.users', 'Asked by', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='template_id.company_id', store=True, index=True)
    template_id = fields.Many2one('fluxforce.whatsapp.template', required=True, readonly=True, index=True,
                                  ondelete='cascade')
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', readonly=True, ondelete='set null',
                                help='Empty for the number each person knows.')
    in_own_language = fields.Boolean('Each in Their Own Language', readonly=True)
    free_values = fields.Json(readonly=True, groups=ADMIN_GROUP, help='What was typed at sending, by variable.')
    due_at = fields.Datetime('Not before', readonly=True)
    # With which companies, language and time zone it was asked for.
    origin = fields.Json(readonly=True, groups=ADMIN_GROUP)
    res_model = fields.Char('Document Model', required=True, readonly=True)
    state = fields.Selection(
        [('running', 'Being queued'), ('done', 'All queued'), ('cancelled', 'Cancelled'), ('failed', 'Stopped')],
        required=True, readonly=True, default='running', index=True)
    note = fields.Char('Why It Stopped', readonly=True)
    total = fields.Integer('People', readonly=True)
    done_count = fields.Integer('Queued', readonly=True)
    refused_count = fields.Integer('Not Sent', readonly=True, help='The gate refused them; the outbox tells why.')
    left_out_count = fields.Integer('Left Out', readonly=True,
                                    help='Their number is that of another record, or the record is gone or may not be '
                                         'read by who asked.')
    progress = fields.Float(compute='_compute_progress')
    ended_at = fields.Datetime('Ended', readonly=True)
    line_ids = fields.One2many('fluxforce.whatsapp.dispatch.line', 'dispatch_id', groups=ADMIN_GROUP)
    may_change = fields.Boolean(compute='_compute_may_change')

    @api.depends('total', 'done_count', 'refused_count', 'left_out_count')
    def _compute_progress(self):
        for dispatch in self:
            dispatch.progress = 100 * dispatch._served() / dispatch.total if dispatch.total else 100

    @api.depends('user_id')
    @api.depends_context('uid')
    def _compute_may_change(self):
        is_admin = self.env.su or self.env.user.has_group(ADMIN_GROUP)
        for dispatch in self:
            dispatch.may_change = is_admin or dispatch.user_id == self.env.user

    def _served(self):
        return self.done_count + self.refused_count + self.left_out_count

    # ------------------------------------------------------------
    # BEGIN
    # ------------------------------------------------------------

    @api.model
    def _begin(self, values, ids):
        """Have one message about each record queued in the background.

        :param dict values: name, template_id, number_id, in_own_language, free_values, due_at, res_model
        :param list ids: of the records, each once
        """
        context = self.env.context
        # sudo: dispatch - written by the system alone; it runs with the rights of who asks
        dispatch = self.sudo().create({
            **values, 'user_id': self.env.uid, 'total': len(ids),
            'origin': {'allowed_company_ids': self.env.companies.ids, 'lang': context.get('lang'),
                       'tz': context.get('tz')}})
        self.env['fluxforce.whatsapp.dispatch.line']._add(dispatch, ids)
        self._wake()
        return dispatch.sudo(False)

    @api.model
    def _wake(self):
        self.env.ref('fluxforce_whatsapp.ir_cron_dispatch').sudo()._trigger()  # sudo: ir.cron - only wakes it

    # ------------------------------------------------------------
    # IN THE BACKGROUND
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Queue what was asked for, batch by batch; several bulk sends take turns."""
        while (served := self._serve_next()) is not None:
            if self.env['ir.cron']._commit_progress(served, remaining=self._count_remaining()) <= 0:
                return
        self.env['ir.cron']._commit_progress(remaining=0)

    def _count_remaining(self):
        """:return: people still to be asked about, one for each bulk send that is to be ended, and ticks."""
        people = sum(dispatch.total - dispatch._served() + 1 for dispatch in self.search([('state', '=', 'running')]))
        return people + len(self._shown_as_waiting())

    def _serve_next(self):
        """:return: how many people were served; None if there is nothing to do."""
        # The one that was served longest ago.
        waiting = self.search([('state', '=', 'running')], order='write_date, id')
        dispatch = waiting.try_lock_for_update(limit=1)
        if dispatch:
            return dispatch._serve_batch()
        return self._show_cancelled() or None

    def _serve_batch(self):
        """Queue the next people of one bulk send. :return: how many were served."""
        if problem := self._problem():
            self._end('failed', problem)
            return 0
        lines = self.env['fluxforce.whatsapp.dispatch.line']._next(self, BATCH)
        if not lines:
            self._end('done')
            return 0
        outcomes = self._queue(list(lines))
        self.env['fluxforce.whatsapp.dispatch.line']._mark(lines, outcomes)
        counts = [state for state, __ in outcomes.values()]
        self.write({
            'done_count': self.done_count + counts.count('queued'),
            'refused_count': self.refused_count + counts.count('refused'),
            'left_out_count': self.left_out_count + counts.count('left_out'),
        })
        return len(outcomes)

    def _problem(self):
        """:return: why it cannot go on, in words; '' if it can."""
        if not self.user_id.active or not self.user_id.has_group(USER_GROUP):
            return self.env._('%(user)s may not send WhatsApp messages any more.', user=self.user_id.name)
        if self.template_id.status != meta.TEMPLATE_STATUS_SENDABLE and self.template_id.status != 'PAUSED':
            return self.env._('Template: Meta does not send "%(template)s" any more. Choose another one and send again '
                              'to who is left.', template=self.template_id.display_name)
        # Before what only those of the company may be asked about.
        if self.company_id not in self.user_id.company_ids:
            return self.env._('%(user)s does not work for %(company)s any more.', user=self.user_id.name,
                              company=self.company_id.name)
        if not self.template_id.sudo(False).with_user(self.user_id).may_send:
            return self.env._('%(user)s may not send the template "%(template)s" any more.', user=self.user_id.name,
                              template=self.template_id.name)
        if self.res_model not in self.env:
            return self.env._('The app of these documents is not installed any more.')
        documents = self.env[self.res_model].sudo(False).with_user(self.user_id)
        if not documents.has_access('read'):
            return self.env._('%(user)s may not read these documents any more (%(documents)s).',
                              user=self.user_id.name, documents=documents._description)
        return ''

    def _as_sender(self):
        """:return: ``self`` with the rights, companies and language of who asked for it."""
        origin = self.origin or {}
        allowed = set(self.user_id.company_ids.ids)
        companies = [id_ for id_ in origin.get('allowed_company_ids') or () if id_ in allowed]
        return self.with_user(self.user_id).with_context(
            lang=origin.get('lang') or self.user_id.lang, tz=origin.get('tz') or self.user_id.tz,
            allowed_company_ids=companies or self.user_id.company_id.ids)

    def _queue(self, ids):
        """:return: by record id, (``queued``, ``refused`` or ``left_out``, the number written to or None)."""
        try:
            with self.env.cr.savepoint():
                return self._queue_together(ids)
        except CONFLICTS:
            raise
        except Exception:
            if len(ids) == 1:
                _logger.exception('WhatsApp bulk send %s: %s %s is left out', self.id, self.res_model, ids[0])
                return {ids[0]: ('left_out', None)}
            # One bad record must not stop the others.
            self.env.invalidate_all()
            return {id_: outcome for one in ids for id_, outcome in self._queue([one]).items()}

    def _queue_together(self, ids):
        values = self.sudo()  # sudo: dispatch - what was typed is for administrators to read
        sender = self._as_sender()
        records = sender.env[self.res_model].with_context(active_test=False).search([('id', 'in', ids)], order='id')
        outbox = sender.env['fluxforce.whatsapp.message']
        template = sender.template_id.sudo(False)
        drafts, __ = outbox._prepare_drafts_by_language(
            records, template, sender.number_id, values.free_values or {},
            template._siblings() if self.in_own_language else None)
        outcomes = dict.fromkeys(ids, ('left_out', None))
        drafts = self._one_per_person(drafts)
        more = {'dispatch_id': self.id, **({'due_at': self.due_at} if self.due_at else {})}
        messages = outbox._enqueue([{**draft, **more} for draft in drafts])
        for draft, message in zip(drafts, messages, strict=True):
            state = 'refused' if message.state == 'refused' else 'queued'
            outcomes[draft['res_id']] = (state, draft['phone'] or None)
        return outcomes

    def _one_per_person(self, drafts):
        """:return: without those whose number was written to before in this bulk send."""
        seen = self.env['fluxforce.whatsapp.dispatch.line']._served_phones(self, [draft['phone'] for draft in drafts])
        return self.env['fluxforce.whatsapp.message']._one_per_person(drafts, seen)

    def _end(self, state, note=False):
        self.write({'state': state, 'note': note, 'ended_at': fields.Datetime.now()})
        if state == 'done':
            self.env['fluxforce.whatsapp.dispatch.line']._forget(self)
        dispatch = self.with_context(lang=self.user_id.lang)
        self.user_id._bus_send('simple_notification', {
            'type': 'success' if state == 'done' and not self.refused_count else 'warning', 'sticky': True,
            'title': dispatch.name, 'message': dispatch._end_words()})

    def _end_words(self):
        """:return: what became of it, in one line."""
        parts = [self.note or '', self.env._('%(count)s queued.', count=self.done_count)]
        if self.refused_count:
            parts.append(self.env._('%(count)s not sent; the outbox tells why.', count=self.refused_count))
        if self.left_out_count:
            parts.append(self.env._('%(count)s left out.', count=self.left_out_count))
        return ' '.join(filter(None, parts))

    def _show_cancelled(self):
        """Bring the ticks in the chatter to what was cancelled. :return: how many."""
        notifications = self._shown_as_waiting()
        notifications.whatsapp_message_id._sync_notifications()
        return len(notifications)

    def _shown_as_waiting(self):
        """:return: notifications of cancelled messages that do not show it yet, at most a batch."""
        cancelled = self.search([
            ('state', '=', 'cancelled'), ('ended_at', '>', fields.Datetime.now() - TICKS_SPAN)])
        return self.env['mail.notification'].search([
            ('whatsapp_message_id.dispatch_id', 'in', cancelled.ids), ('whatsapp_message_id.state', '=', 'cancelled'),
            ('notification_status', 'in', SHOWN_AS_WAITING)], limit=BATCH) if cancelled else (
                self.env['mail.notification'])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel(self):
        """Queue no more, and take out of the outbox what has not gone."""
        self._check_change()
        for dispatch in self.sudo():  # sudo: dispatch, message - who asked for them takes them back
            if dispatch.state == 'cancelled':
                continue
            dispatch.write({'state': 'cancelled', 'ended_at': fields.Datetime.now(), 'note': False})
            dispatch.env['fluxforce.whatsapp.dispatch.line']._forget(dispatch)
            waiting = dispatch.env['fluxforce.whatsapp.message'].search([
                ('dispatch_id', '=', dispatch.id), ('state', 'in', WAITING)]).try_lock_for_update()
            waiting.write({'state': 'cancelled', 'reason': False, 'reason_detail': False})
        self._wake()

    def action_resume(self):
        """Go on after it stopped, when its cause is mended."""
        self._check_change()
        stopped = self.sudo().filtered(lambda dispatch: dispatch.state == 'failed')  # sudo: dispatch - as above
        for dispatch in stopped:
            if problem := dispatch._problem():
                raise UserError(problem)
        stopped.write({'state': 'running', 'note': False, 'ended_at': False})
        self._wake()

    def _check_change(self):
        self.check_access('read')
        if not all(dispatch.may_change for dispatch in self):
            raise AccessError(self.env._('Only who asked for it and WhatsApp administrators may change it.'))

    def action_open_messages(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_message_action')
        return {**action, 'domain': [('dispatch_id', '=', self.id)], 'context': {}}
