from odoo import models

CLICK_FIELDS = ('clicked_at', 'url')


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """Which links a person followed is theirs, too."""

    _inherit = 'fluxforce.whatsapp.privacy'

    def _told(self, trail):
        return {**super()._told(trail), 'links_followed': self._rows(trail.sent.click_ids, CLICK_FIELDS)}

    def _forget_addresses(self, trail, sent):
        """That a link was followed stays for the figures; which one, when and from where goes, and so does what a link
        says about the person."""
        sent.click_ids.unlink()
        sent.write({'link_token': False})
        super()._forget_addresses(trail, sent)
