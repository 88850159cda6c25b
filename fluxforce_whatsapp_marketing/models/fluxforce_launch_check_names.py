import re
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

# As the page of the check shows them. [views/launch_check.xml]
MARK = 'o_fluxforce_names'
NAMES = re.compile(rf'<span class="{MARK}[^"]*">[^<]*</span>')
# So long somebody may decide by a check. (Our own choice.)
KEPT = timedelta(days=30)


class FluxforceLaunchCheck(models.Model):
    """A check names some people while somebody decides by it. What is kept of it as evidence names nobody."""

    _inherit = 'fluxforce.launch.check'

    def _nameless(self):
        """:return: the result without the people it names, Markup"""
        return Markup(NAMES.sub('', self.result or ''))

    def _forget_names(self):
        for check in self:
            check.result = check._nameless()

    @api.model
    def _naming(self, domain):
        """:return: checks that name somebody"""
        return self.search([('result', 'like', MARK), *domain])

    @api.autovacuum
    def _gc_names(self):
        self._naming([('create_date', '<', fields.Datetime.now() - KEPT)])._forget_names()
