import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..flow import document

# Fields of a step that the document holds under the same name; an empty text is none.
STEP_FIELDS = tuple(document.STEP_FIELDS)
SETTINGS = tuple(document.JOURNEY_FIELDS)
# A key longer than that is not shown in full. (Our own choice.)
LONGEST_SHOWN = 80
# How the gallery names a button by its place.
PLACE = re.compile('#([0-9]{1,3})')
# Records a step refers to: name in the document, field, model.
REFERENCES = (
    ('mail_template', 'mail_template_id', 'mail.template'),
    ('server_action', 'server_action_id', 'ir.actions.server'),
    ('activity_type', 'activity_type_id', 'mail.activity.type'),
)


class FluxforceCampaignDocument(models.AbstractModel):
    """Journeys as documents: export, import, and what the gallery holds; their form is ``flow.document``."""

    _name = 'fluxforce.campaign.document'
    _description = 'WhatsApp Journey Document'

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _export(self, campaign):
        """:return: the document of a campaign's journey, without anything about people. :rtype: dict"""
        campaign.check_access('read')
        steps = campaign.activity_ids
        settings = {name: campaign[name] for name in SETTINGS if campaign[name]}
        return document.write(campaign.name, campaign.model, settings, [self._prepare_export(step) for step in steps])

    def _prepare_export(self, step):
        return {
            'key': self._key(step), 'after': self._key(step.parent_id) if step.parent_id else None, 'type': step.type,
            **{name: step[name] for name in STEP_FIELDS},
            'template': self._template_names(step),
            **{name: self._names(step[field]) for name, field, __ in REFERENCES},
        }

    def _key(self, step):
        return f'step{step.id}'

    def _template_names(self, step):
        # sudo: template, draft - only what they are called
        wanted = step.template_id.sudo() or step.draft_id.sudo()
        return {'name': wanted.name, 'language': wanted.language, 'ready': ''} if wanted else None

    def _names(self, record):
        """:return: what a record is known under in another database; None for none"""
        if not record:
            return None
        # sudo: any record a step refers to - only its name, which the step shows anyway
        record_sudo = record.sudo()
        return {'xmlid': record_sudo.get_external_id()[record.id], 'name': record_sudo.display_name}

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def _read(self, content):
        """:return: the full form of a document, see ``flow.document.read``. :raise UserError: in words"""
        try:
            return document.read(content)
        except document.DocumentError as error:
            raise UserError(self._refusal(error)) from error

    def _refusal(self, error):
        words = {
            'form': self.env._('This is no file of a journey. Choose one that was exported from a campaign.'),
            'version': self.env._(
                'This journey comes from a later version of the app. Update the app, then import it.'),
            'model': self.env._('The journey does not say which records it is about.'),
            'steps': self.env._('The journey has no steps, or more than %(most)s.', most=document.MOST_STEPS),
            'step': self.env._('A step of the journey has no key.'),
            'key': self.env._('Two steps have the key "%(where)s".', where=self._shown(error.where)),
            'after': self.env._('The step "%(where)s" follows one that is not in the file.',
                                where=self._shown(error.where)),
            'loop': self.env._('The step "%(where)s" follows itself.', where=self._shown(error.where)),
            'trigger': self.env._(
                'The step "%(where)s" cannot follow the one before it like that. Look at its entry "%(field)s".',
                where=self._shown(error.where), field=error.field),
        }
        return words.get(error.code) or self._refusal_of_value(error)

    def _refusal_of_value(self, error):
        if not error.where:
            return self.env._('The entry "%(field)s" of the journey has a value that cannot be used.',
                              field=error.field)
        return self.env._('The step "%(where)s": its entry "%(field)s" has a value that cannot be used.',
                          where=self._shown(error.where), field=error.field)

    def _shown(self, key):
        """:return: the key of a step, not longer than anybody reads."""
        return key if len(key) <= LONGEST_SHOWN else f'{key[:LONGEST_SHOWN]}…'

    @api.model
    def _create_campaign(self, content, account=None, language=None):
        """Make a draft of a campaign from a document.

        What the document names and is not there stays empty; the step then says so.

        :param content: what came out of a JSON file
        :param account: the WhatsApp account to send with, where it is to be another one than the usual
        :param str language: of ready templates, Meta's code; the user's own if not given
        :raise UserError: the document cannot be read, or its records are not installed
        """
        journey = self._read(content)
        self._check_types(journey['steps'])
        campaign = self.env['fluxforce.campaign'].create(self._prepare_campaign(journey, account))
        steps = self._create_steps(campaign, journey['steps'], language)
        self._name_buttons(campaign, journey['steps'], steps)
        return campaign

    def _check_types(self, rows):
        """:raise UserError: for a type of step whose app is not installed"""
        there = dict(self.env['fluxforce.campaign.activity']._selection_type())
        missing = next((row for row in rows if row['type'] not in there), None)
        if missing:
            raise UserError(self.env._(
                'The step "%(where)s" is of a type that is not installed here (%(type)s). Ask an administrator to '
                'install its app, or take the step out of the file.', where=self._shown(missing['key']),
                type=missing['type']))

    def _prepare_campaign(self, journey, account):
        model = self._model(journey['model'])
        number = self._number(account)
        return {
            **journey['settings'], 'name': journey['name'] or self.env._('Journey'), 'model_id': model.id,
            'activity_ids': [Command.clear()],
            **({'number_id': number.id, 'company_id': number.company_id.id} if number else {}),
        }

    def _model(self, name):
        campaigns = self.env['fluxforce.campaign']
        if name not in self.env or name not in campaigns._audience_models():
            raise UserError(self.env._(
                'The journey is about records that are not installed here, or that have no phone number (%(model)s).',
                model=name))
        return self.env['ir.model'].sudo()._get(name)  # sudo: ir.model - which models are installed is no secret

    def _number(self, account):
        if not account:
            return None
        numbers = self.env['fluxforce.whatsapp.number'].search([('account_id', '=', account.id)])
        return (numbers.filtered('able_to_send') or numbers)[:1]

    def _create_steps(self, campaign, rows, language):
        """:return: the steps made, by their key in the document."""
        made = {}
        steps = self.env['fluxforce.campaign.activity']
        for index, row in enumerate(rows):
            parent = made.get(row['after'], steps)
            made[row['key']] = steps.create({
                **{name: row[name] for name in STEP_FIELDS if row[name] not in ('', None)},
                'campaign_id': campaign.id, 'parent_id': parent.id, 'type': row['type'], 'sequence': (index + 1) * 10,
                **self._prepare_template(campaign, row['template'], language),
                **{field: self._find(model, row[name]).id for name, field, model in REFERENCES},
            })
        return made

    def _find(self, model, names):
        """:return: the record a document names, if the user may read it here; else an empty one"""
        records = self.env[model]
        if not names or not records.has_access('read'):
            return records
        known = self.env.ref(names['xmlid'], raise_if_not_found=False) if '.' in names['xmlid'] else None
        if known is not None and known._name == model:
            return records.browse(known.id)._filtered_access('read')
        named = names['name'] and records.search([('name', '=', names['name'])], limit=2)
        return named if named and len(named) == 1 else records  # two of one name: the user chooses

    # ------------------------------------------------------------
    # TEMPLATES
    # ------------------------------------------------------------

    def _prepare_template(self, campaign, names, language):
        """:return: the template of a step, or the draft that will become it"""
        if not names or not campaign.account_id:
            return {}
        language = self._language(names, language)
        name = names['name'] or names['ready']
        template = self._known(campaign, name, language)
        if template:
            return {'template_id': template.id}
        draft = self._known_draft(campaign, name, language) or self._make_draft(campaign, names, language)
        return {'draft_id': draft.id} if draft else {}

    def _language(self, names, language):
        return names['language'] or language or self._user_language()

    def _user_language(self):
        """:return: of the languages ready templates are in, the one the user reads"""
        lang = self.env.lang or 'en_US'
        return 'pt_BR' if lang.startswith('pt') else 'es' if lang.startswith('es') else 'en'

    def _known(self, campaign, name, language):
        """:return: the template of that name about the campaign's records, an approved one first"""
        found = self.env['fluxforce.whatsapp.template'].search([
            ('account_id', '=', campaign.account_id.id), ('name', '=', name), ('model_id', '=', campaign.model_id.id),
            ('may_send', '=', True)])
        theirs = found.filtered(lambda template: template.language == language) or found.filtered(
            lambda template: template.language.split('_')[0] == language.split('_')[0])
        return (theirs.filtered(lambda template: template.status == 'APPROVED') or theirs)[:1]

    def _known_draft(self, campaign, name, language):
        return self.env['fluxforce.whatsapp.template.draft'].search([
            ('account_id', '=', campaign.account_id.id), ('name', '=', name), ('language', '=', language),
            ('model_id', '=', campaign.model_id.id), ('template_id', '=', False), ('state', '!=', 'withdrawn')],
            limit=1)

    def _make_draft(self, campaign, names, language):
        """:return: a draft from the gallery of ready templates; an empty one if that has none of the name"""
        drafts = self.env['fluxforce.whatsapp.template.draft']
        row = self._ready(names['ready'] or names['name'], language)
        if not row or row._applies_to() != campaign.model_id:
            return drafts
        wizard = self.env['fluxforce.whatsapp.template.gallery.use'].new({
            'gallery_id': row.id, 'account_id': campaign.account_id.id})
        return drafts.create(row._prepare_draft_values(campaign.account_id, wizard._free_name(row.key)))

    def _ready(self, key, language):
        rows = self.env['fluxforce.whatsapp.template.gallery'].search([('key', '=', key)])
        return (rows.filtered(lambda row: row.language == language)
                or rows.filtered(lambda row: row.language == 'en'))[:1]

    def _name_buttons(self, campaign, rows, steps):
        """The gallery names a button by its place, "#0": its label depends on the language of the message."""
        for row in rows:
            found = PLACE.fullmatch(row['trigger_button'])
            if found:
                labels = self._replies(steps[row['after']]) if row['after'] else []
                place = int(found[1])
                steps[row['key']].trigger_button = labels[place] if place < len(labels) else False

    def _replies(self, step):
        """:return: labels of the buttons of a step's message that answer with these words"""
        # sudo: template, draft - the labels of its buttons, which everybody gets who gets the message
        template_sudo, draft_sudo = step.template_id.sudo(), step.draft_id.sudo()
        components = template_sudo.components if template_sudo else (draft_sudo.spec or {}).get('components')
        return [button.get('text', '') for part in components or () for button in part.get('buttons', ())
                if button.get('type') == 'QUICK_REPLY']
