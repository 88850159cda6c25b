from dataclasses import dataclass, field, replace

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..cloud_api import templates as meta_templates
from ..cloud_api.addresses import suffix
from .fluxforce_whatsapp_file import OPENED_MOST
from .fluxforce_whatsapp_value import WORDLESS

MEDIA_KINDS = ('image', 'video', 'document')
# Where a record that is a place keeps it.
PLACE_FIELDS = ('partner_latitude', 'partner_longitude')
COMPONENTS = [('header', 'Header'), ('body', 'Body'), ('button', 'Button'), ('card', 'Card'), ('offer', 'Offer'),
              ('tap_target', 'Whole message')]
SOURCES = [
    ('field', 'Field of the record'),
    ('portal', 'Link to the record'),
    ('sender_name', 'Name of who sends'),
    ('sender_phone', 'Phone of who sends'),
    ('company', 'Name of the company'),
    ('constant', 'Always the same'),
    ('free', 'Asked when sending'),
    ('nothing', 'Nothing'),
    ('preferences', 'Link to the preference page'),
    ('file', 'File'),
    ('report', 'Printed report of the record'),
]
# Values that are files, and those that are words; all others can be either.
SOURCES_OF_FILES = ('file', 'report')
SOURCES_OF_WORDS = ('portal', 'sender_name', 'sender_phone', 'company', 'preferences')
FORMATS = [
    ('plain', 'As Odoo shows it'),
    ('money', 'Amount with currency'),
    ('date', 'Date'),
    ('datetime', 'Date and time'),
    ('time', 'Time'),
    ('number', 'Number with decimals'),
]
# Which fields a format makes sense for.
TYPES_OF_FORMAT = {
    'money': ('monetary', 'float', 'integer'),
    'number': ('monetary', 'float', 'integer'),
    'date': ('date', 'datetime'),
    'datetime': ('date', 'datetime'),
    'time': ('datetime',),
}
# Decimals of a number, at most. (Our own choice.)
DECIMALS_MOST = 6


@dataclass
class Reading:
    """What is known while values are read.

    :ivar recipient: :class:`Recipient` of the record
    :ivar dict free_values: by variable key, what was typed at sending
    :ivar dict files: by (variable key, record id), the attachment of a field
    :ivar bool opened: whether files are looked into
    """

    recipient: object
    free_values: dict
    files: dict = field(default_factory=dict)
    opened: bool = True


