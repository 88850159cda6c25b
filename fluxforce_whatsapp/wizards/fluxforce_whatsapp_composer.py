import ast
from collections import Counter

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..policy.gate import Action

MAX_ID = 2 ** 31 - 1  # of PostgreSQL's integer


class FluxforceWhatsappComposer(models.TransientModel):
    """Send a template about one or many records, knowing before what the gate will say."""

    _name = 'fluxforce.whatsapp.composer'
    _description = 'Send WhatsApp'

    res_model = fields.Char('Document Model', required=True)
    res_ids = fields.Text('Documents', required=True)
    record_count = fields.Integer(compute='_compute_record_count')
    recipient = fields.Char('To', compute='_compute_recipient')
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', compute='_compute_number_id', store=True,
                                readonly=False, help='Empty for the number each person knows.')
    account_id = fields.Many2one('fluxforce.whatsapp.account', compute='_compute_account_id')
    template_id = fields.Many2one('fluxforce.whatsapp.template', 'Template', compute='_compute_template_id',
                                  store=True, readonly=False)
    value_ids = fields.One2many('fluxforce.whatsapp.composer.value', 'composer_id', 'Texts to Fill In',
                                compute='_compute_value_ids', store=True, readonly=False)
    preview = fields.Html(compute='_compute_verdict', sanitize=False)
    verdict = fields.Html(compute='_compute_verdict', sanitize=False)
    warnings = fields.Html(compute='_compute_verdict', sanitize=False)
    sendable_count = fields.Integer(compute='_compute_verdict')
    is_critical = fields.Boolean(compute='_compute_verdict', help='It may cost the account.')
    may_override = fields.Boolean(compute='_compute_may_override')
    override_reason = fields.Char('Reason', help='Why it is sent although it may cost the account. It is kept.')
    group_ids = fields.One2many('fluxforce.whatsapp.composer.group', 'composer_id', 'Who Gets It',
                                compute='_compute_group_ids', store=True, readonly=False)
    purpose = fields.Char(compute='_compute_purpose')
    sent = fields.Boolean(readonly=True)

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        result = super().default_get(fields)
        context = self.env.context
        if 'res_model' in fields and not result.get('res_model'):
            result['res_model'] = context.get('active_model') or 'res.partner'
        if 'res_ids' in fields and not result.get('res_ids'):
            active_ids = context.get('active_ids') or ([context['active_id']] if context.get('active_id') else [])
            result['res_ids'] = repr(active_ids)
        return result

    def _records(self):
        """:return: the documents, with the sender's own rights."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return self.env['res.partner']
        return self.env[self.res_model].browse(self._read_ids()).exists()

    def _read_ids(self):
        """:return: the ids of the documents, each once."""
        try:
            ids = ast.literal_eval(self.res_ids or '[]')
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            ids = None
        if not isinstance(ids, (list, tuple)) or not all(type(id_) is int and 0 < id_ <= MAX_ID for id_ in ids):
            raise UserError(self.env._('The list of documents cannot be read. Close this window and choose again.'))
        return list(dict.fromkeys(ids))

    @api.depends('res_model', 'res_ids')
    def _compute_record_count(self):
        for composer in self:
            composer.record_count = len(composer._records())

    @api.depends('res_model', 'res_ids')
    def _compute_recipient(self):
        for composer in self:
            records = composer._records()
            if len(records) == 1:
                recipient = records._whatsapp_recipients()[records.id]
                name = recipient.partner.display_name or records.display_name
                composer.recipient = f'{name} · {recipient.phone or recipient.number or self.env._("no number")}'
            else:
                composer.recipient = self.env._('%(count)s records', count=len(records))

    def _numbers(self):
        """:return: the numbers to choose from: those that are able to send, if there are any."""
        numbers = self.env['fluxforce.whatsapp.number'].search([('company_id', 'in', self.env.companies.ids)])
        return numbers.filtered('able_to_send') or numbers

    @api.depends('res_model')
    def _compute_number_id(self):
        numbers = self._numbers()
        for composer in self:
            composer.number_id = composer.number_id or (numbers if len(numbers) == 1 else False)

    @api.depends('number_id')
    def _compute_account_id(self):
        accounts = self._numbers().account_id
        for composer in self:
            composer.account_id = composer.number_id.account_id or (accounts if len(accounts) == 1 else False)

    @api.depends('number_id')
    def _compute_template_id(self):
        for composer in self:
            if composer.number_id and composer.template_id.account_id != composer.number_id.account_id:
                composer.template_id = False

    @api.depends('template_id')
    def _compute_value_ids(self):
        for composer in self:
            free = composer.template_id.variable_ids.filtered(lambda variable: variable.source == 'free')
            composer.value_ids = [fields.Command.clear()] + [
                fields.Command.create({'variable_id': variable.id}) for variable in free]

    @api.depends('template_id')
    @api.depends_context('lang')
    def _compute_purpose(self):
        category = self.env['fluxforce.whatsapp.template']._fields['category']
        labels = dict(category._description_selection(self.env))
        for composer in self:
            composer.purpose = labels.get(composer.template_id.category, '')

    @api.depends('res_model', 'res_ids', 'template_id', 'number_id', 'value_ids.value')
    def _compute_verdict(self):
        for composer in self:
            if not composer.template_id or not composer._has_number():
                composer.update({'preview': False, 'verdict': composer._render_unready(), 'warnings': False,
                                 'sendable_count': 0, 'is_critical': False})
                continue
            drafts, verdicts = composer._judge()
            summary = self.env['fluxforce.whatsapp.summary']._summarise(drafts, verdicts)
            composer.preview = drafts and composer.template_id._render_preview(drafts[0]['values'])
            composer.verdict = composer._render_verdict(verdicts, len(composer._records()) - len(drafts))
            composer.warnings = self.env['fluxforce.whatsapp.summary']._render_warnings(summary)
            composer.sendable_count = sum(verdict.action is not Action.REFUSE for verdict in verdicts)
            composer.is_critical = summary.is_critical

    @api.depends('res_model', 'res_ids', 'template_id', 'number_id', 'value_ids.value')
    def _compute_group_ids(self):
        for composer in self:
            rows = composer._group_rows() if composer.template_id and composer._has_number() else []
            composer.group_ids = [fields.Command.clear()] + [fields.Command.create({
                name: row[name] for name in ('action', 'reason', 'count', 'words', 'names')}) for row in rows]

    @api.depends_context('uid')
    def _compute_may_override(self):
        self.may_override = self.env['fluxforce.whatsapp.summary']._may_override()

    def _judge(self):
        """:return: the drafts and what the gate says about each."""
        drafts = self._prepare_drafts()
        return drafts, self.env['fluxforce.whatsapp.gate']._judge(drafts)

    def _group_rows(self):
        """:return: the gate's answer grouped; none for a single person, about whom the verdict says all."""
        drafts, verdicts = self._judge()
        summary = self.env['fluxforce.whatsapp.summary']
        return summary._rows(summary._summarise(drafts, verdicts)) if len(drafts) > 1 else []

    def action_open_people(self):
        """:return: action that shows, in place of the composer, the records of one row of the summary; the context says
            which, by what happens and why."""
        self.ensure_one()
        drafts, verdicts = self._judge()
        action, reason = self.env.context.get('whatsapp_action'), self.env.context.get('whatsapp_reason') or ''
        group = self.env['fluxforce.whatsapp.summary']._summarise(drafts, verdicts).group(action, reason)
        return {
            'type': 'ir.actions.act_window',
            'name': self._group_title(action, reason),
            'res_model': self.res_model,
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', [drafts[index]['res_id'] for index in group.indexes])],
            'target': 'current',
        }

    def _group_title(self, action, reason):
        """:return: what happens and why, in a few words: "Not sent: No consent"."""
        actions = self.env['fluxforce.whatsapp.composer.group']._fields['action']._description_selection(self.env)
        reasons = self.env['fluxforce.whatsapp.message']._fields['reason']._description_selection(self.env)
        return ': '.join(filter(None, (dict(actions).get(action), dict(reasons).get(reason))))

    def _prepare_drafts(self):
        """:return: one draft per person: of records with the same number only the first is written to."""
        free_values = {line.variable_id.key: line.value for line in self.value_ids if line.value}
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(
            self._records(), self.template_id, self.number_id, free_values)
        # Without a usable number each record is told about.
        by_person = {draft['phone'] or (draft['res_id'],): draft for draft in reversed(drafts)}
        return list(reversed(by_person.values()))

    # ------------------------------------------------------------
    # THE GATE IN WORDS
    # ------------------------------------------------------------

    def _has_number(self):
        """:return: whether there is a number to send from: the chosen one, or any of the template's account."""
        return bool(self.number_id or (self.template_id.account_id.number_ids if self.template_id else self._numbers()))

    def _render_unready(self):
        if not self._has_number():
            return self._alert('warning', self.env._(
                'No WhatsApp number is connected yet. An administrator connects one under WhatsApp > Configuration > '
                'Accounts.'))
        return False

    def _render_verdict(self, verdicts, left_out=0):
        """:return: what would happen on Send, Markup; who waits or is refused stands in the groups."""
        if len(verdicts) == 1 and not left_out:
            return self._render_single_verdict(verdicts[0])
        actions = Counter(verdict.action for verdict in verdicts)
        sendable = actions[Action.ALLOW]
        body = self.env._('%(sendable)s of %(total)s can be sent.', sendable=sendable, total=len(verdicts))
        if actions[Action.HOLD]:
            body = f'{body} {self.env._("Waiting: %(count)s.", count=actions[Action.HOLD])}'
        if left_out:
            body = Markup('%s<br/>%s') % (body, self.env._(
                '%(count)s left out: their number is that of another record chosen.', count=left_out))
        return self._alert('success' if verdicts and sendable == len(verdicts) else 'warning', body)

    def _render_single_verdict(self, verdict):
        if verdict.action is Action.ALLOW:
            return self._alert('success', self.env._('This person may be written to. The message goes out at once.'))
        kind = 'warning' if verdict.action is Action.HOLD else 'danger'
        return self._alert(kind, self._with_moment(self._explain(verdict.reason, verdict.detail), verdict.until))

    def _with_moment(self, text, moment):
        """:return: the text and when the message goes, if that is known."""
        if not moment:
            return text
        when = self.env['fluxforce.whatsapp.forecast']._moment_words(moment)
        return self.env._('%(text)s Goes out %(when)s.', text=text, when=when)

    def _explain(self, reason, detail=''):
        return self.env['fluxforce.whatsapp.gate']._explain(reason, detail)

    def _alert(self, kind, body):
        return Markup('<div class="alert alert-%s mb-0" role="status">%s</div>') % (kind, body)

    # ------------------------------------------------------------
    # SEND
    # ------------------------------------------------------------

    def action_send(self):
        """Put the messages into the outbox. One refused recipient is an error; among many it is counted."""
        self.ensure_one()
        self._check_not_sent()
        records = self._records()
        self._check_sendable(records)
        drafts = self._prepare_drafts()
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(drafts)
        if len(drafts) == 1:
            self._check_single(verdicts[0])
        self._check_warnings(drafts, verdicts)
        messages = self.env['fluxforce.whatsapp.message']._enqueue(drafts)
        self.sent = True
        return self._notify_queued(Counter(messages.mapped('state')))

    def _check_not_sent(self):
        """Pressing twice sends once, also when the second click overtakes the first one's answer."""
        if self.sent or not self.try_lock_for_update():
            raise UserError(self.env._(
                'This was sent already. Close this window; to write once more, open a new one.'))

    def _check_sendable(self, records):
        if not records:
            raise UserError(self.env._('Choose at least one record to write to.'))
        if not self.template_id:
            raise UserError(self.env._('Choose a template.'))
        if not self._has_number():
            raise UserError(self.env._(
                'There is no number to send from. An administrator connects one under WhatsApp > Configuration > '
                'Accounts.'))
        if self.template_id.model != records._name:
            raise UserError(self.env._(
                'The template "%(template)s" is made for %(model)s. Choose one made for these records.',
                template=self.template_id.display_name, model=self.template_id.model_id.name))
        if self.number_id and self.template_id.account_id != self.number_id.account_id:
            raise UserError(self.env._('The template and the number belong to different WhatsApp accounts.'))
        # Reading is enough: the right to send comes with the group, and the message is logged by the outbox.
        records.check_access('read')

    def _check_single(self, verdict):
        if verdict.action is Action.REFUSE:
            raise UserError(self._explain(verdict.reason, verdict.detail))

    def _check_warnings(self, drafts, verdicts):
        """What may cost the account needs an administrator and a reason, which is kept."""
        summary = self.env['fluxforce.whatsapp.summary']
        found = summary._summarise(drafts, verdicts)
        summary._check_override(found, self.override_reason)
        summary._keep_override(found, self.template_id, self.number_id, self.override_reason)

    def _notify_queued(self, counts):
        """:param Counter counts: messages by state."""
        stopped = counts['held'] + counts['refused']
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning' if stopped else 'success',
                'message': ' '.join(self._render_counts(counts)),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    def _render_counts(self, counts):
        """:return: sentences about what became of the messages."""
        if counts['queued'] == 1:
            yield self.env._('The message is on its way.')
        elif counts['queued']:
            yield self.env._('%(count)s messages are on their way.', count=counts['queued'])
        if counts['held']:
            yield self.env._('%(count)s on hold; the outbox tells why.', count=counts['held'])
        if counts['refused']:
            yield self.env._('%(count)s were refused; the outbox tells why.', count=counts['refused'])
