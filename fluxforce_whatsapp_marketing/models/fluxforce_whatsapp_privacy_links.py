from odoo import models

CLICK_FIELDS = ('clicked_at', 'url')
CONVERSION_FIELDS = ('converted_at', 'record_name', 'how', 'amount')


class FluxforceWhatsappPrivacy(models.AbstractModel):
    """Which links a person followed, and what that brought, is theirs, too."""

    _inherit = 'fluxforce.whatsapp.privacy'

    def _told(self, trail):
        return {**super()._told(trail),
                'links_followed': self._rows(trail.sent.click_ids, CLICK_FIELDS),
                'credited_to_messages': self._rows(self._conversions(trail), CONVERSION_FIELDS)}

    def _forget_addresses(self, trail, sent):
        """That a link was followed stays for the figures; which one, when and from where goes, and so does what a link
        says about the person."""
        sent.click_ids.unlink()
        sent.write({'link_token': False})
        self._conversions(trail).write({'partner_id': False, 'record_name': False})
        super()._forget_addresses(trail, sent)

    def _conversions(self, trail):
        # sudo: conversion - whoever is responsible for the person's data sees all of it, of their companies
        return self.env['fluxforce.conversion'].sudo().search([
            ('company_id', 'in', self.env.companies.ids), '|', ('partner_id', '=', trail.partner.id),
            ('message_id', 'in', trail.sent.ids)], order='id')