class FluxforceWhatsappVariableMapping(models.AbstractModel):
    """Where the value of one variable of a template comes from and how it is written.

    Models that inherit it say whose variable it is: ``_mapped_company``, ``_mapped_language``, ``_mapped_components``,
    and the field ``model``.
    """

    _name = 'fluxforce.whatsapp.variable.mapping'
    _description = 'WhatsApp Variable and Its Value'
    _order = 'sequence, id'

    model = fields.Char('Model Name')
    sequence = fields.Integer()
    key = fields.Char(required=True)
    name = fields.Char('Variable', required=True)
    component = fields.Selection(COMPONENTS, 'Part')
    kind = fields.Char(default='text')
    is_optional = fields.Boolean('May Stay Empty')
    sample = fields.Char()
    source = fields.Selection(SOURCES, 'Value', required=True, default='free')
    field_path = fields.Char('Field')
    format = fields.Selection(
        FORMATS, required=True, default='plain',
        help='Amounts, dates and times are written in the language and time zone of the person who gets them.')
    decimals = fields.Integer(default=2)
    constant = fields.Char('Text')
    fallback = fields.Char('If empty', help='Used when there is no value. Without it such a message is not sent.')
    attachment_id = fields.Many2one('ir.attachment', 'File in Store', copy=False, ondelete='set null')
    file = fields.Binary(compute='_compute_file', inverse='_inverse_file')
    file_name = fields.Char(compute='_compute_file', inverse='_inverse_file')
    report_id = fields.Many2one('ir.actions.report', 'Report', ondelete='set null',
                                help='Printed for each record with the rights of who sends, and sent as PDF.')
    problem = fields.Char(compute='_compute_problem', help='Why the value cannot be found.')

    # ------------------------------------------------------------
    # WHOSE VARIABLE
    # ------------------------------------------------------------

    def _mapped_company(self):
        """:return: the company whose name and pages are meant."""
        return self.env.company

    def _mapped_language(self):
        """:return: the language of the text around the value, as Meta writes it; '' for none."""
        return ''

    def _mapped_components(self):
        """:return: Meta's component list of the template."""
        return []

    def _mapped_prefix(self):
        """:return: the beginning of a button's address that the value follows; '' where it is no such end."""
        return ''

    @api.depends('name', 'component', 'key', 'kind', 'is_optional')
    @api.depends_context('lang')
    def _compute_display_name(self):
        files = {'image': self.env._('Picture'), 'video': self.env._('Video'), 'document': self.env._('Document'),
                 'location': self.env._('Location')}
        for variable in self:
            words = files.get(variable.kind) or variable._own_words() or f'{{{{{variable.name}}}}}'
            card = (variable.key or '').split(':')
            variable.display_name = self.env._('Card %(number)s: %(variable)s', number=int(card[1]) + 1,
                                               variable=words) if card[0] == 'card' else words

    def _own_words(self):
        """:return: what a variable is called that has no name in the text, '' for the others."""
        found = self.is_optional and self._variable()
        # The card is told by the caller.
        return self.env['fluxforce.whatsapp.wording']._put_together(
            replace(found, card_index=None).words) if found else ''

    def _variable(self):
        """:return: the variable as Meta's components have it, None if they do not any more.
            :rtype: cloud_api.templates.Variable"""
        found = meta_templates.variables(self._mapped_components(), optional=True)
        return next((variable for variable in found if variable.key == self.key), None)

    @api.depends('attachment_id')
    def _compute_file(self):
        for variable in self:
            # sudo: ir.attachment - it belongs to the variable
            variable.file = variable.attachment_id.sudo().datas
            variable.file_name = variable.attachment_id.sudo().name

    def _inverse_file(self):
        """Keep what was chosen; a file in use stays for the messages that wait with it."""
        for variable in self:
            if not variable.file:
                variable.attachment_id = False
            elif variable.file != variable.attachment_id.sudo().datas:  # sudo: ir.attachment - as above
                variable.attachment_id = self.env['ir.attachment'].create({
                    'name': variable.file_name or variable.name, 'datas': variable.file,
                    'res_model': variable._name, 'res_id': variable._origin.id or False})

    # ------------------------------------------------------------
    # WHAT IS WRONG WITH IT
    # ------------------------------------------------------------

    @api.constrains('source', 'field_path', 'format', 'decimals', 'attachment_id', 'report_id', 'constant', 'fallback')
    def _check_mapping(self):
        for variable in self:
            # A file comes after everything else is written; without one nothing is sent.
            has_file = variable.source != 'file' or variable.attachment_id
            # It is handed out to whoever the template is sent to. Constraints run with all rights.
            variable.attachment_id.sudo(False).check_access('read')
            if has_file and (problem := variable._find_problem(opened=True)):
                raise ValidationError(problem)

    @api.depends('model', 'source', 'field_path', 'format', 'decimals', 'attachment_id', 'report_id', 'kind',
                 'constant', 'fallback')
    @api.depends_context('lang')
    def _compute_problem(self):
        for variable in self:
            variable.problem = variable._find_problem()

    def _find_problem(self, opened=False):
        """:param bool opened: whether a file is looked into
        :return: why no record can give this value, with the remedy; False if they can."""
        find = getattr(self, f'_find_problem_{self.source}', None)
        problem = self._find_problem_kind() or (find() if find else '') or self._find_problem_typed(
            self.constant if self.source == 'constant' else self.fallback)
        if not problem and opened and self.source == 'file':
            problem = self._value_of_file(self.attachment_id).get('problem')
        return problem and self.env._('Variable %(name)s: %(problem)s', name=self.display_name, problem=problem)

    def _find_problem_kind(self):
        is_file = self.kind in MEDIA_KINDS
        unfit = SOURCES_OF_WORDS if is_file else SOURCES_OF_FILES
        if self.source in unfit or (self.source == 'report' and self.kind != 'document') or (
                self.source == 'nothing' and not self.is_optional):
            label = dict(self._fields['source']._description_selection(self.env)).get(self.source)
            return self.env._('"%(value)s" does not fit here. Choose another value.', value=label)
        return ''

    def _find_problem_typed(self, text, zone=None):
        """:param str zone: in which a moment is meant, the company's if it is not said
        :return: why a text that somebody wrote cannot be the value, with how to write it; '' if it can"""
        variable = text and self.kind not in (*MEDIA_KINDS, 'text') and self._variable()
        wrong = variable and meta_templates.wrong(variable, self._as_meant(text, zone))
        return self.env['fluxforce.whatsapp.wording']._put_together(wrong) if wrong else ''

    def _as_meant(self, text, zone=None):
        """:return: what somebody wrote; a moment with its zone."""
        if self.kind != 'datetime' or not isinstance(text, str):
            return text
        values = self.env['fluxforce.whatsapp.value']
        return values._moment_in(text, zone or values._own_zone())

    def _find_problem_file(self):
        return '' if self.attachment_id else self.env._('the file is missing. Choose one in the column File.')

    def _find_problem_report(self):
        # sudo: ir.actions.report - what it prints
        report_sudo = self.report_id.sudo()
        if report_sudo.model == self.model and report_sudo.report_type == 'qweb-pdf':
            return ''
        return self.env._('there is no report of %(model)s. Choose one in the column Report.',
                          model=self._model_label())

    def _find_problem_field(self):
        if not self._field_path_exists():
            return self.env._('"%(path)s" is no field of %(model)s. Choose one in the column Field.',
                              path=self.field_path or '', model=self._model_label())
        if self.kind in MEDIA_KINDS:
            return self._find_problem_file_field()
        if self.kind == 'location':
            return self._find_problem_place()
        if self.kind == 'datetime' and self._last_field().type not in ('date', 'datetime'):
            return self.env._('"%(path)s" is no moment. Choose a field with a date or a date and time.',
                              path=self.field_path)
        types, last = TYPES_OF_FORMAT.get(self.format), self._last_field()
        if last.type in WORDLESS:
            return self.env._('"%(path)s" holds no words. Choose another field.', path=self.field_path)
        if types and last.type not in types:
            return self.env._('"%(path)s" cannot be written as "%(format)s". Choose another format.',
                              path=self.field_path, format=self._format_label())
        if self.format == 'number' and not 0 <= self.decimals <= DECIMALS_MOST:
            return self.env._('the decimals must be between 0 and %(most)s.', most=DECIMALS_MOST)
        return ''

    def _find_problem_file_field(self):
        last = self._last_field()
        is_stored = last.type in ('binary', 'image') and last.store and last.attachment
        if is_stored or last.type == 'char' or last.comodel_name == 'ir.attachment':
            return ''
        return self.env._('"%(path)s" holds no file. Choose a field with a file, or with the address of one.',
                          path=self.field_path)

    def _find_problem_place(self):
        last = self._last_field()
        if last.relational and all(name in self.env[last.comodel_name]._fields for name in PLACE_FIELDS):
            return ''
        return self.env._('"%(path)s" is no place. Choose a field with a contact or an address.', path=self.field_path)

    def _find_problem_portal(self):
        if not self.env['fluxforce.whatsapp.portal']._has_page(self._model()):
            return self.env._('%(model)s has no page for customers. Choose another value.', model=self._model_label())
        prefix, base = self._mapped_prefix(), self.get_base_url()
        if prefix and suffix(prefix, f'{base}/') is None:
            return self.env._(
                'the button\'s address begins with "%(prefix)s", links to records with "%(base)s/". Have a button '
                'approved whose address is "%(base)s/{{1}}".', prefix=prefix, base=base)
        return ''

    def _model(self):
        """:return: an empty recordset of the model, None if it is gone."""
        return self.env.get(self.model)

    def _model_label(self):
        # sudo: ir.model - only its name
        return self.env['ir.model'].sudo()._get(self.model).name or self.model or ''

    def _format_label(self):
        return dict(self._fields['format']._description_selection(self.env)).get(self.format, '')

    def _field_path_exists(self):
        return self.env['fluxforce.whatsapp.value']._path_exists(self._model(), self.field_path)

    def _last_field(self):
        way, __, name = self.field_path.rpartition('.')
        model = self._model()
        return (model.mapped(way) if way else model)._fields[name]

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    def _values_for(self, records, free_values=None, recipients=None):
        """Find the values of these variables for each record.

        :param records: of the template's model, with the rights of the user who sends
        :param dict free_values: by variable key, what was typed at sending; for a file an attachment or its address
        :param dict recipients: :class:`Recipient` by record id, if the caller has asked already
        :return: by record id, a dict of values by variable key; variables without a value are left out
        """
        if not self:
            return {record.id: {} for record in records}
        recipients = recipients if recipients is not None else records._whatsapp_recipients()
        groups = self.env['fluxforce.whatsapp.value']._localised(
            records, recipients, self[:1]._mapped_language(), any(variable._is_zoned() for variable in self))
        files, opened = self._files_of_fields(records), len(records) <= OPENED_MOST
        plain = self.filtered(lambda variable: not opened and variable._is_plain(records))
        texts, others = plain._texts_of(records), self - plain
        values = {record.id: {**texts[record.id], **others._values_of(
            record, Reading(recipients[record.id], free_values or {}, files, opened))}
            for group in groups for record in group}
        return {record.id: values[record.id] for record in records}

    def _is_plain(self, records):
        """:return: whether the value is a text of the record itself, the same in every language: most values are."""
        field = records._fields.get(self.field_path or '') if self.source == 'field' else None
        return bool(field) and self.kind == 'text' and self.format == 'plain' and field.type in ('char', 'text') and (
            not field.translate)

    def _texts_of(self, records):
        """As :meth:`_values_of` for what :meth:`_is_plain`, of all records at once.

        :raise AccessError: the user may not read one of the fields
        """
        for variable in self:
            self.env['fluxforce.whatsapp.value']._owners(records[:1], variable.field_path)
        columns = [(variable.key, variable.field_path, variable.fallback or '') for variable in self]
        found = {record.id: [(key, record[name] or fallback) for key, name, fallback in columns] for record in records}
        return {id_: {key: value for key, value in pairs if value} for id_, pairs in found.items()}

    def _is_zoned(self):
        """:return: whether the value depends on the person's time zone."""
        if self.source != 'field' or not self._field_path_exists():
            return False
        return self._last_field().type not in ('char', 'text', 'selection', 'monetary', 'float', 'integer', 'boolean')

    def _values_of(self, record, reading):
        found = {variable.key: variable._find_value(record, reading) for variable in self}
        return {key: value for key, value in found.items() if value}

    def _value_for(self, record, free_values):
        """:return: the value for a single record, '' if there is none"""
        return self._values_for(record, free_values)[record.id].get(self.key, '')

    def _find_value(self, record, reading):
        """:param record: in the language and time zone of the person
        :param Reading reading: what is known
        :return: the value, '' if there is none; a dict for media, see ``cloud_api.outgoing``
        """
        value = getattr(self, f'_read_{self.source}')(record, reading) or self._as_meant(self.fallback) or ''
        if value and self.kind in MEDIA_KINDS and isinstance(value, str):
            return {'link': value}
        return value

    def _missing_name(self, value=None):
        """:param value: what stands in the place of the value
        :return: the variable as its lack is told, with what is wrong
        """
        if isinstance(value, dict) and value.get('problem'):
            return self.env._('%(name)s: %(problem)s', name=self.display_name, problem=value['problem'])
        return self.problem or self.display_name

    # ------------------------------------------------------------
    # READ: one method per source; the record and what is known
    # ------------------------------------------------------------

    def _read_field(self, record, reading):
        if not self._field_path_exists():
            return ''  # told by the variable's problem
        if self.kind in MEDIA_KINDS:
            return self._read_file_field(record, reading)
        if self.kind == 'datetime':
            return self._read_moment(record)
        if self.kind == 'location':
            return self._read_place(record)
        return self.env['fluxforce.whatsapp.value']._words(record, self.field_path, self.format, self.decimals)

    def _read_moment(self, record):
        """:return: a moment for Meta, not for people: the end of an offer"""
        owners, name = self.env['fluxforce.whatsapp.value']._owners(record, self.field_path)
        reader = self.env['fluxforce.whatsapp.value'].with_context(**record.env.context)
        return reader._moment_of(owners[:1][name])

    def _read_place(self, record):
        """:return: where a contact is, '' if that is not known"""
        owners, name = self.env['fluxforce.whatsapp.value']._owners(record, self.field_path)
        place = owners[:1][name][:1]
        latitude, longitude = (place[field_name] for field_name in PLACE_FIELDS)
        if not (latitude or longitude):
            return ''
        address = ' '.join((place.contact_address_inline or '').split()) if 'contact_address_inline' in place else ''
        return {'latitude': latitude, 'longitude': longitude, 'name': place.display_name,
                **({'address': address} if address else {})}

    def _read_portal(self, record, reading):
        link = self.env['fluxforce.whatsapp.portal']._link(record)
        return suffix(link, self._mapped_prefix()) or ''

    def _read_sender_name(self, record, reading):
        # What runs by itself has no name to sign with.
        return '' if record.env.user._is_superuser() else record.env.user.name

    def _read_sender_phone(self, record, reading):
        return '' if record.env.user._is_superuser() else record.env.user.phone

    def _read_company(self, record, reading):
        return self._mapped_company().sudo().name  # sudo: res.company - only its name

    def _read_constant(self, record, reading):
        return self._as_meant(self.constant)

    def _read_nothing(self, record, reading):
        return ''

    def _read_free(self, record, reading):
        value = reading.free_values.get(self.key)
        if isinstance(value, models.BaseModel):  # an attachment
            value.check_access('read')
            return self._value_of_file(value)
        return self._as_meant(value, record.env.user.tz)

    def _read_preferences(self, record, reading):
        """:return: the address of the person's preference page; for a button only its end, which follows the address
            approved by Meta."""
        company, partner = self._mapped_company(), reading.recipient.partner
        if not partner:
            return ''
        if self.component == 'button':
            return self.env['fluxforce.whatsapp.preferences']._sign(partner, company)
        return partner._whatsapp_preference_url(company)

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def _value_of_file(self, attachment, stem='', opened=True):
        return self.env['fluxforce.whatsapp.file']._value_of(attachment, self.kind, True, stem, opened)

    def _read_file(self, record, reading):
        return self._value_of_file(self.attachment_id) if self.attachment_id else ''

    def _read_report(self, record, reading):
        printing, report_sudo = self.env['fluxforce.whatsapp.printing'], self.report_id.sudo()  # sudo: as core prints
        try:
            printing._check_may_print(report_sudo, record)
        except (AccessError, UserError) as error:
            return {'problem': str(error)}
        return {'report': report_sudo.id, 'kind': 'document', 'header': True, 'lang': record.env.lang}

    def _read_file_field(self, record, reading):
        attachment = reading.files.get((self.key, record.id))
        if attachment:
            # A field's own file is called like the field: for people it is called like its record.
            stem = record.display_name if attachment.sudo().res_field else ''  # sudo: ir.attachment - read in the field
            return self._value_of_file(attachment, stem, reading.opened)
        last = self._last_field()
        is_link = last.type == 'char' and not last.relational
        return self.env['fluxforce.whatsapp.value']._words(record, self.field_path) if is_link else ''

    def _files_of_fields(self, records):
        """:return: by (variable key, record id), the attachments that the fields of these variables hold; all records
            are looked at together"""
        return {(variable.key, record_id): attachment
                for variable in self
                if variable.source == 'field' and variable.kind in MEDIA_KINDS and variable._field_path_exists()
                for record_id, attachment in variable._files_of_field(records).items()}

    def _files_of_field(self, records):
        reader = self.env['fluxforce.whatsapp.value']
        last = self._last_field()
        if last.type == 'char':
            return {}
        # The contents are not read: they may be large.
        owners = {record.id: reader._owners(record, self.field_path, last.relational) for record in records}
        if last.relational:
            held = {id_: owner[name][:1] for id_, (owner, name) in owners.items() if owner[name]}
            reader._check_readable(records.env['ir.attachment'].concat(*held.values()), self.field_path)
            return held
        held = self._attachments_of(last, {owner.id for all_of_them, __ in owners.values() for owner in all_of_them})
        return {id_: held[first] for id_, (owner, __) in owners.items()
                if (first := next((one.id for one in owner if one.id in held), None))}

    def _attachments_of(self, last, ids):
        """:return: by record id, the attachment in which a field keeps its content"""
        # sudo: ir.attachment - the field itself was read with the sender's rights
        attachments = self.env['ir.attachment'].sudo().search([
            ('res_model', '=', last.model_name), ('res_field', '=', last.name), ('res_id', 'in', list(ids))])
        return {attachment.res_id: attachment for attachment in attachments}
