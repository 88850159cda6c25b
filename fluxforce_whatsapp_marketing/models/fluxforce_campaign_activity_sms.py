from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, format_datetime
from odoo.tools.rendering_tools import parse_inline_template

EDITORS = 'mail.group_mail_template_editor'
# So much of the text stands for it in a sentence. (Our own choice.)
SHOWN = 40


class FluxforceCampaignActivity(models.Model):
    """A step that writes an SMS, where Odoo's app for them is installed: the addon does not need it."""

    _inherit = 'fluxforce.campaign.activity'

    sms_body = fields.Text('SMS Text', translate=True, help='Placeholders stand for values of the record, as in an '
                                                            'e-mail template: {{ object.name }}')
    sms_purpose = fields.Selection([
        ('marketing', 'An offer'),
        ('utility', 'A service update'),
    ], 'The SMS Is', required=True, default='marketing',
        help='Who has said on WhatsApp that they want no more of that gets it by SMS as little.')

    @api.model
    def _has_sms(self):
        """:return: whether SMS can be written here."""
        return 'sms.template' in self.env and hasattr(self.env['mail.thread'], '_message_sms')

    @api.model
    def _selection_type(self):
        types = super()._selection_type()
        if self._has_sms():
            place = [key for key, __ in types].index('email') + 1
            types.insert(place, ('sms', self.env._('SMS')))
        return types

    def _purposes(self):
        return super()._purposes() | set(self.filtered(lambda activity: activity.type == 'sms').mapped('sms_purpose'))

    # ------------------------------------------------------------
    # THE TEXT
    # ------------------------------------------------------------

    @api.constrains('sms_body', 'campaign_id')
    def _check_sms_body(self):
        """Code in a text runs with the rights of the campaign's responsible: as for an e-mail template, only who may
        write code there may write it here, whoever that is. A path of fields is no code."""
        may_write_code = self.env.uid == SUPERUSER_ID or self.env.user.has_group(EDITORS)
        for activity in self:
            if not may_write_code and activity._sms_has_code():
                raise ValidationError(self.env._(
                    'The text of the step "%(step)s" holds placeholders that only editors of e-mail templates may '
                    'write. Use fields of the record like {{ object.name }}, or ask an administrator.',
                    step=activity.name))

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=''):
        self._check_campaign_at_rest()  # translations do not come by write
        result = super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)
        if field_name == 'sms_body':
            for lang in translations:
                self.with_context(lang=lang)._check_sms_body()
        return result

    def _sms_has_code(self):
        """:return: whether the text has placeholders that are more than fields of the record the user may see."""
        return not all(self._is_field_path(expression)
                       for __, expression, __ in parse_inline_template(self.sms_body or '') if expression)

    def _is_field_path(self, expression):
        head, *path = expression.split('.')
        model = self.env.get(self.model)
        for name in path:
            field = model._fields.get(name) if model is not None else None
            if field is None or (field.groups and not self.env.user.has_groups(field.groups)):
                return False
            model = self.env.get(field.comodel_name or '')
        return head == 'object' and bool(path)

    def _render_sms(self, records):
        """:param records: with the rights of whoever reads the values
        :return: by record id, the text in the language of its person; '' where nothing is left of it"""
        texts = {}
        # sudo: res.partner - in which language somebody is written to is no secret to whoever writes to them
        languages = records.sudo()._whatsapp_languages()
        for language, theirs in records.grouped(lambda record: languages[record.id] or records.env.lang).items():
            translated = self.with_context(lang=language)
            theirs = theirs.with_context(lang=language)
            render = translated._render_sms_code if translated._sms_has_code() else translated._render_sms_fields
            texts.update({record_id: text.strip() for record_id, text in render(theirs).items()})
        return texts

    def _render_sms_code(self, records):
        """:raise AccessError: if whose rights it is done with may write no code"""
        renderer = self.env['mail.render.mixin'].with_env(records.env)
        return renderer._render_template(self.sms_body or '', records._name, records.ids)

    def _render_sms_fields(self, records):
        parts = parse_inline_template(self.sms_body or '')
        return {record.id: ''.join(
            literal + (self._read_path(record, path) or default.strip()) for literal, path, default in parts)
            for record in records}

    def _read_path(self, record, expression):
        """:return: the value at the end of a path of fields as a person reads it, '' for none. :rtype: str"""
        value, field = record, None
        for name in expression.split('.')[1:]:
            value, field = value[:1][name], value._fields[name]
        if field is None or not value:
            return str(value) if field is not None and field.type in ('integer', 'float', 'monetary') else ''
        if field.relational:
            return ', '.join(value.mapped('display_name'))
        if field.type == 'selection':
            return dict(field._description_selection(record.env)).get(value, value)
        if field.type == 'date':
            return format_date(record.env, value)
        if field.type == 'datetime':
            return format_datetime(record.env, value, dt_format='short')
        return str(value)

    def _preview_sms(self, record):
        """:return: the text as a person would get it, as far as the user may see; the text itself without a person."""
        try:
            return self._render_sms(record)[record.id] if record else self.sms_body or ''
        except (AccessError, UserError):
            return self.sms_body or ''

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    def _sms_excerpt(self):
        """:return: the beginning of the text, in one line, with the names of the fields in it."""
        parts = parse_inline_template(self.sms_body or '')
        text = ' '.join(''.join(
            literal + (f'[{self._path_label(path)}]' if path else '') for literal, path, __ in parts).split())
        return text if len(text) <= SHOWN else f'{text[:SHOWN]}…'

    def _path_label(self, path):
        """:return: what people call the field at the end of a path, '…' for anything else."""
        model, label = self.env.get(self.model), '…'
        for name in path.split('.')[1:]:
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return '…'
            model, label = self.env.get(field.comodel_name or ''), field._description_string(self.env)
        return label

    def _sms_problem(self):
        """:return: why the SMS cannot be written, '' if it can."""
        if not self._has_sms():
            return self.env._('Odoo\'s app for SMS is not installed.')
        if not (self.sms_body or '').strip():
            return self.env._('Write the text of the SMS.')
        # sudo: res.users - whether the responsible may write code in texts
        responsible_sudo = self.campaign_id.user_id.sudo()
        if self._sms_has_code() and not responsible_sudo.has_group(EDITORS):
            return self.env._('%(user)s may not use the placeholders in its text.', user=responsible_sudo.name)
        return ''
