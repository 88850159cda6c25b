from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = {
    'account_stopped': 'The account does not send',
    'number_stopped': 'A number does not send',
    'template_stopped': 'A template is stopped',
    'unknown_error': 'An error that nobody knows',
    'burst_after_registration': 'Too many messages at once from a new number',
    'steady_fire': 'Messages in the rhythm of a machine',
    'quality': 'The quality rating has dropped',
    'budget': 'The limit of people in 24 hours is reached',
    'brake': 'The brake is on',
    'unknown_outcome': 'Messages with an unknown outcome wait for a decision',
    'webhook': 'Webhooks could not be applied',
    'template_quality': 'People dislike a template',
    'template_category': 'The category of a template changes',
    'name_rejected': 'The name of a number was rejected',
    'pin': 'Somebody touched the PIN of a number',
    'review': 'Meta rejected the account in its review',
    'violation': 'Meta reports a violation of its policy',
    'restriction': 'Meta restricts the account',
    'ban': 'Meta is going to disable the account',
    'meta_alert': 'Meta warns about the account',
    'meta_error': 'Meta reports an error',
    'two_contacts': 'One person has two contacts',
    'two_people': 'One number, two people on WhatsApp',
    'bought_list': 'Consents recorded like those of a bought list',
    'watchdog': 'The connection with Meta is not in order',
    'silence': 'Messages go out but no reports come back',
    'gap': 'Reports were missing for a while',
    'other': 'Something needs a look',
}
SEVERITIES = {'info': 'Information', 'warning': 'Warning', 'critical': 'Critical'}
# By kind, unless who raises it knows better. (Our own choice: critical is what stops sending or comes from people.)
SEVERITY_OF_KIND = {
    'account_stopped': 'critical',
    'number_stopped': 'critical',
    'violation': 'critical',
    'restriction': 'critical',
    'ban': 'critical',
    'silence': 'critical',
    'bought_list': 'critical',
    'gap': 'info',
    'budget': 'info',
    'other': 'info',
}
# Characters of all that was told about one alert; the newest comes first. (Our own choice.)
DETAIL_MAX = 2000
ACTIVITY_TYPE = 'mail.mail_activity_data_warning'


