from odoo import models

# Where a value comes from.
MAPPING = ('source', 'field_path', 'format', 'decimals', 'constant', 'fallback', 'report_id')
# Which variable it is.
IDENTITY = ('sequence', 'key', 'name', 'component', 'kind', 'sample')


class FluxforceWhatsappVariableMapping(models.AbstractModel):
    """What a template takes over from its draft, and a draft from its template."""

    _inherit = 'fluxforce.whatsapp.variable.mapping'

    def _prepare_mapping_values(self):
        """:return: where the value comes from, as values for another variable of the same key."""
        self.ensure_one()
        values = self._values_of_fields(MAPPING)
        if self.source == 'file':
            # Each has its own copy: who may read one need not read the other.
            values |= {'file': self.file, 'file_name': self.file_name}
        return values

    def _prepare_copy_values(self):
        """:return: the same with which variable it is."""
        return {**self._values_of_fields(IDENTITY), **self._prepare_mapping_values()}

    def _values_of_fields(self, names):
        return {name: self._fields[name].convert_to_write(self[name], self) for name in names}
