import logging
import math
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..cloud_api import checkup
from ..cloud_api.errors import ApiError
from .conflicts import CONFLICTS, again_on_conflict

_logger = logging.getLogger(__name__)

ADMIN = 'fluxforce_whatsapp.group_whatsapp_admin'
# A day, in minutes.
LONGEST_SILENCE = 24 * 60
# Webhooks are applied every minute; after so long nobody does it. (Our own choice.)
STUCK = timedelta(minutes=15)
# Where no earlier check is known, webhooks that came since this long prove that our address works. (Our own choice.)
LATELY = timedelta(minutes=10)
# What the error playbook does about a refusal after which nothing can be sent.
STOPPING = ('new_token', 'pause_account')


class FluxforceWhatsappWatchdog(models.AbstractModel):
    """The part of an account that looks whether Meta and we still reach each other, and whether reports come back."""

    _name = 'fluxforce.whatsapp.watchdog'
    _description = 'WhatsApp Account That Is Watched'

    silence_minutes = fields.Integer(
        'Alarm when no reports come for (min)', default=15,
        help='After Meta has accepted messages, WhatsApp reports within seconds that it has sent them.')
    silent_since = fields.Datetime('No Reports Since', readonly=True, copy=False, groups=ADMIN)
    gap_from = fields.Datetime('Last Gap From', readonly=True, copy=False, groups=ADMIN)
    gap_to = fields.Datetime('Last Gap To', readonly=True, copy=False, groups=ADMIN)
    gap_count = fields.Integer(
        'Without a Report', compute='_compute_gap_count', groups=ADMIN,
        help='Messages that Meta accepted in the gap and has not reported about so far; it repeats reports for days.')
    checked_at = fields.Datetime('Last Check', readonly=True, copy=False, groups=ADMIN)
    check_ok = fields.Boolean('In Order', readonly=True, copy=False, groups=ADMIN)
    check_put_off = fields.Boolean('Not Checked This Time', readonly=True, copy=False, groups=ADMIN,
                                   help='Meta was busy, and nothing wrong is known from before.')
    check_result = fields.Text('Result', readonly=True, copy=False, groups=ADMIN)
    app_id = fields.Char('Meta App ID', copy=False, groups=ADMIN,
                         help='Of our app, as the last check found it. Samples of templates are uploaded to it: enter '
                              'it if several apps are subscribed to the account and no check has told them apart.')

    webhook_last_at = fields.Datetime('Last Webhook', compute='_compute_webhooks', groups=ADMIN)
    webhook_hour_done = fields.Integer('Applied in an Hour', compute='_compute_webhooks', groups=ADMIN)
    webhook_hour_pending = fields.Integer('Waiting of an Hour', compute='_compute_webhooks', groups=ADMIN)
    webhook_hour_error = fields.Integer('Failed in an Hour', compute='_compute_webhooks', groups=ADMIN)
    webhook_day_done = fields.Integer('Applied in a Day', compute='_compute_webhooks', groups=ADMIN)
    webhook_day_pending = fields.Integer('Waiting of a Day', compute='_compute_webhooks', groups=ADMIN)
    webhook_day_error = fields.Integer('Failed in a Day', compute='_compute_webhooks', groups=ADMIN)
    webhook_error_count = fields.Integer('Need Attention', compute='_compute_webhooks', groups=ADMIN)
    webhook_waiting_count = fields.Integer('Waiting for Their Message', compute='_compute_webhooks', groups=ADMIN)

    def _compute_webhooks(self):
        events = self.env['fluxforce.whatsapp.event'].sudo()  # sudo: event - figures only, of accounts that may be read
        items = self.env['fluxforce.whatsapp.event.item'].sudo()  # sudo: item - as above
        now = fields.Datetime.now()
        hour = events._count_since(self, now - timedelta(hours=1))
        day = events._count_since(self, now - timedelta(days=1))
        last, errors, waiting = events._last_received(self), events._count_errors(self), items._count_waiting(self)
        for account in self:
            account.webhook_last_at = last.get(account.id, False)
            account.webhook_error_count = errors.get(account, 0)
            account.webhook_waiting_count = waiting.get(account, 0)
            for state in ('done', 'pending', 'error'):
                account[f'webhook_hour_{state}'] = hour.get((account, state), 0)
                account[f'webhook_day_{state}'] = day.get((account, state), 0)

    @api.depends('gap_from', 'gap_to')
    def _compute_gap_count(self):
        messages = self.env['fluxforce.whatsapp.message'].sudo()  # sudo: message - a figure, of every person
        for account in self:
            domain = account._unreported_domain() + [
                ('accepted_at', '>=', account.gap_from), ('accepted_at', '<=', account.gap_to)]
            account.gap_count = messages.search_count(domain) if account.gap_to else 0

    @api.constrains('silence_minutes')
    def _check_silence_minutes(self):
        if any(not 1 <= account.silence_minutes <= LONGEST_SILENCE for account in self):
            raise ValidationError(self.env._(
                'Alarm when no reports come for: enter 1 to %(most)s minutes.', most=LONGEST_SILENCE))

    # ------------------------------------------------------------
    # ROUND
    # ------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Look at all that is known here about every connected account, then ask Meta about one after the other.

        Meta may take longer to answer than a run has time: then the next run of the same round goes on with the rest.
        """
        if time.monotonic() >= self.env.context.get('cron_end_time', math.inf):
            # The scheduler calls again at once while something is left; others want their turn.
            self.env['ir.cron']._commit_progress(remaining=len(self._due_for_check()))
            return
        self._stop_copies()
        self._end_restrictions_guarded()
        for account in self.search([('state', '=', 'connected')]):
            account._guarded(again_on_conflict, self.env, account._in_readers_language()._watch_journal)
        due = self._due_for_check()
        for done, account in enumerate(due, 1):
            account._in_readers_language()._check_guarded()
            if self.env['ir.cron']._commit_progress(1, remaining=len(due) - done) <= 0:
                return

    @api.model
    def _due_for_check(self):
        """:return: the connected accounts about which Meta is still to be asked, longest not asked about first."""
        return self.search([
            ('state', '=', 'connected'), '|', ('checked_at', '=', False), ('checked_at', '<=', self._round_began()),
        ], order='checked_at NULLS FIRST, id')

    @api.model
    def _round_began(self):
        """:return: since when this round is due; the scheduler moves that on only when nothing is left of it. One that
            somebody asked for before its time goes on from the end of the last."""
        now = fields.Datetime.now()
        cron = self.env['ir.cron'].sudo().browse(self.env.context.get('cron_id'))  # sudo: ir.cron - two moments
        return next((moment for moment in (cron.nextcall, cron.lastcall) if moment and moment <= now), now)

    def _end_restrictions_guarded(self):
        numbers = self.env['fluxforce.whatsapp.number']
        try:
            again_on_conflict(self.env, numbers._end_restrictions)
        except CONFLICTS:
            self.env.cr.rollback()
            _logger.warning('Restrictions of WhatsApp numbers could not be ended beside other work')

    def _guarded(self, work, *args):
        """Do something for one account and commit it; its trouble is no other's.

        :param work: a function, with its arguments.
        :return: whether it was done.
        """
        try:
            work(*args)
            self.env['ir.cron']._commit_progress()
            return True
        except CONFLICTS:
            self.env.cr.rollback()
            _logger.warning('WhatsApp account %s could not be checked beside other work', self.id)
        except Exception:
            self.env.cr.rollback()
            _logger.exception('WhatsApp account %s could not be checked', self.id)
        return False

    def _check_guarded(self):
        if not self._guarded(self._check):
            self._guarded(again_on_conflict, self.env, self._note_unfinished)

    def _check(self):
        """Ask Meta about this account and keep what comes out."""
        plan, client = self._plan_check(), self._client()
        # No transaction stays open while others take their time to answer.
        self.env['ir.cron']._commit_progress()
        with client:
            findings = checkup.check(client, plan)
        again_on_conflict(self.env, lambda: self._heed_findings(findings))

    def _note_unfinished(self):
        """Who cannot be checked waits its turn like the others; else it would be first in every round."""
        self.write({
            'checked_at': fields.Datetime.now(), 'check_ok': False, 'check_put_off': False,
            'check_result': self.env._(
                'The check could not be finished. It is done again in the next round; if this stays, the server\'s '
                'log tells why.')})

    def action_check_now(self):
        """Check this account at once and say what comes out."""
        self.ensure_one()
        self.check_access('write')
        with self._client() as client:
            findings = checkup.check(client, self._plan_check())
        self._tell_problems(self._find_stuck())
        self._heed_findings(findings)
        is_good = self.check_ok and not findings.is_put_off
        return self._notify(self.check_result, reload=True, kind='success' if is_good else 'warning')

    def action_open_webhook_errors(self):
        """Show the webhooks of this account that need attention."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('fluxforce_whatsapp.fluxforce_whatsapp_event_action')
        return {**action, 'domain': [('account_id', '=', self.id)], 'context': {'search_default_error': 1}}

    def _plan_check(self):
        account_sudo = self.sudo()  # sudo: account - the check needs the webhook's secrets, it hands nothing on
        return checkup.Plan(self.waba_id, account_sudo.webhook_url, account_sudo.verify_token or '', self.app_id or '')

    # ------------------------------------------------------------
    # WHAT WAS FOUND
    # ------------------------------------------------------------

    def _watch_journal(self):
        """Tell what needs no answer of Meta's: whether webhooks are applied and whether reports come back."""
        self._tell_problems(self._find_stuck())
        self._heed_silence()

    def _heed_findings(self, findings):
        """Keep what a check found, tell about what is wrong and end what was told before.

        :param findings: :class:`cloud_api.checkup.Findings`.
        """
        error = findings.account_error
        if isinstance(error, ApiError) and error.info.action in STOPPING:
            self._stop(error)
        problems, stuck = self._find_problems(findings), self._find_stuck()
        self._tell_problems(problems)
        if not (problems or stuck or findings.is_put_off):
            self._end_problems()
        if findings.repaired:
            self.message_post(body=self.env._(
                'Meta had lost the subscription of this account\'s webhooks; it was made again.'))
        silence = self._heed_silence()
        self._keep_result([*problems, *stuck, *([silence] if silence else [])], findings)

    def _keep_result(self, words, findings):
        """:param list words: what is wrong."""
        # What was not asked stands as the last check found it.
        is_ok = not words and (self.check_ok or not findings.is_put_off)
        was_wrong = bool(self.env['fluxforce.whatsapp.alert']._open_one('watchdog', self))
        is_shown_put_off = findings.is_put_off and not words and not was_wrong
        if findings.is_put_off:
            words = [*words, *self._put_off_words(was_wrong)]
        self.write({
            'checked_at': fields.Datetime.now(), 'check_ok': is_ok, 'check_put_off': is_shown_put_off,
            'check_result': '\n'.join(words) or self.env._('Everything is in order.'),
            'app_id': findings.app_id or self.app_id})

    def _put_off_words(self, was_wrong):
        words = [self.env._(
            'Meta is busy or asks to come back later, so the connection with it could not be checked this time.')]
        if was_wrong:
            words.append(self.env._('What was wrong before has not been looked at again: see Alerts.'))
        return words

    def _tell_problems(self, problems):
        """Alert, unless the account has been stopped: that is told already, and connecting it again checks anew."""
        if problems and self.state == 'connected':
            self.env['fluxforce.whatsapp.alert']._raise_alert('watchdog', self, detail='\n'.join(problems))

    def _end_problems(self):
        if self.state == 'connected':
            self.env['fluxforce.whatsapp.alert']._close(
                'watchdog', self, note=self.env._('The last check found everything in order.'))

    def _find_problems(self, findings):
        """:return: what is wrong between Meta and us, each with its remedy, in the administrator's words."""
        problems = []
        if findings.account_error and not checkup.is_passing(findings.account_error):
            problems.append(self._explain(findings.account_error))
        if findings.subscription_error and not checkup.is_passing(findings.subscription_error):
            problems.append(self._explain_subscription(findings.subscription_error))
        if findings.subscription == checkup.ELSEWHERE:
            problems.append(self.env._(
                'Meta sends the webhooks of this account to another address, on the server %(host)s. If they are to '
                'come here, press Connect Again; the other address then gets none any more.',
                host=findings.other_host))
        if findings.handshake and not self._heard_lately():
            problems.append(self._handshake_words()[findings.handshake])
        return problems

    def _heard_lately(self):
        """:return: whether webhooks came since the last check: then Meta reaches us even if this server does not."""
        last = self.env['fluxforce.whatsapp.event'].sudo()._last_received(self).get(self.id)  # sudo: event - a moment
        return bool(last and last > (self.checked_at or fields.Datetime.now() - LATELY))

    def _handshake_words(self):
        base = self.get_base_url()
        return {
            checkup.UNREACHABLE: self.env._(
                'This Odoo does not answer at its own address %(base)s within some seconds. Check the system parameter '
                'web.base.url, the name server and the proxy; Meta must reach it from the internet.', base=base),
            checkup.CERTIFICATE: self.env._(
                'The certificate of %(base)s is not valid. Renew it; Meta takes none that is self-signed or expired.',
                base=base),
            checkup.REFUSED: self.env._(
                'Something refuses the webhook\'s address at %(base)s. If a proxy or firewall stands before Odoo, let '
                'the path of the webhook through; else press Connect Again.', base=base),
            checkup.NOT_OURS: self.env._(
                'Something else than this Odoo answers at %(base)s. Check the system parameter web.base.url and the '
                'proxy; with several databases on one server the proxy must choose this one.', base=base),
        }

    def _find_stuck(self):
        """:return: a list with what is to be said if webhooks come in but are not applied."""
        since = self.env['fluxforce.whatsapp.event'].sudo()._waiting_since(self)  # sudo: event - a moment
        if not since or since > fields.Datetime.now() - STUCK:
            return []
        return [self.env._(
            'Webhooks have waited since %(moment)s and are not applied. Look whether the scheduled action "WhatsApp: '
            'apply webhooks" is active and whether the server runs scheduled actions.',
            moment=self.env['fluxforce.whatsapp.wording']._moment(since, self))]

    # ------------------------------------------------------------
    # SILENCE AND GAPS
    # ------------------------------------------------------------

    def _heed_silence(self):
        """Raise the alarm when messages were accepted and no reports come; say what was missed when they do again.

        :return: what is to be said, '' while reports come.
        """
        if self._find_stuck():
            return ''  # reports may be among what is not applied
        last_report = self.env['fluxforce.whatsapp.event.item'].sudo()._last_status_at(self)  # sudo: item - a moment
        unreported = self._first_unreported(last_report)
        if self.silent_since and (not unreported or last_report and last_report > self.silent_since):
            self._end_silence(last_report)
        if not unreported:
            return ''
        words = self.env._(
            'Since %(moment)s Meta has accepted messages, and no report has come back.',
            moment=self.env['fluxforce.whatsapp.wording']._moment(self.silent_since or unreported, self))
        if not self.silent_since:
            self.silent_since = unreported
            self.env['fluxforce.whatsapp.alert']._raise_alert('silence', self, detail=words)
        return words

    def _first_unreported(self, last_report):
        """:return: when Meta accepted the first message about which it should have reported by now, maybe False."""
        late = fields.Datetime.now() - timedelta(minutes=self.silence_minutes)
        domain = self._unreported_domain() + [('accepted_at', '<=', late)]
        if last_report:
            domain += [('accepted_at', '>', last_report)]
        # sudo: message - of every person
        return self.env['fluxforce.whatsapp.message'].sudo().search(domain, order='accepted_at', limit=1).accepted_at

    def _unreported_domain(self):
        """:return: what was accepted and not reported about; Meta is silent about what it holds back itself."""
        return [('account_id', 'in', self.ids), ('state', '=', 'accepted'), ('held_by_meta', '=', False)]

    def _end_silence(self, last_report):
        begin = self.silent_since
        self.silent_since = False
        alert = self.env['fluxforce.whatsapp.alert']
        if last_report and last_report > begin:
            alert._close('silence', self, note=self.env._('Reports come again.'))
            self._tell_gap(begin)
        else:
            alert._close('silence', self, note=self.env._('No message waits for a report any more.'))

    def _tell_gap(self, begin):
        """Say honestly what is not known: from when to when, and about how many messages."""
        end = self.env['fluxforce.whatsapp.event.item'].sudo()._first_status_after(self, begin)  # sudo: item - a moment
        self.write({'gap_from': begin, 'gap_to': end})
        wording = self.env['fluxforce.whatsapp.wording']
        words = self.env._(
            'From %(begin)s to %(end)s no reports came. Messages that Meta accepted meanwhile and that had none yet: '
            '%(count)s. Meta repeats reports for some days; how many are missing by now stands on the account\'s page '
            'Webhooks.',
            begin=wording._moment(begin, self), end=wording._moment(end, self), count=self.gap_count)
        self.env['fluxforce.whatsapp.alert']._raise_alert('gap', self, detail=words)
        self.message_post(body=words)