class FluxforceWhatsappAlert(models.Model):
    """A recorded warning that an action or a trend may cost the account, until somebody has dealt with it."""

    _name = 'fluxforce.whatsapp.alert'
    _description = 'WhatsApp Alert'
    _order = 'last_at desc, id desc'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    number_id = fields.Many2one('fluxforce.whatsapp.number', readonly=True, index='btree_not_null',
                                ondelete='cascade')
    template_id = fields.Many2one('fluxforce.whatsapp.template', readonly=True, index='btree_not_null',
                                  ondelete='cascade')
    kind = fields.Selection([*KINDS.items()], required=True, readonly=True)
    severity = fields.Selection([*SEVERITIES.items()], required=True, readonly=True)
    title = fields.Char(compute='_compute_title')
    detail = fields.Text('What Happened', readonly=True, help='The latest first.')
    advice = fields.Text('What It Means and What to Do', compute='_compute_advice')
    count = fields.Integer('Times', readonly=True, default=1, help='How often it happened since it was first seen.')
    first_at = fields.Datetime('First Seen', required=True, readonly=True, default=fields.Datetime.now)
    last_at = fields.Datetime('Last Seen', required=True, readonly=True, default=fields.Datetime.now)
    state = fields.Selection([('open', 'Open'), ('done', 'Done')], required=True, readonly=True, default='open',
                             index=True)
    done_by = fields.Many2one('res.users', readonly=True, ondelete='set null', help='Nobody if it ended by itself.')
    done_note = fields.Text('How It Was Dealt With', readonly=True)
    done_at = fields.Datetime('Done On', readonly=True)
    activity_id = fields.Many2one('mail.activity', readonly=True, index='btree_not_null', ondelete='set null')

    _open_unique = models.UniqueIndex(
        "(kind, account_id, COALESCE(number_id, 0), COALESCE(template_id, 0)) WHERE state = 'open'",
        'There is an open alert about this already.')

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_title(self):
        labels = dict(self._fields['kind']._description_selection(self.env))
        for alert in self:
            alert.title = labels.get(alert.kind, '')

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_advice(self):
        advice = (self._advice_on_stops() | self._advice_on_trends() | self._advice_on_decisions()
                  | self._advice_on_connection() | self._advice_on_people())
        for alert in self:
            alert.advice = advice.get(alert.kind)

    def _advice_on_stops(self):
        """:return: by kind, what it means, what it may cost and what to do, where something does not go."""
        return {
            'account_stopped': self.env._(
                'Meta refuses everything from this account, so nothing is sent; what waits in the outbox is kept. '
                'The longer it lasts, the more messages come too late. Mend the cause told above, then press '
                'Connect on the account: the outbox goes on where it stopped.'),
            'number_stopped': self.env._(
                'Meta refuses everything from this number, so it sends nothing; what waits for it is kept. Put the '
                'number right in WhatsApp Manager, then connect the account again.'),
            'template_stopped': self.env._(
                'Meta has paused or disabled the template, mostly because people blocked or reported it. The third '
                'time it is disabled for good, and the number\'s quality suffers with it. Stop what uses it, improve '
                'its text or choose people who asked for it.'),
            'unknown_error': self.env._(
                'Meta answered with an error code that this addon does not know, so the messages failed and were '
                'not sent again. Look the code up in Meta\'s documentation and add it to the error playbook, so that '
                'the outbox knows what to do the next time.'),
            'budget': self.env._(
                'Meta limits how many people you may write to first within 24 hours. The remaining messages wait '
                'and go out as room returns; answers to people who wrote to you are not affected. The limit grows '
                'by itself while the quality is high.'),
            'brake': self.env._(
                'Sending was slowed down or stopped because of what happened before. Going on as before may cost '
                'the number. Look at the reason on the number, change what led to it, then release the brake there.'),
            'two_contacts': self.env._(
                'A person has written with the number hidden, or from a new number or id before WhatsApp told of the '
                'change, so there are two contacts. Nothing is lost; their conversation stands in both. If they are '
                'the same person, select both in Contacts and merge them.'),
            'unknown_outcome': self.env._(
                'No clear answer of Meta\'s has come, and WhatsApp has not reported these messages since. Open '
                'the outbox, filter To Decide, and say for each whether it went out or is to be sent again.'),
            'webhook': self.env._(
                'Meta reported something that this addon could not apply, so a status, an answer or a change may be '
                'missing; everything else goes on. Open Configuration > Webhook Journal, filter Needs Attention and '
                'read the reason. When it is mended (an update, the account connected again), press Apply Again; what '
                'does not matter can be set aside.'),
            'other': self.env._(
                'Read the details and decide whether something must be done.'),
        }

    def _advice_on_trends(self):
        """:return: the same for what will stop something if it goes on."""
        return {
            'burst_after_registration': self.env._(
                'Somebody tried to send many messages at once from a number that is still new. WhatsApp takes this '
                'for abuse and may block the number for good. The messages go out at the pace of the warm-up '
                'instead: leave it at that and begin with the people who know you.'),
            'steady_fire': self.env._(
                'Messages were to go out second by second, as only a machine sends. From a young number WhatsApp '
                'takes this for abuse and may block it for good. The messages go out more slowly instead: send '
                'fewer, to people who expect them.'),
            'quality': self.env._(
                'WhatsApp rates the number lower because people blocked, reported or muted it in the last seven '
                'days. It may be restricted or blocked if this goes on. Stop marketing for some days, then write '
                'only to people who asked for it and about what they asked for.'),
        }

    def _advice_on_decisions(self):
        """:return: the same for what Meta, or somebody at Meta's doors, has decided."""
        return {**self._advice_on_templates_and_numbers(), **self._advice_on_accounts()}

    def _advice_on_templates_and_numbers(self):
        return {
            'template_quality': self.env._(
                'People blocked, reported or ignored messages of this template. If it goes on Meta pauses it, for '
                'three hours, then for six, then it is disabled for good, and the number\'s quality suffers with it. '
                'Send it only to people who expect it, or improve its text.'),
            'template_category': self.env._(
                'The category decides which consent a message needs and what it costs: as marketing it goes only to '
                'people who agreed to marketing. Repeated misuse of a category may cost the right to send service '
                'updates. Change the text if it is no marketing, or ask Meta for a review within 60 days.'),
            'name_rejected': self.env._(
                'Without an approved name people see the bare number, and a new number cannot send. Ask for another '
                'name in WhatsApp Manager: the one by which the business is known, as on its website.'),
            'pin': self.env._(
                'With the PIN somebody can move the number to another account. If nobody of yours did this, set a new '
                'PIN in WhatsApp Manager at once and look who has access to the business in Meta Business Suite.'),
        }

    def _advice_on_accounts(self):
        return {
            'review': self.env._(
                'An account that was not approved cannot send templates. Read the reason in Business Support Home, put '
                'it right and ask for another review there.'),
            'violation': self.env._(
                'Meta counts violations: after a warning follow days without templates, then days without any '
                'messages, in the end the account is lost for good. Stop what led to it now, read the details in '
                'Business Support Home and appeal there if it is not true.'),
            'restriction': self.env._(
                'Meta forbids some ways to send for a time, because of violations or complaints; the next time it '
                'takes longer. What it forbids waits here and goes on by itself when it is over. Use the time to '
                'change what led to it; you may appeal in Business Support Home.'),
            'ban': self.env._(
                'After that day nothing can be sent any more and the number may be lost. Read the reason in Business '
                'Support Home and appeal there at once. Stop marketing until it is settled.'),
            'meta_alert': self.env._(
                'Read what Meta says above and do it in WhatsApp Manager; close this when it is done.'),
            'meta_error': self.env._(
                'It is about the account or a number, not about a single message. Do what is said above; if it stays, '
                'ask Meta\'s support.'),
        }

    def _advice_on_connection(self):
        """:return: the same for what the watchdog finds."""
        return {
            'watchdog': self.env._(
                'Without a working connection nothing goes out, or nobody learns what became of it, who answered and '
                'who wants no more messages. Do what is said above, then press Check Now on the account; this closes '
                'by itself when all is well.'),
            'silence': self.env._(
                'Meta took messages, but does not report what became of them: stops, answers and failures are not '
                'seen either, and going on blindly may cost the account. Press Check Now on the account and do what it '
                'says. Look whether the server can be reached from the internet and whether Meta\'s status page '
                'reports trouble. This closes by itself when reports come again.'),
            'gap': self.env._(
                'Meta repeats reports for some days, so most come late. What is still without a report then stays '
                'Accepted: whether it arrived is not known. Nothing has to be done.'),
        }

    def _advice_on_people(self):
        """:return: the same for who is written to."""
        return {
            'two_people': self.env._(
                'WhatsApp has two people where there is one number, so both stay and nothing is mixed up. Open '
                'People > People on WhatsApp, look at both and what they wrote; if a message stands with the wrong '
                'contact, press Another Contact there.'),
            'bought_list': self.env._(
                'People who never asked for messages block and report the sender, and that is a main cause of bans: '
                'WhatsApp lowers the quality, then the limit, then takes the number for good. Nobody can buy a '
                'consent. Before anything is sent to these people, make sure that each of them agreed, where and in '
                'which words; if you cannot, record the withdrawal.'),
        }

    @api.depends('title', 'number_id', 'template_id', 'account_id')
    @api.depends_context('lang')
    def _compute_display_name(self):
        for alert in self:
            subject = alert.template_id or alert.number_id or alert.account_id
            alert.display_name = f'{alert.title} ({subject.display_name})'

    # ------------------------------------------------------------
    # RAISE
    # ------------------------------------------------------------

    @api.model
    def _raise_alert(self, kind, account, number=None, template=None, detail='', severity=None, times=1):
        """Warn people, once for as long as the alert is open; after that only count.

        Call once per batch. Two transactions that raise the same alert at once conflict and the later one must begin
        anew, see ``again_on_conflict``.

        :param str kind: of ``KINDS``.
        :param account: the account it is about.
        :param number: the number it is about, if it is about one.
        :param template: the template it is about, if it is about one.
        :param str detail: what happened, in words of the moment.
        :param str severity: of ``SEVERITIES``; None for the usual one of the kind.
        :param int times: how often it happened.
        :return: the alert, as sudo.
        """
        severity = severity or SEVERITY_OF_KIND.get(kind, 'warning')
        alert, is_new = self.sudo()._count(kind, account, number, template, detail, severity, times)
        if is_new or alert._rise_to(severity):
            alert._announce()
        return alert

    def _count(self, kind, account, number, template, detail, severity, times):
        """:return: the open alert, which has counted this, and whether it is a new one."""
        self.flush_model()
        self.env.cr.execute("""
            INSERT INTO fluxforce_whatsapp_alert AS alert (
                        kind, account_id, company_id, number_id, template_id, severity, detail, count, state,
                        first_at, last_at, create_uid, create_date, write_uid, write_date)
                 VALUES (%(kind)s, %(account)s, %(company)s, %(number)s, %(template)s, %(severity)s, %(detail)s,
                         %(times)s, 'open', %(now)s, %(now)s, %(uid)s, %(now)s, %(uid)s, %(now)s)
            ON CONFLICT (kind, account_id, COALESCE(number_id, 0), COALESCE(template_id, 0)) WHERE state = 'open'
              DO UPDATE
                    SET count = alert.count + EXCLUDED.count, last_at = EXCLUDED.last_at,
                        write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date,
                        -- The newest first; what was told already is not told again.
                        detail = CASE WHEN position(COALESCE(EXCLUDED.detail, '') IN COALESCE(alert.detail, '')) > 0
                                      THEN alert.detail
                                      ELSE left(concat_ws(E'\\n', EXCLUDED.detail, alert.detail), %(detail_max)s) END
              RETURNING id, xmax = 0
        """, {
            'kind': kind, 'account': account.id, 'company': account.sudo().company_id.id,  # sudo: account - its company
            'number': number.id if number else None, 'template': template.id if template else None,
            'severity': severity, 'detail': (detail or '')[:DETAIL_MAX] or None, 'detail_max': DETAIL_MAX,
            'times': times, 'now': fields.Datetime.now(), 'uid': self.env.uid,
        }, log_exceptions=False)  # meeting another worker here is nothing to report
        alert_id, is_new = self.env.cr.fetchone()
        alert = self.browse(alert_id)
        alert.invalidate_recordset()
        return alert, is_new

    def _rise_to(self, severity):
        """:return: whether it has become worse."""
        ranks = list(SEVERITIES)
        if ranks.index(severity) <= ranks.index(self.severity):
            return False
        self.severity = severity
        return True

    def _announce(self):
        """Tell people: a note in the account's chatter and one activity for who is responsible."""
        if self.severity == 'info':
            return
        user = self.account_id._responsible()
        self = self.with_context(lang=user.lang or self.account_id.company_id.partner_id.lang)
        self.account_id.message_post(subject=self.display_name, body=self._render())
        if user and not self.activity_id:
            self.activity_id = self.account_id.activity_schedule(
                ACTIVITY_TYPE, user_id=user.id, summary=self.display_name, note=self._render()) or False

    def _render(self):
        """:return: what it is about, as Markup."""
        parts = [self.display_name, self.detail, self.advice]
        return Markup('').join(Markup('<p>%s</p>') % part for part in parts if part)

    # ------------------------------------------------------------
    # END
    # ------------------------------------------------------------

    @api.model
    def _close(self, kind, account, number=None, note='', template=None):
        """End the open alert of a kind because its cause is gone; without one nothing happens.

        :param str kind: of ``KINDS``.
        :param account: as it was raised; so are ``number`` and ``template``.
        :param str note: why it ended, kept.
        :return: the alert, as sudo, maybe empty.
        """
        alert = self._open_one(kind, account, number, template)
        alert._mark_done(note or self.env._('The cause is gone.'))
        return alert

    def _open_one(self, kind, account, number=None, template=None):
        """:return: the open alert that was raised about just these, as sudo, maybe empty."""
        return self.sudo().search([
            ('state', '=', 'open'), ('kind', '=', kind), ('account_id', '=', account.id),
            ('number_id', '=', number.id if number else False),
            ('template_id', '=', template.id if template else False)])

    def action_done(self):
        """Ask how it was dealt with."""
        if any(alert.state == 'done' for alert in self):
            raise UserError(self.env._('Choose only alerts that are still open.'))
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Done'),
            'res_model': 'fluxforce.whatsapp.alert.done',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_alert_ids': [fields.Command.set(self.ids)]},
        }

    def _mark_done(self, note, user=None):
        """:param str note: how it ended, kept. :param user: who dealt with it, None if it ended by itself."""
        alerts = self.filtered(lambda alert: alert.state == 'open')
        alerts.write({'state': 'done', 'done_note': note, 'done_by': user.id if user else False,
                      'done_at': fields.Datetime.now()})
        for activity in alerts.activity_id.filtered('active'):
            activity.action_feedback(feedback=note)
