from odoo import api, models

# Filters that everybody would fit as soon as their last condition is taken out.
OPTIONAL = ('goal_domain', 'exit_domain')


class FluxforceCampaign(models.Model):
    """A goal without a condition is none."""

    _inherit = 'fluxforce.campaign'

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_empty_filters(values) for values in vals_list])

    def write(self, vals):
        return super().write(self._without_empty_filters(vals))

    def _without_empty_filters(self, values):
        """:return: the values, without filters from which somebody has taken all conditions: at once everybody would
            have reached the goal, or left."""
        empty = [name for name in OPTIONAL if (values.get(name) or '').strip() == '[]']
        return {**values, **dict.fromkeys(empty, False)} if empty else values
