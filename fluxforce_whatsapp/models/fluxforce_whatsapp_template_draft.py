from babel import Locale, UnknownLocaleError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from ..cloud_api import const as meta
from ..cloud_api import template_checks
from ..cloud_api import template_writing as writing
from ..cloud_api import templates as meta_templates
from .fluxforce_whatsapp_variable_mapping import MEDIA_KINDS

STATES = [
    ('draft', 'Draft'),
    ('in_review', 'In Review'),
    ('changes_asked', 'Changes Asked'),
    ('ready', 'Ready for Meta'),
    ('submitted', 'At Meta'),
    ('approved', 'Approved'),
    ('rejected', 'Rejected by Meta'),
    ('withdrawn', 'Withdrawn'),
]
# In these the text may be written; in all others somebody has judged it or is about to.
EDITABLE = ('draft', 'changes_asked')
# In these somebody still works on it, or Meta does.
OPEN = ('draft', 'in_review', 'changes_asked', 'ready', 'submitted', 'rejected')
HEADERS = [
    ('TEXT', 'Text'), ('IMAGE', 'Picture'), ('VIDEO', 'Video'), ('DOCUMENT', 'Document'), ('LOCATION', 'Location'),
    ('PRODUCT', 'Product')]
# What is judged: changing any of it makes another version.
CONTENT = {
    'account_id', 'name', 'language', 'category', 'parameter_format', 'header_kind', 'header_text', 'header_file',
    'header_filename', 'body', 'footer', 'button_ids', 'card_ids', 'has_offer', 'offer_text', 'offer_expires',
    'recommendation', 'expiration_minutes', 'ttl_seconds', 'variable_ids', 'model_id'}
# What people decide beside the content; everything else is written by the review and by Meta.
FREE = {'user_id', 'reviewer_id'}
# What the checks and the preview read.
CONTENT_PATHS = (
    'account_id', 'name', 'language', 'category', 'parameter_format', 'header_kind', 'header_text', 'header_file',
    'body', 'footer', 'has_offer', 'offer_text', 'offer_expires', 'recommendation', 'expiration_minutes',
    'ttl_seconds', 'variable_ids.key', 'variable_ids.sample',
    *(f'{path}.{name}' for path in ('button_ids', 'card_ids.button_ids') for name in (
        'sequence', 'kind', 'text', 'url', 'phone', 'flow', 'screen', 'otp_type', 'autofill', 'package', 'signature',
        'terms')),
    *(f'card_ids.{name}' for name in ('sequence', 'header_kind', 'header_file', 'body')))


