import json

from babel import Locale, UnknownLocaleError

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import file_open

from ..cloud_api import const as meta
from ..cloud_api import template_parts
from ..cloud_api import template_writing as writing
from ..cloud_api.preview import preview
from ..cloud_api.templates import variables

FILE = 'fluxforce_whatsapp/data/template_gallery.json'
# Links in the file lead here; a draft gets our own address in its place.
PLACEHOLDER_URL = 'https://www.example.com'
TOPICS = [
    ('orders', 'Orders and Delivery'),
    ('appointments', 'Appointments'),
    ('payments', 'Payments and Invoices'),
    ('sales', 'Enquiries and Quotations'),
    ('events', 'Events'),
    ('care', 'Customer Care'),
    ('consent', 'Welcome and Consent'),
    ('marketing', 'Marketing and Loyalty'),
    ('security', 'Codes'),
]
INDUSTRIES = [('any', 'Any Business'), ('retail', 'Shops'), ('services', 'Services'), ('events', 'Events')]
# Filters of the search view by the user's language.
FILTERS = {'en': 'english', 'es': 'spanish', 'pt': 'portuguese'}
# What a draft's variable takes from the file, where its model knows it.
MAPPING = ('source', 'field_path', 'format')


class FluxforceWhatsappTemplateGallery(models.Model):
    """A ready template in one language, to begin a draft from; its content comes from a file, see ``_load``."""

    _name = 'fluxforce.whatsapp.template.gallery'
    _description = 'WhatsApp Ready Template'
    _order = 'sequence, id'
    _rec_name = 'title'
    _rec_names_search = ['title', 'body', 'use']

    key = fields.Char('Name', required=True, index=True, help='The same in all languages; the draft is called so.')
    sequence = fields.Integer()
    language = fields.Char(required=True)
    language_name = fields.Char(compute='_compute_language_name')
    title = fields.Char(required=True)
    use = fields.Char('When to Use It')
    topic = fields.Selection(TOPICS, 'Purpose', required=True)
    industry = fields.Selection(INDUSTRIES, required=True)
    category = fields.Selection([*meta.TEMPLATE_CATEGORIES.items()], required=True)
    components = fields.Json(required=True)
    body = fields.Text('Message')
    model_name = fields.Char(help='Technical: the model it is about, if that is installed.')
    mapping = fields.Json(help='Technical: where the values of the variables come from.')
    preview_data = fields.Json(compute='_compute_preview_data')

    _key_unique = models.Constraint('unique(key, language)', 'This template is already there.')

    # ------------------------------------------------------------
    # LOAD
    # ------------------------------------------------------------

    @api.model
    def _load(self):
        """Bring the gallery to what the file says; called at each update of the addon."""
        with file_open(FILE, 'r') as file:
            entries = json.load(file)
        rows = [self._prepare_row(entry, language, content, sequence) for sequence, entry in enumerate(entries)
                for language, content in entry['languages'].items()]
        present = {(row.key, row.language): row for row in self.search([])}
        wanted = {(row['key'], row['language']): row for row in rows}
        for key, values in wanted.items():
            if key in present:
                present[key].write(values)
        self.create([values for key, values in wanted.items() if key not in present])
        self.browse([row.id for key, row in present.items() if key not in wanted]).unlink()

    def _prepare_row(self, entry, language, content, sequence):
        return {
            'key': entry['key'], 'sequence': sequence, 'language': language, 'title': content['title'],
            'use': content['use'], 'topic': entry['topic'], 'industry': entry['industry'],
            'category': entry['category'], 'components': content['components'],
            'body': preview(content['components'], {}, language)['body'], 'model_name': entry['model'],
            'mapping': entry['values'],
        }

    # ------------------------------------------------------------
    # SHOW
    # ------------------------------------------------------------

    @api.depends('language')
    @api.depends_context('lang')
    def _compute_language_name(self):
        for row in self:
            row.language_name = row._language_label()

    @api.depends('title', 'language')
    @api.depends_context('lang', 'whatsapp_languages_only')
    def _compute_display_name(self):
        for row in self:
            languages_only = self.env.context.get('whatsapp_languages_only')
            row.display_name = row._language_label() if languages_only else row.title

    def _language_label(self):
        try:
            name = Locale.parse(self.language).get_display_name(self.env.lang or 'en_US')
        except (UnknownLocaleError, ValueError, TypeError):
            return self.language or ''
        return f'{name[:1].upper()}{name[1:]}' if name else self.language

    @api.depends('components', 'language', 'category')
    def _compute_preview_data(self):
        for row in self:
            row.preview_data = preview(row.components or [], {}, row.language, category=row.category,
                                       name=self.env.company.name)

    @api.model
    def action_open_gallery(self):
        """:return: action that shows the gallery, in the user's own language where it has that."""
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp.fluxforce_whatsapp_template_gallery_action')
        return {**action, 'context': {f'search_default_{self._filter_for(self.env.lang)}': 1}}

    @api.model
    def _filter_for(self, lang):
        """:return: the filter of the search view that shows what the user can read."""
        return FILTERS.get((lang or '')[:2], FILTERS['en'])

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def action_use(self):
        """Ask in which languages a draft is to be made of it."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Use This Template'),
            'res_model': 'fluxforce.whatsapp.template.gallery.use',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_gallery_id': self.id},
        }

    def _spec(self, name=None):
        """:return: all that creates the template at Meta, in Meta's own form."""
        self.ensure_one()
        return {'name': name or self.key, 'language': self.language, 'category': self.category,
                'parameter_format': 'named', 'components': self._with_own_address()}

    def _with_own_address(self):
        """:return: the components, their links to our own pages where those have an address Meta takes."""
        base = self.get_base_url()
        if not base.startswith('https://'):
            return self.components
        return json.loads(json.dumps(self.components).replace(PLACEHOLDER_URL, base))

    def _prepare_draft_values(self, account, name):
        """:return: the values of a draft that says the same, with its variables mapped as far as can be."""
        spec = self._spec(name)
        content = writing.content_of(spec['components'])
        buttons = self.env['fluxforce.whatsapp.template.draft.button']
        model = self._applies_to()
        return {
            'account_id': account.id, 'name': spec['name'], 'language': spec['language'],
            'category': spec['category'], 'parameter_format': spec['parameter_format'], 'model_id': model.id,
            'header_kind': content.header.kind or False, 'header_text': content.header.text, 'body': content.body,
            'footer': content.footer, 'recommendation': content.recommendation,
            'expiration_minutes': content.expiration_minutes,
            'button_ids': [Command.create({**buttons._prepare_values(button), 'sequence': index})
                           for index, button in enumerate(content.buttons)],
            'variable_ids': [Command.create(self._prepare_variable_values(variable, index, model.model))
                             for index, variable in enumerate(variables(spec['components'], 'named'))],
        }

    def _applies_to(self):
        """:return: the model it is about, contacts if that is not installed."""
        # sudo: ir.model - which models are installed is no secret
        models = self.env['ir.model'].sudo()
        model = models._get(self.model_name) if self.model_name in self.env else models
        return model if model.is_mail_thread else models._get('res.partner')

    def _prepare_variable_values(self, variable, sequence, model):
        return {'sequence': sequence, 'key': variable.key, 'name': variable.name, 'component': variable.component,
                'kind': variable.kind, 'sample': variable.sample, **self._prepare_mapping(variable.key, model)}

    def _prepare_mapping(self, key, model):
        """:return: where the value comes from; nothing if it is to be asked for."""
        mapping = (self.mapping or {}).get(key) or {}
        source = mapping.get('source')
        if source == 'field' and not self.env['fluxforce.whatsapp.value']._path_exists(
                self.env[model], mapping['field_path']):
            return {}
        if source == 'portal' and not self._links_to_portal(model):
            return {}
        lines = self.env['fluxforce.whatsapp.template.draft.variable']
        if source not in dict(lines._fields['source']._description_selection(self.env)):
            return {}
        return {name: mapping[name] for name in MAPPING if name in mapping and name in lines._fields}

    def _links_to_portal(self, model):
        urls = [template_parts.url_of(button) for button in template_parts.buttons(self._with_own_address())]
        return f'{self.get_base_url()}/{{{{1}}}}' in urls and self.env['fluxforce.whatsapp.portal']._has_page(
            self.env[model])
