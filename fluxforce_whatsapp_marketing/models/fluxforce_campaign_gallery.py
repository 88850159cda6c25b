import json

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open

FILE = 'fluxforce_whatsapp_marketing/data/journey_gallery.json'
# In which the texts of the gallery are; whoever reads another one gets the first.
LANGUAGES = ('en', 'es')
# The app that brings a model, by the name people know it under.
APPS = {'crm.lead': 'crm', 'sale.order': 'sale_management', 'event.registration': 'event', 'stock.picking': 'stock'}


class FluxforceCampaignGallery(models.Model):
    """A ready journey to begin a campaign from; its content comes from a file, see ``_load``."""

    _name = 'fluxforce.campaign.gallery'
    _description = 'WhatsApp Ready Journey'
    _order = 'sequence, id'
    _rec_name = 'title'

    key = fields.Char(required=True)
    sequence = fields.Integer()
    icon = fields.Char()
    model_name = fields.Char(required=True, help='Technical: whom it writes to.')
    texts = fields.Json(required=True, help='Technical: its words by language.')
    journey = fields.Json(required=True, help='Technical: the journey as a document.')
    title = fields.Char(compute='_compute_title', search='_search_title')
    use = fields.Char('What It Does', compute='_compute_title')
    step_count = fields.Integer('Steps', compute='_compute_step_count')
    audience = fields.Char('Writes to', compute='_compute_is_available')
    is_available = fields.Boolean('Ready to Use', compute='_compute_is_available')
    missing_app = fields.Char('App It Needs', compute='_compute_is_available')

    _key_unique = models.Constraint('unique(key)', 'This journey is already there.')

    # ------------------------------------------------------------
    # LOAD
    # ------------------------------------------------------------

    @api.model
    def _load(self):
        """Bring the gallery to what the file says; called at each update of the addon."""
        with file_open(FILE, 'r') as file:
            entries = json.load(file)
        rows = {entry['key']: {
            'key': entry['key'], 'sequence': sequence, 'icon': entry['icon'],
            'model_name': entry['journey']['model'], 'texts': entry['languages'], 'journey': entry['journey'],
        } for sequence, entry in enumerate(entries)}
        present = self._shelf().grouped('key')
        for key, row in present.items():
            if key in rows:
                row.write(rows[key])
        self.create([values for key, values in rows.items() if key not in present])
        self.browse([row.id for key, row in present.items() if key not in rows]).unlink()

    def _shelf(self):
        """:return: all of them: some dozens at most"""
        return self.search([('key', '!=', False)])

    # ------------------------------------------------------------
    # SHOW
    # ------------------------------------------------------------

    @api.depends('texts')
    @api.depends_context('lang')
    def _compute_title(self):
        for row in self:
            words = row._words()
            row.title, row.use = words.get('title'), words.get('use')

    def _words(self):
        """:return: the texts in the user's language."""
        language = (self.env.lang or '')[:2]
        texts = self.texts or {}
        return texts.get(language if language in LANGUAGES else LANGUAGES[0]) or {}

    def _search_title(self, operator, value):
        """There are few: they are looked through in the language in which the user sees them."""
        if operator not in ('ilike', '=ilike'):
            return NotImplemented
        sought = (value or '').strip('%').casefold()
        found = self._shelf().filtered(
            lambda row: sought in f'{row.title} {row.use}'.casefold())
        return [('id', 'in', found.ids)]

    @api.depends('journey')
    def _compute_step_count(self):
        for row in self:
            row.step_count = len((row.journey or {}).get('steps', ()))

    @api.depends('model_name')
    @api.depends_context('lang')
    def _compute_is_available(self):
        # sudo: ir.model, ir.module.module - which apps are installed, and what they are called, is no secret
        models_sudo, modules_sudo = self.env['ir.model'].sudo(), self.env['ir.module.module'].sudo()
        for row in self:
            app = APPS.get(row.model_name)
            row.is_available = row.model_name in self.env
            row.audience = models_sudo._get(row.model_name).name if row.is_available else False
            row.missing_app = not row.is_available and (
                modules_sudo.search([('name', '=', app)], limit=1).shortdesc or app or row.model_name)

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def action_use(self):
        """Ask with which account and in which language a campaign is to be made of it."""
        self.ensure_one()
        self._check_available()
        return {
            'type': 'ir.actions.act_window',
            'name': self.title,
            'res_model': 'fluxforce.campaign.gallery.use',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_gallery_id': self.id},
        }

    def _check_available(self):
        if not self.is_available:
            raise UserError(self.env._('This journey needs the app %(app)s. Ask an administrator to install it.',
                                       app=self.missing_app))

    def _document(self):
        """:return: the journey as a document, in the user's words."""
        words = self._words()
        steps = words.get('steps') or {}
        settings = {name: self._dated(value) for name, value in self.journey.get('settings', {}).items()}
        return {**self.journey, 'name': words.get('title'), 'settings': settings,
                'steps': [{**step, **steps.get(step['key'], {})} for step in self.journey['steps']]}

    def _dated(self, value):
        """:return: a setting with the days in it that the file can only name."""
        if not isinstance(value, str):
            return value
        return value.replace('{two_years_ago}', fields.Date.to_string(fields.Date.today() - relativedelta(years=2)))
