import logging
import math
import time
from datetime import timedelta
from itertools import accumulate, takewhile

from psycopg2.errors import LockNotAvailable

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..cloud_api import const as meta
from ..cloud_api.webhooks import STATUS, MalformedWebhook, parse
from .conflicts import CONFLICTS, again_on_conflict
from .failures import log_failure

_logger = logging.getLogger(__name__)

# Webhook bodies begun together, together at most so many bytes: one may hold a thousand items in three megabytes.
BATCH = 200
BATCH_BYTES = 1_000_000
# Statuses applied in one transaction, and how many of them anything else counts for: a message is posted on its own.
CHUNK = 500
WEIGHT = 5
# What needs attention keeps its content at least so long. (Our own choice.)
PARKED_FOR = timedelta(days=90)
VACUUM_BATCH = 5000
# Who has been woken for a body that came so lately, and has not begun it yet, looks for more after it. Waking takes a
# connection of its own, as much as everything else about a webhook. (Our own choice.)
JUST_WOKEN = timedelta(seconds=2)
# Held, shared, by each transaction that stores a body, until it ends. (Our own choice, as good as any.)
STORING_LOCK = 0x57415745
# Waited so long for them, while others that are to be stored wait as well; whoever is slower than that is looked for by
# the next run. (Our own choice.)
STORING_TIMEOUT = timedelta(milliseconds=100)
# Counted up to here: how many there are does not matter beyond.
COUNTED = 10_000
# How often a body may be begun without getting on.
MAX_ATTEMPTS = 5


