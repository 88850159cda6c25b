from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_time

from ..cloud_api import const as meta
from ..cloud_api import free_form
from ..policy.gate import Action


class FluxforceWhatsappComposer(models.TransientModel):
    """Answers to one person: without a template, within the 24 hours after the person wrote."""

    _inherit = 'fluxforce.whatsapp.composer'

    answer_kind = fields.Selection('_select_answer_kinds', 'Kind', default='text')
    text = fields.Text()
    text_left = fields.Char(compute='_compute_text_left')
    window_until = fields.Datetime('The conversation closes', compute='_compute_window_until')
    window_words = fields.Char(compute='_compute_window_until')
    answer_preview = fields.Json(compute='_compute_answer_preview')

    @api.model
    def _select_answer_kinds(self):
        return [('text', self.env._('Text'))]

    # ------------------------------------------------------------
    # THE WINDOW
    # ------------------------------------------------------------

    def _answered(self):
        """:return: whom an answer goes to and from which number: (Recipient, number); (None, None) for many."""
        record = self._single()
        if not record:
            return None, None
        recipient = record._whatsapp_recipients()[record.id]
        return recipient, self.number_id or self._number_written_to(recipient.phone)

    def _number_written_to(self, phone):
        """:return: of our numbers, whatever account they belong to, the one a person wrote to last; any for who did not
            write."""
        numbers = self._numbers()
        # sudo: pair - whether the person wrote lately is no secret to who writes to the person
        pairs = self.env['fluxforce.whatsapp.pair'].sudo()._of(numbers.ids, [phone] if phone else [])
        written = [row for row in pairs.values() if row.window_until]
        latest = max(written, key=lambda row: row.window_until, default=None)
        return numbers.browse(latest.number_id) if latest else numbers[:1]

    def _open_window(self):
        """:return: until when the person may be answered without a template, None if not now."""
        recipient, number = self._answered()
        if not recipient or not recipient.phone or not number:
            return None
        # sudo: pair - whether the person wrote lately is no secret to who writes to the person
        pairs = self.env['fluxforce.whatsapp.pair'].sudo()._of([number.id], [recipient.phone])
        until = next((pair.window_until for pair in pairs.values()), None)
        return until if until and until > fields.Datetime.now() else None

    @api.depends('res_model', 'res_ids', 'number_id')
    def _compute_window_until(self):
        for composer in self:
            composer.window_until = composer._open_window() or False
            composer.window_words = composer._window_words()

    def _window_words(self):
        """:return: how long the person may still be answered, or why not and what to do."""
        if self.window_until:
            left = self.window_until - fields.Datetime.now()
            return self.env._('The conversation closes in %(span)s.', span=self._span_words(left))
        recipient, __ = self._answered()
        if not recipient:
            return self.env._('Answers are written to one person at a time. To many, send a template.')
        return self.env._(
            '%(name)s has not written in the last 24 hours, so WhatsApp takes approved templates only. Send one: '
            'an answer opens the conversation again.', name=recipient.partner.display_name or recipient.number)

    def _span_words(self, span):
        """:param timedelta span: :return: it in hours and minutes, rounded down: nobody is promised too much."""
        hours, minutes = divmod(int(span / timedelta(minutes=1)), 60)
        if hours:
            return self.env._('%(hours)s h %(minutes)s min', hours=hours, minutes=minutes)
        return self.env._('%(minutes)s min', minutes=minutes)

    # ------------------------------------------------------------
    # WHAT IT SAYS
    # ------------------------------------------------------------

    @api.depends('text')
    def _compute_text_left(self):
        for composer in self:
            length = len(composer.text or '')
            composer.text_left = self.env._(
                '%(length)s of %(limit)s characters', length=composer._grouped(length),
                limit=composer._grouped(composer._text_limit()))

    def _text_limit(self):
        """:return: characters that the text may have."""
        return meta.TEXT_BODY_MAX

    def _check_answer(self):
        """:raise UserError: naming the field and what to do."""
        text, limit = (self.text or '').strip(), self._text_limit()
        if not text and self._needs_text():
            raise UserError(self.env._('Text: write something first.'))
        if len(text) > limit:
            raise UserError(self.env._(
                'Text: it has %(length)s characters, WhatsApp takes %(limit)s. Shorten it or send it in two messages.',
                length=self._grouped(len(text)), limit=self._grouped(limit)))

    def _needs_text(self):
        return True

    def _answer_problem(self):
        """:return: what is wrong with what was written so far, '' for nothing; an empty text is no problem yet."""
        try:
            self._check_answer()
        except UserError as problem:
            return str(problem)
        return ''

    @api.depends('mode', 'text', 'answer_kind')
    def _compute_answer_preview(self):
        for composer in self:
            shown = composer.mode == 'answer' and composer._has_something()
            composer.answer_preview = composer._answer_parts() if shown else False

    def _has_something(self):
        """:return: whether anything was written that can be shown."""
        return bool((self.text or '').strip())

    def _answer_parts(self):
        """:return: what the phone shows, see :func:`cloud_api.preview.preview`."""
        __, number = self._answered()
        # sudo: number - its name is what everybody who is written to sees
        name = (number and number.sudo().verified_name) or self.env.company.name
        return {'header': {'format': ''}, 'body': self.text or '', 'samples': [], 'footer': '', 'buttons': [],
                'cards': [], 'offer': None, 'rtl': False, 'time': format_time(
                    self.env, fields.Datetime.now(), time_format='short'), 'name': name, 'marketing': False}

    # ------------------------------------------------------------
    # WHAT WILL HAPPEN
    # ------------------------------------------------------------

    @api.depends('text', 'answer_kind', 'window_until')
    def _compute_verdict(self):
        super()._compute_verdict()

    def _answer_outlook(self):
        """:return: values of the fields that tell what will happen to an answer."""
        if not self.window_until:
            return {'verdict': self._alert('warning', self._window_words())}
        if self._has_something() and (problem := self._answer_problem()):
            return {'verdict': self._alert('danger', problem)}
        if self.send_at and self.send_at >= self.window_until:
            return {'verdict': self._alert('danger', self._too_late_words())}
        if not self._has_something():
            return {}
        drafts = self._answer_drafts()
        verdict, = self.env['fluxforce.whatsapp.gate']._judge(drafts[:1], now=self._planned_at())
        cost = self.env['fluxforce.whatsapp.price']._price_table(self._answered()[1].company_id).estimate(
            [(draft['phone'], draft['purpose']) for draft in drafts])
        return {'verdict': self._render_single_verdict(verdict), 'sendable_count': verdict.action is not Action.REFUSE,
                'cost': self.env['fluxforce.whatsapp.price']._words(cost)}

    def _too_late_words(self):
        return self.env._('Send At: the conversation closes before. Choose an earlier moment, or send a template.')

    def _answer_drafts(self):
        """:return: drafts of the answer: one, or more where it takes several messages."""
        recipient, number = self._answered()
        record = self._single()
        rows = [(recipient.partner, recipient.phone, content, record._name, record.id)
                for content in self._answer_contents()]
        drafts = self.env['fluxforce.whatsapp.message']._prepare_content_drafts(number.account_id, rows, number)
        planned = {'due_at': self._planned_at()} if self._planned_at() else {}
        return [{**draft, 'typed_number': recipient.number, **planned} for draft in drafts]

    def _answer_contents(self):
        """:return: the contents of the messages of the answer, as of :mod:`cloud_api.free_form`."""
        return [free_form.text((self.text or '').strip(), preview_url=True)]

    def _send_answer(self):
        """Put the answer into the outbox."""
        if not self.window_until:
            raise UserError(self._window_words())
        if self.send_at and self.send_at >= self.window_until:
            raise UserError(self._too_late_words())
        self._check_answer()
        drafts = self._answer_drafts()
        self._check_single(self.env['fluxforce.whatsapp.gate']._judge(drafts[:1], now=self._planned_at())[0])
        messages = self.env['fluxforce.whatsapp.message']._enqueue(drafts)
        self._end()
        return self._notify_queued(Counter(messages.mapped('state')))

    def action_use_template(self):
        """From an answer that cannot be sent to the templates."""
        self.ensure_one()
        self.mode = 'template'
        return self._show()
