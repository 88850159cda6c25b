from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..cloud_api.addresses import suffix

MEDIA_KINDS = ('image', 'video', 'document')
COMPONENTS = [('header', 'Header'), ('body', 'Body'), ('button', 'Button'), ('card', 'Card'), ('offer', 'Offer')]
SOURCES = [
    ('field', 'Field of the record'),
    ('portal', 'Link to the record'),
    ('sender_name', 'Name of who sends'),
    ('sender_phone', 'Phone of who sends'),
    ('company', 'Name of the company'),
    ('constant', 'Always the same'),
    ('free', 'Asked when sending'),
    ('preferences', 'Link to the preference page'),
]
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
    sample = fields.Char()
    source = fields.Selection(SOURCES, 'Value', required=True, default='free')
    field_path = fields.Char('Field')
    format = fields.Selection(
        FORMATS, required=True, default='plain',
        help='Amounts, dates and times are written in the language and time zone of the person who gets them.')
    decimals = fields.Integer(default=2)
    constant = fields.Char('Text')
    fallback = fields.Char('If empty', help='Used when there is no value. Without it such a message is not sent.')
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

    @api.depends('name', 'component')
    def _compute_display_name(self):
        for variable in self:
            variable.display_name = f'{{{{{variable.name}}}}}'

    # ------------------------------------------------------------
    # WHAT IS WRONG WITH IT
    # ------------------------------------------------------------

    @api.constrains('source', 'field_path', 'format', 'decimals')
    def _check_mapping(self):
        for variable in self:
            problem = variable._find_problem()
            if problem:
                raise ValidationError(problem)

    @api.depends('model', 'source', 'field_path', 'format', 'decimals')
    @api.depends_context('lang')
    def _compute_problem(self):
        for variable in self:
            variable.problem = variable._find_problem()

    def _find_problem(self):
        """:return: why no record can give this value, with the remedy; False if they can."""
        find = getattr(self, f'_find_problem_{self.source}', None)
        problem = find() if find else ''
        return problem and self.env._('Variable %(name)s: %(problem)s', name=self.display_name, problem=problem)

    def _find_problem_field(self):
        if not self._field_path_exists():
            return self.env._('"%(path)s" is no field of %(model)s. Choose one in the column Field.',
                              path=self.field_path or '', model=self._model_label())
        types = TYPES_OF_FORMAT.get(self.format)
        if types and self._last_field().type not in types:
            return self.env._('"%(path)s" cannot be written as "%(format)s". Choose another format.',
                              path=self.field_path, format=self._format_label())
        if self.format == 'number' and not 0 <= self.decimals <= DECIMALS_MOST:
            return self.env._('the decimals must be between 0 and %(most)s.', most=DECIMALS_MOST)
        return ''

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
        :param dict free_values: by variable key, what was typed at sending
        :param dict recipients: :class:`Recipient` by record id, if the caller has asked already
        :return: by record id, a dict of values by variable key; variables without a value are left out
        """
        if not self:
            return {record.id: {} for record in records}
        recipients = recipients if recipients is not None else records._whatsapp_recipients()
        groups = self.env['fluxforce.whatsapp.value']._localised(records, recipients, self[:1]._mapped_language())
        values = {record.id: self._values_of(record, recipients[record.id], free_values or {})
                  for group in groups for record in group}
        return {record.id: values[record.id] for record in records}

    def _values_of(self, record, recipient, free_values):
        found = {variable.key: variable._value_for(record, free_values, recipient) for variable in self}
        return {key: value for key, value in found.items() if value}

    def _value_for(self, record, free_values, recipient=None):
        """:return: the value for a record, '' if there is none; a dict with the link for media."""
        self.ensure_one()
        recipient = recipient or record._whatsapp_recipients()[record.id]
        value = getattr(self, f'_read_{self.source}')(record, recipient, free_values) or self.fallback or ''
        if value and self.kind in MEDIA_KINDS and isinstance(value, str):
            return {'link': value}
        return value

    def _missing_name(self, value=None):
        """:param value: what stands in the place of the value
        :return: the variable as its lack is told, with what is wrong
        """
        return self.problem or self.display_name

    # ------------------------------------------------------------
    # READ: one method per source; the record, the person, and what was typed
    # ------------------------------------------------------------

    def _read_field(self, record, recipient, free_values):
        if not self._field_path_exists():
            return ''  # told by the variable's problem
        return self.env['fluxforce.whatsapp.value']._words(record, self.field_path, self.format, self.decimals)

    def _read_portal(self, record, recipient, free_values):
        link = self.env['fluxforce.whatsapp.portal']._link(record)
        return suffix(link, self._mapped_prefix()) or ''

    def _read_sender_name(self, record, recipient, free_values):
        # What runs by itself has no name to sign with.
        return '' if record.env.user._is_superuser() else record.env.user.name

    def _read_sender_phone(self, record, recipient, free_values):
        return '' if record.env.user._is_superuser() else record.env.user.phone

    def _read_company(self, record, recipient, free_values):
        return self._mapped_company().sudo().name  # sudo: res.company - only its name

    def _read_constant(self, record, recipient, free_values):
        return self.constant

    def _read_free(self, record, recipient, free_values):
        return free_values.get(self.key)

    def _read_preferences(self, record, recipient, free_values):
        """:return: the address of the person's preference page; for a button only its end, which follows the address
            approved by Meta."""
        company, partner = self._mapped_company(), recipient.partner
        if not partner:
            return ''
        if self.component == 'button':
            return self.env['fluxforce.whatsapp.preferences']._sign(partner, company)
        return partner._whatsapp_preference_url(company)
