from odoo import fields, models


class MailingMailing(models.Model):
    """When the recipients of a WhatsApp mailing read."""

    _inherit = 'mailing.mailing'

    whatsapp_reading_hours = fields.Json(
        'Reading Hours', compute='_compute_whatsapp_reading_hours',
        help='Messages read, by weekday from Monday and hour, in the time of the person.')

    def _compute_whatsapp_reading_hours(self):
        """One after the other: only the form of one mailing shows it."""
        for mailing in self:
            mailing.whatsapp_reading_hours = mailing._is_whatsapp() and bool(mailing._origin) and self.env[
                'fluxforce.marketing.figures']._reading_hours(mailing_ids=mailing._origin.ids)
