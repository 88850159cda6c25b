from odoo import api, fields, models

from ..policy.language import choose

MODES = [('template', 'Template'), ('answer', 'Answer')]


class FluxforceWhatsappComposer(models.TransientModel):
    """Write to one person or to many, knowing before what the gate will say.

    The parts: whom it is for (``_audience``), the message as each will see it (``_preview``), what will happen
    (``_outlook``, ``_words``), answers within the service window (``_answer``), sending (``_sending``), what was begun
    and left (``_remembering``).
    """

    _name = 'fluxforce.whatsapp.composer'
    _description = 'Send WhatsApp'

    mode = fields.Selection(MODES, compute='_compute_mode', compute_sudo=False, store=True,
                            readonly=False)
    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', compute='_compute_number_id',
                                compute_sudo=False, store=True, readonly=False,
                                help='Empty for the number each person knows.')
    account_id = fields.Many2one('fluxforce.whatsapp.account', compute='_compute_account_id')
    template_id = fields.Many2one('fluxforce.whatsapp.template', 'Template', compute='_compute_template_id',
                                  compute_sudo=False, store=True, readonly=False)
    offered_ids = fields.Many2many('fluxforce.whatsapp.template', compute='_compute_offered_ids',
                                   help='Each template once, in the language that fits best.')
    in_own_language = fields.Boolean('Each in Their Own Language', default=True,
                                     help='Who reads another language gets the template in it, if it has it.')
    has_languages = fields.Boolean(compute='_compute_has_languages')
    value_ids = fields.One2many('fluxforce.whatsapp.composer.value', 'composer_id', 'Texts to Fill In',
                                compute='_compute_value_ids', compute_sudo=False, store=True, readonly=False)
    typed_problem = fields.Text(compute='_compute_typed_problem', help='What is to be written otherwise.')
    purpose = fields.Char(compute='_compute_purpose')
    send_at = fields.Datetime(help='Empty for at once. Consent and the other rules are asked about again when the '
                                   'moment has come.')
    sent = fields.Boolean(readonly=True)

    # ------------------------------------------------------------
    # NUMBER AND TEMPLATE
    # ------------------------------------------------------------

    @api.depends('res_model', 'res_ids')
    def _compute_mode(self):
        for composer in self:
            # Whoever comes with a template, as by its entry in the Actions menu, wants to send it.
            may_answer = not composer.template_id and composer._open_window()
            composer.mode = composer.mode or ('answer' if may_answer else 'template')

    def _numbers(self):
        """:return: the numbers to choose from: those that are able to send, if there are any."""
        numbers = self.env['fluxforce.whatsapp.number'].search([('company_id', 'in', self.env.companies.ids)])
        return numbers.filtered('able_to_send') or numbers

    def _has_number(self):
        """:return: whether there is a number to send from: the chosen one, or any of the template's account."""
        return bool(self.number_id or (self.template_id.account_id.number_ids if self.template_id else self._numbers()))

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

    @api.depends('res_model', 'res_ids', 'account_id')
    def _compute_offered_ids(self):
        for composer in self:
            templates = self.env['fluxforce.whatsapp.template'].search(
                [('status', '=', 'APPROVED'), ('may_send', '=', True), ('model', '=', composer.res_model),
                 ('account_id', '=?', composer.account_id.id)])
            wanted = composer._expected_language()
            composer.offered_ids = templates.browse().concat(*[
                self._best(same, wanted)
                for same in templates.grouped(lambda template: (template.account_id, template.name)).values()])

    def _best(self, templates, wanted):
        """:return: the one of a template's languages that is offered to be picked."""
        by_code = {template.language: template for template in templates}
        return by_code[choose(wanted, by_code, templates[0].language).code]

    def _expected_language(self):
        """:return: the language of the one person it is for; of who writes, if they are many."""
        languages = self._single()._whatsapp_languages()
        return next(iter(languages.values()), '') or self.env.user.lang or ''

    @api.depends('template_id')
    def _compute_has_languages(self):
        for composer in self:
            # Whatever is chosen now: else the choice could not be taken back.
            composer.has_languages = len(composer.template_id._siblings()) > 1 if composer.template_id else False

    def _siblings(self):
        """:return: the languages to choose from; the picked one alone if everybody gets the same."""
        template = self.template_id
        return template._siblings() if template and self.in_own_language else template

    @api.depends('template_id', 'in_own_language')
    def _compute_value_ids(self):
        for composer in self:
            free = composer._siblings().variable_ids.filtered(lambda variable: variable.source == 'free')
            by_key = {variable.key: variable for variable in reversed(free)}
            once = free.filtered(lambda variable, by_key=by_key: by_key[variable.key] == variable)
            composer.value_ids = [fields.Command.clear()] + [
                fields.Command.create({'variable_id': variable.id}) for variable in once]

    def _free_values(self):
        """:return: by variable key, what was typed."""
        return {line.variable_id.key: line.value for line in self.value_ids if line.value}

    @api.depends('value_ids.value', 'value_ids.variable_id')
    @api.depends_context('lang')
    def _compute_typed_problem(self):
        for composer in self:
            composer.typed_problem = '\n'.join(filter(None, (line._find_problem() for line in composer.value_ids)))

    @api.depends('template_id')
    @api.depends_context('lang')
    def _compute_purpose(self):
        category = self.env['fluxforce.whatsapp.template']._fields['category']
        labels = dict(category._description_selection(self.env))
        for composer in self:
            composer.purpose = labels.get(composer.template_id.category, '')
