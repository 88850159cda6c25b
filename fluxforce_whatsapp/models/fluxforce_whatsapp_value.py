from collections import defaultdict
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, format_time, formatLang, html2plaintext
from odoo.tools.misc import format_amount

from ..policy.quiet_hours import known_zones, zones_of_phone

# Fields that hold nothing a person reads.
WORDLESS = ('binary', 'image', 'json', 'properties', 'properties_definition')


class FluxforceWhatsappValue(models.AbstractModel):
    """Reads what a record says, in the words of the person it goes to: language, time zone, currency."""

    _name = 'fluxforce.whatsapp.value'
    _description = 'WhatsApp Value in Words'

    # ------------------------------------------------------------
    # WHOSE WORDS
    # ------------------------------------------------------------

    @api.model
    def _localised(self, records, recipients, language='', zoned=True):
        """Put the records into groups, each with the language and time zone of its people in the context.

        :param dict recipients: :class:`Recipient` by record id
        :param str language: of the text around the values, for who has none
        :param bool zoned: whether the values depend on the time zone; to find it takes its time
        :return: list of recordsets; what one of them reads is read for all
        """
        # sudo: res.partner - only language and time zone
        partners_sudo = self.env['res.partner'].sudo().browse(
            {recipients[record.id].partner.id for record in records} - {False})
        by_id = {partner.id: partner for partner in partners_sudo}
        nobody, known, places = partners_sudo.browse(), {}, defaultdict(list)
        for record in records:
            recipient = recipients[record.id]
            partner_sudo = by_id.get(recipient.partner.id, nobody)
            # Where the time zone does not count, people of one language are in the same place.
            key = (partner_sudo.lang, zoned and (partner_sudo.tz or recipient.phone))
            if key not in known:
                known[key] = self._place(partner_sudo, recipient.phone, language, zoned)
            places[known[key]].append(record.id)
        return [records.browse(ids).with_context(lang=lang, tz=tz).with_prefetch(records.ids)
                for (lang, tz), ids in places.items()]

    def _place(self, partner_sudo, phone, language, zoned):
        """:return: language and time zone of a person."""
        lang = self._installed(partner_sudo.lang) or self._installed(language) or self.env.lang
        if not zoned:
            return lang, self._own_zone()
        zones = known_zones((partner_sudo.tz,) if partner_sudo.tz else zones_of_phone(phone))
        return lang, zones[0] if len(zones) == 1 else self._own_zone()

    def _installed(self, language):
        """:return: the language's code here; '' if it is not installed."""
        codes = [code for code, __ in self.env['res.lang'].get_installed()] if language else ()
        family = [code for code in codes if code.split('_')[0] == language.split('_')[0]]
        return language if language in codes else next(iter(family), '')

    def _own_zone(self):
        company_sudo = self.env.company.sudo()  # sudo: res.company - only its time zone
        return company_sudo.partner_id.tz or self.env.user.tz or 'UTC'

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    @api.model
    def _path_exists(self, model, path):
        """Walk a path through the models; no record is read. :param model: an empty recordset, or None"""
        for name in (path or '').split('.'):
            field = model._fields.get(name) if model is not None else None
            if field is None:
                return False
            model = self.env[field.comodel_name] if field.relational else None
        return True

    @api.model
    def _prepare_source(self, model, variable):
        """:param str model: name of the model a template applies to
        :param variable: a new :class:`cloud_api.templates.Variable`
        :return: where its value comes from until somebody says so: a field that is called like it and holds words, else
            it is asked for"""
        records = self.env.get(model)
        field = records._fields.get(variable.name) if variable.kind == 'text' and records is not None else None
        holds_words = field is not None and field.type not in WORDLESS and not field.groups
        return {'source': 'field' if holds_words else 'free', 'field_path': variable.name if holds_words else False}

    @api.model
    def _owners(self, record, path, read=True):
        """Follow a path with the rights the record comes with: a message must not show what its sender may not read.

        :param bool read: whether the field at its end is read; else only the right to read it is looked at
        :return: the records at the end of the path, and the name of the field there
        :raise AccessError: the user may not read it
        """
        way, __, name = path.rpartition('.')
        try:
            owners = record.mapped(way) if way else record
            if way or not read:
                # What is known already was perhaps read with more rights; the record itself is the caller's to check.
                owners.check_access('read')
            owners._check_field_access(owners._fields[name], 'read')
            if read:
                owners.mapped(name)
        except UserError as error:  # also that of access rights
            raise AccessError(self._unreadable_words(path)) from error
        return owners, name

    @api.model
    def _check_readable(self, records, path):
        """:raise AccessError: the user may not read what a path leads to."""
        try:
            records.check_access('read')
        except AccessError as error:
            raise AccessError(self._unreadable_words(path)) from error

    def _unreadable_words(self, path):
        return self.env._('The field "%(path)s" cannot be read with your rights. Choose another template, or ask an '
                          'administrator to fill this variable from another field.', path=path)

    @api.model
    def _words(self, record, path, form='plain', decimals=2):
        """:param record: one of :meth:`_localised`
        :param str form: one of the formats of a mapping
        :return: the value in words, '' if there is none
        """
        owners, name = self._owners(record, path)
        field = owners._fields[name]
        if field.relational:
            return ', '.join(owners.mapped(f'{name}.display_name'))
        write = getattr(self.with_context(**record.env.context), f'_write_{form}')
        words = [write(owner, field, owner[name], decimals) for owner in owners]
        return ', '.join(text for text in words if text)

    # ------------------------------------------------------------
    # WRITE: one method per format; the record that has the field, the field, its value and a number of decimals
    # ------------------------------------------------------------

    def _write_plain(self, owner, field, value, decimals):
        """As Odoo shows a field of its type."""
        write = getattr(self, f'_write_type_{field.type}', None)
        if write:
            return write(owner, field, value)
        return '' if value is False or value is None else str(value)

    def _write_date(self, owner, field, value, decimals):
        if not value or field.type not in ('date', 'datetime'):
            return ''
        return format_date(self.env, value if field.type == 'date' else self._local(value).date())

    def _write_time(self, owner, field, value, decimals):
        # Without seconds, which nobody says.
        is_moment = value and field.type == 'datetime'
        return format_time(self.env, value, tz=str(self.env.tz), time_format='short') if is_moment else ''

    def _write_datetime(self, owner, field, value, decimals):
        parts = (self._write_date(owner, field, value, decimals), self._write_time(owner, field, value, decimals))
        return ' '.join(part for part in parts if part)

    def _write_money(self, owner, field, value, decimals):
        # Without the mark that keeps a sign and its number on one line: a phone shows it as a box.
        return format_amount(self.env, value or 0.0, self._currency(owner, field)).replace('\ufeff', '')

    def _write_number(self, owner, field, value, decimals):
        return formatLang(self.env, value or 0.0, digits=decimals)

    def _write_type_boolean(self, owner, field, value):
        return self.env._('Yes') if value else self.env._('No')

    def _write_type_date(self, owner, field, value):
        return self._write_date(owner, field, value, 0)

    def _write_type_datetime(self, owner, field, value):
        return self._write_datetime(owner, field, value, 0)

    def _write_type_float(self, owner, field, value):
        digits = field.get_digits(self.env)
        return self._write_number(owner, field, value, digits[1] if digits else 2)

    def _write_type_html(self, owner, field, value):
        return html2plaintext(value, include_references=False).strip() if value else ''

    def _write_type_monetary(self, owner, field, value):
        return self._write_money(owner, field, value, 0)

    def _write_type_selection(self, owner, field, value):
        labels = dict(field._description_selection(self.env)) if value else {}
        return labels.get(value) or value or ''

    @api.model
    def _moment_in(self, text, zone):
        """:param str zone: in which a moment is meant that was typed without one
        :return: the moment with its zone, in ISO form; other words as they are"""
        try:
            moment = datetime.fromisoformat(text.strip().replace('Z', '+00:00'))
        except ValueError:
            return text
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).isoformat()

    @api.model
    def _moment_of(self, value):
        """:return: a moment in the zone of the context, in ISO form; a day ends with it. (Our own choice.)"""
        if isinstance(value, datetime):
            return self._local(value).isoformat()
        if isinstance(value, date):
            return datetime.combine(value, time(23, 59, 59), ZoneInfo(str(self.env.tz))).isoformat()
        return ''

    def _local(self, moment):
        """:return: a moment by the clock of the person."""
        return fields.Datetime.context_timestamp(self, moment)

    def _currency(self, owner, field):
        """:return: the currency of an amount: its field's own, the record's, the company's."""
        named = field.get_currency_field(owner) if field.type == 'monetary' else 'currency_id'
        currency = owner[named] if named in owner._fields else owner.env['res.currency']
        return currency or owner.env.company.currency_id