class FluxforceWhatsappEvent(models.Model):
    """The journal: webhook bodies as they came, kept and replayable."""

    _name = 'fluxforce.whatsapp.event'
    _description = 'WhatsApp Webhook'
    _order = 'id desc'
    _rec_name = 'received_at'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, ondelete='cascade')
    # Not stored: looking it up and checking its key took a good part of what storing a webhook takes.
    company_id = fields.Many2one(related='account_id.company_id')
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    body = fields.Text(required=True, readonly=True)
    size = fields.Integer('Size (bytes)', readonly=True)
    state = fields.Selection([('pending', 'Waiting'), ('done', 'Applied'), ('error', 'Needs attention')],
                             required=True, readonly=True, default='pending')
    attempts = fields.Integer(readonly=True, help='How often it was begun since it last got on.')
    error = fields.Text(readonly=True)
    replayed_at = fields.Datetime('Applied Again On', readonly=True, help='When somebody last had it applied again.')
    item_ids = fields.One2many('fluxforce.whatsapp.event.item', 'event_id', 'Content')
    fields_told = fields.Char('Fields', compute='_compute_content', help='What it is about, by its name at Meta.')
    has_kept = fields.Boolean(compute='_compute_content')

    _pending_idx = models.Index("(id) WHERE state = 'pending'")
    _parked_idx = models.Index("(account_id, write_date) WHERE state = 'error'")
    _received_idx = models.Index('(account_id, received_at)')
    _emptied_idx = models.Index("(received_at) WHERE body = ''")

    @api.depends('item_ids.field', 'item_ids.state')
    def _compute_content(self):
        told = dict(self.env['fluxforce.whatsapp.event.item']._read_group(
            [('event_id', 'in', self.ids)], ['event_id'], ['field:array_agg_distinct']))
        kept = self.env['fluxforce.whatsapp.event.item'].search(
            [('event_id', 'in', self.ids), ('state', '=', 'ignored')]).event_id
        for event in self:
            event.fields_told = ', '.join(sorted(filter(None, told.get(event, ()))))
            event.has_kept = event in kept

    @api.model
    def _store(self, account_id, raw):
        """Keep a body whose signature was good and have it applied soon.

        :param bytes raw: as received.
        :raise ForeignKeyViolation: if the account has been deleted meanwhile
        """
        # A NUL is valid in JSON as an escape only; PostgreSQL would refuse the byte itself.
        body = raw.decode('utf-8', errors='replace').replace('\x00', '')
        # Written by hand: where it fails the body must not be logged.
        self.env.cr.execute("""
            INSERT INTO fluxforce_whatsapp_event (account_id, received_at, body, size, state, attempts)
            SELECT %s, now() AT TIME ZONE 'UTC', %s, %s, 'pending', 0 FROM pg_advisory_xact_lock_shared(%s)
            RETURNING id, (
                SELECT attempts = 0 AND received_at > now() AT TIME ZONE 'UTC' - %s FROM fluxforce_whatsapp_event
                 WHERE state = 'pending' ORDER BY id DESC LIMIT 1)
        """, [account_id, body, len(raw), STORING_LOCK, JUST_WOKEN], log_exceptions=False)
        event_id, is_awaited = self.env.cr.fetchone()
        if not is_awaited:
            self._wake()
        return self.browse(event_id)

    @api.model
    def _wake(self):
        self.env.ref('fluxforce_whatsapp.ir_cron_process_events').sudo()._trigger()  # sudo: ir.cron - only wakes it

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    @api.model
    def _cron_process(self):
        """Apply what waits, in the order in which it came; what is done is committed step by step."""
        if time.monotonic() >= self.env.context.get('cron_end_time', math.inf):
            # The scheduler calls ten times in a row while something is left; others want their turn.
            self._wake()
            self.env['ir.cron']._commit_progress(remaining=self._count_pending())
            return
        try:
            self._apply_all()
        except CONFLICTS:
            # What waits stays where it is, and the next run begins with it. It is asked for here: where the conflict
            # came at the very start, nobody has told yet that anything remains.
            self.env.cr.rollback()
            _logger.warning('WhatsApp webhooks met other transactions too often, trying again later')
            self.env['ir.cron']._commit_progress(remaining=self._count_pending())
        again_on_conflict(self.env, self._tell_parked)

    def _apply_all(self):
        self._park_hopeless()
        while events := self._begin_next() or self._begin_late():
            if not events._process():
                return
        self._apply_waiting()

    def _apply_waiting(self):
        """Try again what came before its message was known, oldest first."""
        items = self.env['fluxforce.whatsapp.event.item'].search([('state', '=', 'waiting')], order='id')
        for chunk in split_every(CHUNK, items.ids, items.browse):
            if self._step(chunk._apply_waiting) <= 0:
                return

    def _park_hopeless(self):
        """What was begun again and again and never ended (it may kill its worker) must not stop the others."""
        hopeless = self.search([('state', '=', 'pending'), ('attempts', '>=', MAX_ATTEMPTS)])
        for account, events in hopeless.grouped('account_id').items():
            events.write({'state': 'error', 'error': account._in_readers_language().env._(
                'It was begun %(count)s times and never finished. The server\'s log may tell why; then apply it again.',
                count=MAX_ATTEMPTS)})
        if hopeless:
            self.env['ir.cron']._commit_progress(remaining=self._count_pending())

    def _begin_next(self):
        """Take what comes next and commit the attempt, before anything can go wrong.

        Bodies that are new go together. One that did not finish goes alone, so that it drags nobody along.

        :return: the bodies, none if nothing waits or another worker has it.
        """
        events = (self._next_fresh() or self._next_pending(1)).try_lock_for_update()
        for attempts, group in events.grouped('attempts').items():
            group.attempts = attempts + 1
        self.env['ir.cron']._commit_progress(remaining=self._count_pending())
        return events

    def _begin_late(self):
        """Take what was being stored while the last bodies were applied: who stored it woke nobody, counting on being
        seen.

        :return: as :meth:`_begin_next`.
        """
        try:
            with self.env.cr.savepoint(flush=False):
                self._await_stores()
        except LockNotAvailable:
            self._wake()
        self.env['ir.cron']._commit_progress(remaining=self._count_pending())  # the next look sees what is there now
        return self._begin_next()

    def _await_stores(self):
        """Wait until every transaction that is storing a body has ended. One that begins meanwhile waits as long.

        :raise LockNotAvailable: if one takes longer than ``STORING_TIMEOUT``
        """
        self.env.cr.execute(
            "SELECT set_config('lock_timeout', %s, true), pg_advisory_lock(%s), pg_advisory_unlock(%s)",
            [f'{STORING_TIMEOUT // timedelta(milliseconds=1)}ms', STORING_LOCK, STORING_LOCK], log_exceptions=False)

    def _next_pending(self, limit):
        return self.search_fetch([('state', '=', 'pending')], ['attempts', 'size', 'account_id', 'received_at'],
                                 order='id', limit=limit)

    def _next_fresh(self):
        """:return: the next bodies that are new, few if they are large."""
        fresh = list(takewhile(lambda event: not event.attempts, self._next_pending(BATCH)))
        sizes = accumulate(event.size for event in fresh)
        small = [event for event, size in zip(fresh, sizes, strict=True) if size <= BATCH_BYTES]
        return self.concat(*(small or fresh[:1]))

    def _count_pending(self):
        return self.search_count([('state', '=', 'pending')], limit=COUNTED)

    def _process(self):
        """Take the bodies apart and apply their items; a bad body or item parks and stops nobody.

        :return: whether there is time for more.
        """
        left = self._step(self._unpack)
        items = self.env['fluxforce.whatsapp.event.item'].search_fetch(
            [('event_id', 'in', self.ids), ('state', '=', 'pending')], ['kind'], order='id')
        for chunk in self._chunks(items):
            # At least one, however late it is: a body that is begun must get on.
            left = self._step(self._apply, chunk)
            if left <= 0:
                break
        return left > 0

    def _chunks(self, items):
        """:return: the items' ids, as many together as may be applied in one transaction."""
        chunks, room = [], 0
        for item in items:
            if room <= 0:
                chunks.append([])
                room = CHUNK
            chunks[-1].append(item.id)
            room -= 1 if item.kind == STATUS else WEIGHT
        return chunks

    def _step(self, work, *args):
        """Do a part of the work and commit it; begin it anew where it met another transaction.

        :param work: a method that returns how many items it has applied.
        :return: the seconds left.
        """
        def work_and_commit():
            done = work(*args)
            return self.env['ir.cron']._commit_progress(done, remaining=self._count_pending())

        return again_on_conflict(self.env, work_and_commit)

    def _unpack(self):
        """Keep the items of these bodies that were not known yet; all at once, one by one if that fails."""
        try:
            with self.env.cr.savepoint():
                self._insert_items()
        except CONFLICTS:
            raise  # with the whole step
        except Exception:
            for event in self:
                event._unpack_one()
        self._close()
        return 0

    def _unpack_one(self):
        try:
            with self.env.cr.savepoint():
                self._insert_items()
        except MalformedWebhook as error:
            _logger.warning('WhatsApp webhook %s cannot be taken apart: %s', self.id, error)
            self.write({'state': 'error', 'error': self.account_id._in_readers_language().env._(
                'This does not have the form of a WhatsApp webhook.')})
        except CONFLICTS:
            raise  # with the whole step
        except Exception as error:
            reason = log_failure(f'WhatsApp webhook {self.id} cannot be taken apart', error)
            self.write({'state': 'error', 'error': reason})

    def _insert_items(self):
        self.env['fluxforce.whatsapp.event.item']._insert(
            [(event, item) for event in self for item in parse(event.body.encode())])

    def _apply(self, item_ids):
        self.env['fluxforce.whatsapp.reducer']._lock_tracked(item_ids)
        # Another worker may have been here between two tries.
        items = self.env['fluxforce.whatsapp.event.item'].browse(item_ids)
        pending = items.filtered(lambda item: item.state == 'pending')
        for account, group in pending.grouped('account_id').items():
            group._apply(account)
        self._close()
        self.filtered(lambda event: event.state == 'pending').attempts = 0  # it got on
        return len(items)

    def _close(self):
        """End the bodies of which nothing is left to apply."""
        left = self.env['fluxforce.whatsapp.event.item'].search_fetch(
            [('event_id', 'in', self.ids), ('state', 'in', ('pending', 'error'))], ['event_id', 'state', 'error'])
        by_event = left.grouped('event_id')
        for event in self.filtered(lambda event: event.state == 'pending'):
            items = by_event.get(event, left.browse())
            if 'pending' not in items.mapped('state'):
                event.write({'state': 'error' if items else 'done', 'error': items[:1].error})

    # ------------------------------------------------------------
    # WHAT NEEDS ATTENTION
    # ------------------------------------------------------------

    def _tell_parked(self):
        """Warn about what could not be applied, once; the warning ends by itself when nothing of it is left."""
        parked = dict(self._read_group([('state', '=', 'error')], ['account_id'], ['write_date:max']))
        alert = self.env['fluxforce.whatsapp.alert'].sudo()  # sudo: alert - raised and ended by whoever notices
        told = alert.search([('kind', '=', 'webhook'), ('account_id', 'in', [account.id for account in parked])])
        for account, last in parked.items():
            # Somebody who has closed a warning is not told of the same once more.
            ends = [one.done_at for one in told if one.account_id == account]
            if all(end and end < last for end in ends):
                alert._raise_alert('webhook', account)
        warned = alert.search([('kind', '=', 'webhook'), ('state', '=', 'open')]).account_id
        for account in warned.filtered(lambda account: account not in parked):
            alert._close('webhook', account, note=account._in_readers_language().env._('Nothing is left to apply.'))

    def action_replay(self):
        """Apply again what could not be applied, or was only kept, for example after a correction or an update."""
        self.check_access('read')
        events = self.sudo()  # sudo: event - the journal is changed by replaying only
        again = events.item_ids.filtered(lambda item: item.state in ('error', 'ignored') and item.content)
        unread = events.filtered(lambda event: event.body and (event.state == 'error' or not event.item_ids))
        if not again and not unread:
            raise UserError(self.env._(
                'There is nothing to apply again: everything was applied, or its content has been deleted.'))
        again.write({'state': 'pending', 'error': False})
        (again.event_id | unread).write({
            'state': 'pending', 'error': False, 'attempts': 0, 'replayed_at': fields.Datetime.now()})
        self._wake()

    def action_set_aside(self):
        """Leave as it is what could not be applied; it stays in the journal."""
        self.check_access('read')
        parked = self.sudo().filtered(lambda event: event.state == 'error')  # sudo: event - as above
        if not parked:
            raise UserError(self.env._('Only webhooks that need attention can be set aside.'))
        parked.item_ids.filtered(lambda item: item.state in ('error', 'pending')).write({'state': 'ignored'})
        parked.write({'state': 'done'})
        self.sudo()._tell_parked()  # sudo: event - of every company, or the warnings of the others would end

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_webhooks(self):
        """Delete what people wrote after the time set on the account; what tells a duplicate stays a little longer.

        :return: how many bodies were dealt with, and whether there may be more
        """
        accounts = self.env['fluxforce.whatsapp.account'].with_context(active_test=False).search(
            [('webhook_keep_days', '>', 0)])
        done = [self._empty_old(account, state) for account in accounts for state in ('done', 'error')]
        self.env.cr.execute("""
            DELETE FROM fluxforce_whatsapp_event WHERE id IN (
                SELECT id FROM fluxforce_whatsapp_event
                 WHERE body = '' AND received_at < now() AT TIME ZONE 'UTC' - %s LIMIT %s)
        """, [timedelta(days=meta.DEDUPE_DAYS), VACUUM_BATCH])
        done.append(self.env.cr.rowcount)
        self.env.invalidate_all()
        return sum(done), int(VACUUM_BATCH in done)

    def _empty_old(self, account, state):
        """:return: how many bodies in this state lost their content; what needs attention keeps it longer."""
        keep = timedelta(days=account.webhook_keep_days)
        self.env.flush_all()
        self.env.cr.execute("""
            WITH old AS (
                SELECT id FROM fluxforce_whatsapp_event
                 WHERE account_id = %s AND state = %s AND body != ''
                   AND received_at < now() AT TIME ZONE 'UTC' - %s LIMIT %s
            ), emptied AS (
                UPDATE fluxforce_whatsapp_event_item item
                   SET content = NULL, target = NULL,
                       state = CASE WHEN state IN ('pending', 'waiting') THEN 'ignored' ELSE state END
                  FROM old WHERE item.event_id = old.id
            )
            UPDATE fluxforce_whatsapp_event event SET body = '' FROM old WHERE event.id = old.id
        """, [account.id, state, keep if state == 'done' else max(keep, PARKED_FOR), VACUUM_BATCH])
        return self.env.cr.rowcount
