from odoo import models

# Where a value comes from.
MAPPING = ('source', 'field_path', 'format', 'decimals', 'constant', 'fallback', 'report_id')
# Which variable it is.
IDENTITY = ('sequence', 'key', 'name', 'component', 'kind', 'sample', 'is_optional')


class FluxforceWhatsappVariableMapping(models.AbstractModel):
    """What a template takes over from its draft, and a draft from its template."""

    _inherit = 'fluxforce.whatsapp.variable.mapping'

    def _prepare_mapping_values(self):
        """:return: where the value comes from, as values for another variable of the same key."""
        self.ensure_one()
        return {**self._values_of_fields(MAPPING), **self._prepare_file_values()}

    def _prepare_file_values(self):
        """:return: the file as one of its own: who may read one need not read the other."""
        return {'file': self.file, 'file_name': self.file_name} if self.source == 'file' else {}

    def _mapping_mark(self):
        """:return: the same for the same mapping, fit to be kept as JSON."""
        # sudo: ir.attachment - only whether it is the same content
        return [*map(str, self._values_of_fields(MAPPING).values()), self.attachment_id.sudo().checksum or '']

    def copy_data(self, default=None):
        return [{**vals, **variable._prepare_file_values()}
                for variable, vals in zip(self, super().copy_data(default), strict=True)]

    def _prepare_copy_values(self):
        """:return: the same with which variable it is."""
        return {**self._values_of_fields(IDENTITY), **self._prepare_mapping_values()}

    def _values_of_fields(self, names):
        return {name: self._fields[name].convert_to_write(self[name], self) for name in names}