class FluxforceWhatsappTemplateDraft(models.Model):
    """One language of one template while people write, review or change it; at Meta it becomes a template."""

    _name = 'fluxforce.whatsapp.template.draft'
    _description = 'WhatsApp Template Draft'
    _inherit = ['mail.thread', 'mail.activity.mixin']
    _order = 'write_date desc, id desc'
    _rec_names_search = ['name', 'body']
    _check_company_auto = True
    _mail_post_access = 'read'

    account_id = fields.Many2one(
        'fluxforce.whatsapp.account', 'Account', required=True, index=True, ondelete='cascade',
        default=lambda self: self.env['fluxforce.whatsapp.account'].search(
            [('company_id', '=', self.env.company.id)], limit=1))
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    name = fields.Char(required=True, tracking=True,
                       help='What the template is called at Meta and in lists: lowercase letters, digits and '
                            'underscores. Nobody who gets the message sees it.')
    language = fields.Selection(lambda self: self._languages(), required=True, tracking=True,
                                default=lambda self: self._default_language(),
                                help='The language of the text. Each language of a template is a draft of its own.')
    category = fields.Selection(
        [*meta.TEMPLATE_CATEGORIES.items()], required=True, default='UTILITY', tracking=True,
        help='Utility: about something the person ordered, booked or asked for, without any advertising. Marketing: '
             'everything else. Authentication: codes to sign in, with Meta\'s own text. A wrong one is changed or '
             'rejected by Meta, and costs the account if it happens often.')
    parameter_format = fields.Selection(
        [('named', 'With names: {{first_name}}'), ('positional', 'With numbers: {{1}}')], 'Variables',
        required=True, default='named')
    state = fields.Selection(STATES, required=True, readonly=True, default='draft', index=True, copy=False,
                             tracking=True)

    header_kind = fields.Selection(HEADERS, 'Header')
    header_text = fields.Char(help='Up to 60 characters, with one variable at most.')
    header_file = fields.Binary('Sample File', attachment=True,
                                help='Meta\'s reviewers see this one; when sending, each message has its own.')
    header_filename = fields.Char('Name of the Sample File')
    body = fields.Text(help='*bold*, _italic_, ~struck~; variables like {{first_name}}.')
    footer = fields.Char(help='Small grey line below the text, up to 60 characters, without variables.')
    button_ids = fields.One2many('fluxforce.whatsapp.template.draft.button', 'draft_id', 'Buttons', copy=True)
    card_ids = fields.One2many('fluxforce.whatsapp.template.draft.card', 'draft_id', 'Cards', copy=True)
    has_offer = fields.Boolean('Limited-Time Offer')
    offer_text = fields.Char('Offer', help='Up to 16 characters, shown above the text.')
    offer_expires = fields.Boolean('Show When It Ends', help='The end is given with each message.')
    recommendation = fields.Boolean('Advise Not to Share the Code', default=True)
    expiration_minutes = fields.Integer('Code Valid for (min)', help='1 to 90; 0 says nothing about it.')
    ttl_seconds = fields.Integer(
        'Deliver within (s)', help='A phone that is off for longer does not get the message any more. 0: 30 days, for '
                                   'codes 10 minutes.')
    variable_ids = fields.One2many('fluxforce.whatsapp.template.draft.variable', 'draft_id',
                                   'Samples and Values of the Variables', copy=True)
    model_id = fields.Many2one(
        'ir.model', 'Applies to', required=True, ondelete='cascade',
        domain=[('is_mail_thread', '=', True), ('transient', '=', False)],
        default=lambda self: self.env['ir.model']._get('res.partner'), help='Whose fields fill the variables.')
    model = fields.Char('Model Name', related='model_id.model')

    user_id = fields.Many2one('res.users', 'Author', required=True, tracking=True, copy=False, check_company=True,
                              default=lambda self: self.env.user)
    editor_ids = fields.Many2many(
        'res.users', 'fluxforce_whatsapp_template_draft_editor_rel', string='Written by', readonly=True, copy=False)
    version = fields.Integer(readonly=True, copy=False, default=1, help='Goes up with each change of the text.')
    template_id = fields.Many2one(
        'fluxforce.whatsapp.template', 'Template', readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', help='What it is at Meta.')
    template_status = fields.Selection(related='template_id.status', string='At Meta')

    spec = fields.Json(compute='_compute_spec')
    preview_data = fields.Json('Phone', compute='_compute_preview_data')
    problems = fields.Json(compute='_compute_problems')
    problems_general = fields.Html(compute='_compute_problems', sanitize=False)
    problems_header = fields.Html(compute='_compute_problems', sanitize=False)
    problems_body = fields.Html(compute='_compute_problems', sanitize=False)
    problems_footer = fields.Html(compute='_compute_problems', sanitize=False)
    problems_buttons = fields.Html(compute='_compute_problems', sanitize=False)
    problems_cards = fields.Html(compute='_compute_problems', sanitize=False)
    problems_offer = fields.Html(compute='_compute_problems', sanitize=False)
    problems_ttl = fields.Html(compute='_compute_problems', sanitize=False)
    problems_variables = fields.Html(compute='_compute_problems', sanitize=False)
    error_count = fields.Integer('To Mend', compute='_compute_problems')
    advice_count = fields.Integer('Advice', compute='_compute_problems')
    language_count = fields.Integer('Languages', compute='_compute_language_count')
    has_files = fields.Boolean(compute='_compute_has_files', help='A header takes a file.')
    mapping_problem = fields.Text(compute='_compute_mapping_problem',
                                  help='Variables that no record can fill. They would be asked for when sending.')

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    def _languages(self):
        """:return: Meta's languages as a selection, each by the name the user knows it under."""
        return sorted(((code, self._language_name(code)) for code in meta.TEMPLATE_LANGUAGES), key=lambda one: one[1])

    def _language_name(self, code):
        try:
            name = Locale.parse(code).get_display_name(self.env.lang or 'en_US')
        except (UnknownLocaleError, ValueError):
            return code
        return f'{name[:1].upper()}{name[1:]}' if name else code

    def _default_language(self):
        mine = self.env.lang or 'en'
        return next((code for code in (mine, mine.split('_')[0]) if code in meta.TEMPLATE_LANGUAGES), 'en')

    @api.depends('name', 'language')
    def _compute_display_name(self):
        for draft in self:
            language = f' ({draft.language})' if draft.language else ''
            draft.display_name = f'{draft.name}{language}' if draft.name else self.env._('New Template')

    @api.depends(*CONTENT_PATHS)
    def _compute_spec(self):
        for draft in self:
            draft.spec = draft._spec()

    @api.depends(*CONTENT_PATHS)
    @api.depends_context('lang', 'tz')
    def _compute_preview_data(self):
        for draft in self:
            draft.preview_data = draft._preview_data()

    @api.depends(*CONTENT_PATHS)
    @api.depends_context('lang')
    def _compute_problems(self):
        for draft in self:
            draft.update(draft._prepare_problem_values())

    @api.depends('variable_ids.kind')
    def _compute_has_files(self):
        for draft in self:
            draft.has_files = any(variable.kind in MEDIA_KINDS for variable in draft.variable_ids)

    @api.depends('model_id', 'variable_ids.problem')
    @api.depends_context('lang')
    def _compute_mapping_problem(self):
        for draft in self:
            draft.mapping_problem = '\n'.join(
                variable.problem for variable in draft.variable_ids if variable.problem) or False

    @api.depends('account_id', 'name')
    def _compute_language_count(self):
        counts = {(account.id, name): count for account, name, count in self._read_group(
            [('account_id', 'in', self.account_id.ids), ('name', 'in', self.mapped('name')),
             ('state', '!=', 'withdrawn')], ['account_id', 'name'], ['__count'])}
        for draft in self:
            draft.language_count = counts.get((draft.account_id._origin.id, draft.name), 0)

    def _languages_domain(self):
        """:return: where all languages of this template are found that are not given up."""
        self.ensure_one()
        return [('account_id', '=', self.account_id.id), ('name', '=', self.name), ('state', '!=', 'withdrawn')]

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _prepare_problem_values(self):
        """:return: all fields of the checks: what is wrong beside the part it is about, and how much of it."""
        self.ensure_one()
        problems = self._problems()
        values = {
            'problems': [{'part': one.part, 'code': one.code, 'severity': one.severity, 'words': words}
                         for one, words in problems],
            'error_count': sum(one.severity == 'error' for one, __ in problems),
            'advice_count': sum(one.severity != 'error' for one, __ in problems),
        }
        for place in ('general', 'header', 'body', 'footer', 'buttons', 'cards', 'offer', 'ttl', 'variables'):
            values[f'problems_{place}'] = self._render_problems(
                [(one, words) for one, words in problems if self._place_of(one.part) == place])
        return values

    def _problems(self):
        """:return: pairs of a problem and its words; errors first."""
        found = template_checks.check(self._spec(), self._others())
        return list(zip(found, self.env['fluxforce.whatsapp.template.advice']._all_words(found), strict=True))

    @api.model
    def _place_of(self, part):
        """:return: beside which field a problem of this part is shown."""
        head = part.split(':')[0]
        place = {'button': 'buttons', 'card': 'cards'}.get(head, head)
        return place if f'problems_{place}' in self._fields else 'general'

    @api.model
    def _render_problems(self, problems):
        if not problems:
            return False
        labels = {True: self.env._('To mend'), False: self.env._('Advice')}
        return self.env['ir.qweb']._render('fluxforce_whatsapp.template_problems', {'problems': [
            {'is_error': one.severity == 'error', 'label': labels[one.severity == 'error'], 'words': words}
            for one, words in problems]})

    def _others(self):
        """:return: specs of the account's other templates that this one may collide with."""
        self.ensure_one()
        if not self.account_id:
            return []
        # sudo: template - only whether something is there already
        templates = self.env['fluxforce.whatsapp.template'].sudo().with_context(active_test=False).search([
            ('account_id', '=', self.account_id.id), ('id', '!=', self.template_id.id or 0),
            ('status', '!=', meta.TEMPLATE_EVENT_DELETED),
            '|', '&', ('name', '=', self.name), ('language', '=', self.language), ('body', '=', self.body or '-')])
        return [*({'name': template.name, 'language': template.language, 'category': template.category,
                   'parameter_format': (template.parameter_format or 'positional').lower(),
                   'components': template.components or []} for template in templates),
                *({'name': draft.name, 'language': draft.language} for draft in self._rivals())]

    def _rivals(self):
        """:return: other drafts under way that would become the same template."""
        # sudo: draft - only whether there is one
        return self.sudo().search([
            ('account_id', '=', self.account_id.id), ('name', '=', self.name), ('language', '=', self.language),
            ('state', 'in', OPEN), ('id', '!=', self._origin.id or 0)])

    def _check_without_errors(self):
        """:raise UserError: with everything that Meta would refuse."""
        for draft in self:
            wrong = [words for one, words in draft._problems() if one.severity == 'error']
            if wrong:
                raise UserError(self.env._('This is to be mended first:') + ''.join(f'\n• {words}' for words in wrong))

    @api.constrains('header_file', 'header_kind')
    def _check_header_file(self):
        for draft in self:
            self.env['fluxforce.whatsapp.template.draft.card']._check_sample(draft)

    @api.constrains('ttl_seconds', 'expiration_minutes')
    def _check_numbers(self):
        if any(draft.expiration_minutes < 0 for draft in self):
            raise ValidationError(self.env._('Code Valid for: enter 1 to 90 minutes, or 0.'))
        if any(draft.ttl_seconds < -1 for draft in self):
            raise ValidationError(self.env._('Deliver within: enter a number of seconds, or 0.'))

    # ------------------------------------------------------------
    # CONTENT
    # ------------------------------------------------------------

    def _content(self):
        """:return: what is written. :rtype: cloud_api.template_writing.Content"""
        self.ensure_one()
        return writing.Content(
            header=writing.Header(self.header_kind or '', self.header_text or '', self._sample_mark()),
            body=self.body or '', footer=self.footer or '',
            buttons=tuple(button._content() for button in self.button_ids.sorted(self._by_sequence)),
            cards=tuple(card._content() for card in self.card_ids.sorted(self._by_sequence)),
            has_offer=self.has_offer, offer_text=self.offer_text or '', offer_expires=self.offer_expires,
            recommendation=self.recommendation, expiration_minutes=self.expiration_minutes,
            samples={one.key: one.sample for one in self.variable_ids if one.sample})

    @staticmethod
    def _by_sequence(line):
        # Rows that are not saved yet come last among their equals, as they are shown.
        return line.sequence, line._origin.id or float('inf')

    def _sample_mark(self):
        """:return: what stands for the handle of the sample until it is uploaded, '' without a sample."""
        return f'file:draft:{self._origin.id or "new"}' if self.header_file else ''

    def _components(self):
        """:return: Meta's creation form of the content."""
        return writing.components(self._content(), self.category, self.parameter_format == 'named')

    def _spec(self):
        """:return: all that creates the template at Meta, samples not uploaded yet."""
        self.ensure_one()
        spec = {'name': self.name or '', 'language': self.language or '', 'category': self.category or '',
                'parameter_format': self.parameter_format or 'named', 'components': self._components()}
        if self.ttl_seconds:
            spec['message_send_ttl_seconds'] = self.ttl_seconds
        return spec

    def _preview_data(self):
        """:return: the message with its samples, for the field widget ``whatsapp_phone_preview``."""
        self.ensure_one()
        template = self.env['fluxforce.whatsapp.template'].new({
            'account_id': self.account_id._origin.id, 'components': self._components(), 'language': self.language,
            'category': self.category, 'parameter_format': self.parameter_format})
        return template._preview_data(self._preview_files())

    def _preview_files(self):
        """:return: where the browser finds the samples of headers, by variable key."""
        cards = self.card_ids.sorted(self._by_sequence)
        places = [('header:media', self), *((f'card:{index}:header:media', card) for index, card in enumerate(cards))]
        return {key: {'link': f'/web/content/{record._name}/{record._origin.id}/header_file',
                      'filename': record.header_filename or ''}
                for key, record in places if record.header_file and record._origin.id}

    # --- Variables -------------------------------------------------------------------------------------------

    @api.onchange('body', 'header_kind', 'header_text', 'parameter_format', 'category', 'button_ids', 'card_ids',
                  'has_offer', 'offer_expires')
    def _onchange_content(self):
        self.variable_ids = self._variable_commands()

    def _sync_variables(self):
        """Make the variables those of the text: new ones are added, gone ones removed, the others kept."""
        for draft in self:
            commands = draft._variable_commands()
            if commands:
                super(FluxforceWhatsappTemplateDraft, draft).write({'variable_ids': commands})

    def _variable_commands(self):
        """:return: the commands that bring the variables in line with the text."""
        self.ensure_one()
        wanted = {one.key: one for one in meta_templates.variables(self._components(), self.parameter_format)}
        present = {one.key: one for one in self.variable_ids}
        commands = [Command.delete(one.id) for key, one in present.items() if key not in wanted]
        for sequence, (key, one) in enumerate(wanted.items()):
            if key not in present:
                commands.append(Command.create(self._prepare_variable_values(one, sequence)))
            elif present[key].sequence != sequence:
                commands.append(Command.update(present[key].id, {'sequence': sequence}))
        return commands

    def _prepare_variable_values(self, variable, sequence):
        return {'sequence': sequence, 'key': variable.key, 'name': variable.name, 'component': variable.component,
                'kind': variable.kind, **self.env['fluxforce.whatsapp.value']._prepare_source(self.model, variable)}

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.keys() - CONTENT - FREE for vals in vals_list):
            raise AccessError(self._guard_words())
        guarded = self._prepare_guarded_values()
        drafts = super().create([{**guarded, **vals, 'editor_ids': [Command.link(self.env.uid)]} for vals in vals_list])
        drafts._sync_variables()
        return drafts

    def _prepare_guarded_values(self):
        """:return: how every draft begins, whatever defaults come with the call or are the user's own: nobody begins
            with one that was approved."""
        return {name: field.default(self) if field.default else False for name, field in self._fields.items()
                if field.store and not field.compute and field.type != 'one2many'
                and name not in CONTENT | FREE | self._mail_fields() | {*models.MAGIC_COLUMNS}}

    def write(self, vals):
        """Write; ``seen_version`` tells which version the person had before the eyes."""
        vals = dict(vals)
        self._check_seen(vals.pop('seen_version', None))
        if not self.env.su and vals.keys() - CONTENT - FREE - self._mail_fields():
            raise AccessError(self._guard_words())
        if not vals.keys() & CONTENT:
            return super().write(vals)
        self._check_editable()
        self._check_identity(vals)
        for draft in self:
            super(FluxforceWhatsappTemplateDraft, draft).write({
                **vals, 'version': draft.version + 1, 'editor_ids': [Command.link(self.env.uid)]})
        self._sync_variables()
        return True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(draft.state in ('ready', 'submitted', 'approved', 'rejected') for draft in self):
            raise UserError(self.env._(
                'What was approved or has been at Meta is kept as evidence. Withdraw it instead, or delete the '
                'template at Meta.'))

    def copy_data(self, default=None):
        return [{**vals, 'name': (default or {}).get('name') or f'{draft.name}_copy'}
                for draft, vals in zip(self, super().copy_data(default), strict=True)]

    def _guard_words(self):
        return self.env._('A draft moves on by its buttons only: ask for a review, approve, submit to Meta.')

    @api.model
    def _mail_fields(self):
        """:return: the fields by which followers, activities and the chatter are kept."""
        return {name for name in self._fields if name.startswith(('message_', 'activity_', 'my_activity_'))}

    def _check_seen(self, version):
        """Two people may have it open: who saves second is told, instead of undoing what the first wrote."""
        if version is None or len(self) != 1 or version == self.version:
            return
        raise UserError(self.env._(
            '%(user)s has changed this draft since you opened it, so nothing of yours was saved. Copy your text, '
            'reload the page and put it in again.', user=self.write_uid.name))

    def _check_editable(self):
        locked = self.filtered(lambda draft: draft.state not in EDITABLE)
        if locked:
            states = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                '%(draft)s is "%(state)s", so its text is not changed any more. Take it back first.',
                draft=locked[0].display_name, state=states[locked[0].state]))

    def _begin_change(self):
        """A row of theirs changes: that is only possible as for the text itself, and who does it has written on it."""
        self.check_access('write')
        self._check_editable()
        new = self.filtered(lambda draft: self.env.user not in draft.editor_ids)
        # sudo: draft - who wrote on it decides who may approve it
        new.sudo().write({'editor_ids': [Command.link(self.env.uid)]})

    def _check_identity(self, vals):
        """What exists at Meta keeps its account, name and language; that is how Meta knows it."""
        for draft in self.filtered('template_id'):
            for name in {'account_id', 'name', 'language'} & vals.keys():
                now = draft[name].id if name == 'account_id' else draft[name]
                if vals[name] != now:
                    raise UserError(self.env._(
                        'Meta knows this template already, so its account, name and language stay. Make a new '
                        'template for another name or language.'))

    # ------------------------------------------------------------
    # LANGUAGES
    # ------------------------------------------------------------

    def action_add_language(self):
        """Ask in which language it is to be written as well."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Another Language of %(name)s', name=self.name),
            'res_model': 'fluxforce.whatsapp.template.translate',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_draft_id': self.id},
        }

    def action_open_languages(self):
        """Show all languages of this template side by side."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp.fluxforce_whatsapp_template_draft_action')
        return {**action, 'name': self.env._('Languages of %(name)s', name=self.name),
                'domain': self._languages_domain(), 'view_mode': 'kanban,list,form',
                'views': [(False, 'kanban'), (False, 'list'), (False, 'form')],
                'context': {'group_by': 'language', 'default_name': self.name,
                            'default_account_id': self.account_id.id}}

    def action_open_template(self):
        """Show what it is at Meta."""
        self.ensure_one()
        return self.template_id._open_form(self.template_id, self.template_id.display_name)
