from markupsafe import escape

from odoo import models
from odoo.fields import Domain


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """A launch check may name a person."""

    _inherit = 'fluxforce.whatsapp.privacy'

    def _forget_addresses(self, trail, sent):
        # sudo: check - whoever is responsible for the person's data sees all of it, of their companies
        checks = self.env['fluxforce.launch.check'].sudo()
        told = Domain.OR(Domain('result', 'like', str(escape(word))) for word in (
            trail.partner.name, *trail.numbers) if word)
        checks._naming(list(Domain('company_id', 'in', self.env.companies.ids) & told))._forget_names()
        super()._forget_addresses(trail, sent)
