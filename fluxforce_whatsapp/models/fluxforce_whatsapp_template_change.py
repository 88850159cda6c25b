from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..cloud_api import const as meta
from ..cloud_api import template_writing as writing
from ..const import OTHER, known
from .fluxforce_whatsapp_template_draft import HEADERS, OPEN
from .fluxforce_whatsapp_template_draft_review import APPROVERS
from .fluxforce_whatsapp_template_draft_submission import MODEL_MARK
from .fluxforce_whatsapp_template_history import KEPT


class FluxforceWhatsappTemplate(models.Model):
    """Templates that people make and change: their drafts, what is asked of Meta, and what Meta changes by itself."""

    _inherit = 'fluxforce.whatsapp.template'

    correct_category = fields.Selection(
        [*meta.TEMPLATE_CATEGORIES.items(), (OTHER, 'Other')], 'Right Category', readonly=True,
        help='What Meta takes for right where it differs; the template is going to get it.')
    draft_ids = fields.One2many('fluxforce.whatsapp.template.draft', 'template_id', 'Drafts', readonly=True)
    open_draft_count = fields.Integer('Changes Under Way', compute='_compute_open_draft_count',
                                      groups='fluxforce_whatsapp.group_whatsapp_author')
    history_ids = fields.One2many('fluxforce.whatsapp.template.history', 'template_id', 'History', readonly=True)

    @api.depends('draft_ids.state')
    def _compute_open_draft_count(self):
        for template in self:
            template.open_draft_count = len(template._open_drafts())

    def _open_drafts(self):
        return self.draft_ids.filtered(lambda draft: draft.state in OPEN)

    # ------------------------------------------------------------
    # WHAT META CHANGES
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        templates = super().create(vals_list)
        nothing = dict.fromkeys(KEPT, False)
        templates._keep_history({template.id: nothing for template in templates})
        templates._warn_of_right_category()
        return templates

    def write(self, vals):
        before = {template.id: {name: template[name] for name in KEPT} for template in self}
        former_right = {template.id: template.correct_category for template in self}
        result = super().write(vals)
        if vals.keys() & set(KEPT):
            self._keep_history(before)
            self._drafts_follow(before)
        if 'correct_category' in vals:
            self.filtered(lambda one: one.correct_category != former_right[one.id])._warn_of_right_category()
        return result

    def _keep_history(self, before):
        """:param dict before: by template id, what was known of it."""
        # sudo: history - written by nobody else
        self.env['fluxforce.whatsapp.template.history'].sudo().create([
            {'template_id': template.id, 'what': name, 'before': before[template.id][name], 'after': template[name]}
            for template in self for name in KEPT if template[name] != before[template.id][name]])

    def _drafts_follow(self, before):
        decided = self.filtered(lambda template: template.status != before[template.id]['status'])
        if decided:
            # sudo: draft - moved by Meta
            drafts = self.env['fluxforce.whatsapp.template.draft'].sudo().search([
                ('template_id', 'in', decided.ids), ('state', 'in', OPEN)])
            gone = drafts.filtered(lambda draft: draft.template_id.status == meta.TEMPLATE_EVENT_DELETED)
            gone._lose_template()
            (drafts - gone)._follow()

    def _warn_of_right_category(self):
        """Somebody is told before a category changes: it decides the price and the consent that is needed."""
        wording = self.env['fluxforce.whatsapp.wording']
        for template in self.filtered(lambda one: one.active and one.correct_category not in (False, one.category)):
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'template_category', template.account_id, template=template, detail=self.env._(
                    'Meta takes the template for %(right)s, although it is %(now)s.',
                    right=wording._of('category', template.correct_category),
                    now=wording._of('category', template.category)))

    def _prepare_sync_values(self, account, row):
        values = super()._prepare_sync_values(account, row)
        # Without the key Meta has nothing to say about it; a webhook may have said it before.
        if row.get('correct_category'):
            values['correct_category'] = known(row['correct_category'], meta.TEMPLATE_CATEGORIES)
        return values

    @api.model
    def _adopt(self, account, row, told_at):
        """Take over one template as Meta holds it after it was asked for something.

        :param dict row: Meta's template object.
        :param dict told_at: the template's ``told_at`` when Meta was asked; what was told since is newer.
        :return: the template, as sudo.
        """
        self = self.sudo()  # sudo: template - what Meta says is written by nobody else
        values = self._prepare_sync_values(account, row)
        template = self.with_context(active_test=False).search([
            ('account_id', '=', account.id), ('template_id', '=', values['template_id'])])
        if not template:
            template = self.create(values)
        else:
            if template._has_heard_since('status', told_at):
                for name in ('status', 'rejected_reason'):
                    del values[name]
            template.write(values)
        template._sync_variables()
        return template

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_new_draft(self):
        """Begin a new template; the button in the list calls it for what is selected, which is nothing."""
        return self._open_form(self.env['fluxforce.whatsapp.template.draft'], self.env._('New Template'))

    def action_change(self):
        """Open what is to become of this template: the change under way, or a new draft of it."""
        self.ensure_one()
        drafts = self.env['fluxforce.whatsapp.template.draft']
        drafts.check_access('create')
        draft = self._open_drafts()[:1]
        if not draft:
            # sudo: draft - its link to what is at Meta is made here only
            draft = drafts.sudo().create(self._prepare_draft_values()).sudo(False)
        return self._open_form(draft, draft.display_name)

    def action_open_drafts(self):
        """Show what was written for this template."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'fluxforce_whatsapp.fluxforce_whatsapp_template_draft_action')
        return {**action, 'domain': [('template_id', '=', self.id)], 'context': {'create': False}}

    def action_unpause(self):
        """Ask Meta to send it again; a pause for a set time ends by itself."""
        self._check_approver()
        for template in self:
            self.env['fluxforce.whatsapp.template.request']._ask('unpause', template=template)
        return self.account_id[:1]._notify(self.env._('Meta is asked to send the template again.'))

    def action_delete_at_meta(self):
        """Ask before it is gone."""
        self.ensure_one()
        self._check_approver()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Delete at Meta'),
            'res_model': 'fluxforce.whatsapp.template.delete',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_template_id': self.id},
        }

    def _delete_at_meta(self, all_languages, confirmed_name):
        """Have Meta delete it; its name is blocked there for 30 days.

        :param bool all_languages: whether all languages of its name go.
        :param str confirmed_name: its name, as the person typed it.
        """
        self.ensure_one()
        self._check_approver()
        if (confirmed_name or '').strip() != self.name:
            raise UserError(self.env._('Type Its Name to Confirm: enter %(name)s.', name=self.name))
        if self.status == 'DISABLED':
            raise UserError(self.env._('Meta does not delete a disabled template. Archive it here instead.'))
        values = {}
        if all_languages:
            statuses = self.search([('account_id', '=', self.account_id.id), ('name', '=', self.name)]).mapped('status')
            values = {'template_id': False, 'language': False,
                      'was_approved': meta.TEMPLATE_STATUS_SENDABLE in statuses}
        self.env['fluxforce.whatsapp.template.request']._ask('delete', template=self, **values)

    def _check_approver(self):
        if not self.env.user.has_group(APPROVERS):
            raise AccessError(self.env._('This is for users with the right "WhatsApp: Approver".'))

    def _open_form(self, record, name):
        return {'type': 'ir.actions.act_window', 'name': name, 'res_model': record._name, 'res_id': record.id,
                'view_mode': 'form', 'views': [(False, 'form')]}

    # ------------------------------------------------------------
    # A DRAFT OF IT
    # ------------------------------------------------------------

    def _prepare_draft_values(self):
        """:return: the values of a draft that says what Meta holds now."""
        self.ensure_one()
        if self.category not in meta.TEMPLATE_CATEGORIES:
            raise UserError(self.env._('This template has a category that this addon does not know. Change it in '
                                       'WhatsApp Manager.'))
        if lost := writing.lost(self.components or []):
            raise UserError(self.env._(
                'This template has a part that cannot be written here and would be lost: %(part)s. Change it in '
                'WhatsApp Manager.', part=lost))
        content = writing.content_of(self.components or [])
        buttons = self.env['fluxforce.whatsapp.template.draft.button']
        return {
            'account_id': self.account_id.id, 'template_id': self.id, 'name': self.name, 'language': self.language,
            'category': self.category, 'model_id': self.model_id.id, 'user_id': self.env.uid,
            'parameter_format': 'named' if (self.parameter_format or '').upper() == 'NAMED' else 'positional',
            'header_kind': content.header.kind if content.header.kind in dict(HEADERS) else False,
            'header_text': content.header.text, 'body': content.body, 'footer': content.footer,
            'has_offer': content.has_offer, 'offer_text': content.offer_text, 'offer_expires': content.offer_expires,
            'recommendation': content.recommendation, 'expiration_minutes': content.expiration_minutes,
            'button_ids': [Command.create(buttons._prepare_values(button)) for button in content.buttons],
            'card_ids': [Command.create(self._prepare_card_values(card, index))
                         for index, card in enumerate(content.cards)],
            'variable_ids': [Command.create(variable._prepare_copy_values()) for variable in self.variable_ids
                             if not variable.is_optional],
            'ttl_seconds': self.ttl_seconds, 'mapping_base': self._mapping_marks(),
            **self._prepare_sample(content.header.kind, lambda draft: draft, 'header:media'),
        }

    def _mapping_marks(self):
        """:return: by variable key and for the model, what tells whether the mapping has changed since."""
        return {MODEL_MARK: self.model_id.id,
                **{variable.key: variable._mapping_mark() for variable in self.variable_ids}}

    def _prepare_sample(self, kind, part_of, key):
        """Meta does not give samples back: the last one uploaded here serves again, else the file that is sent.

        :param str kind: of the header
        :param part_of: a function that leads from a draft to its part with the sample
        :param str key: of the header's variable
        :return: values of the sample, none if there is no file of this kind
        """
        for draft in self.draft_ids.sorted('id', reverse=True).with_context(bin_size=False):
            part = part_of(draft)
            if part.header_kind == kind and part.header_file:
                return {'header_file': part.header_file, 'header_filename': part.header_filename}
        sent = self.variable_ids.filtered(lambda one: one.key == key and one.source == 'file')
        cards = self.env['fluxforce.whatsapp.template.draft.card']
        is_sample = cards._is_sample(kind, sent.file)
        return {'header_file': sent.file, 'header_filename': sent.file_name} if is_sample else {}

    def _prepare_card_values(self, card, index):
        buttons = self.env['fluxforce.whatsapp.template.draft.button']
        kind = card.header.kind
        sample = self._prepare_sample(kind, lambda draft: draft.card_ids.sorted(draft._by_sequence)[index:index + 1],
                                      f'card:{index}:header:media')
        return {'header_kind': kind if kind in ('IMAGE', 'VIDEO', 'PRODUCT') else 'IMAGE', 'body': card.body, **sample,
                'button_ids': [Command.create(buttons._prepare_values(button)) for button in card.buttons]}
