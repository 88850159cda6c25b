from odoo import api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """The question on a contact whether what the person wrote is a stop."""

    _inherit = 'res.partner'

    whatsapp_stop_question = fields.Char(compute='_compute_whatsapp_stop_question',
                                         groups='fluxforce_whatsapp.group_whatsapp_user')

    @api.depends_context('uid', 'lang', 'allowed_company_ids')
    def _compute_whatsapp_stop_question(self):
        questions = self._whatsapp_stop_questions().grouped('partner_id')
        for partner in self:
            latest = questions.get(partner._origin, self.env['fluxforce.whatsapp.inbound'])[:1]
            partner.whatsapp_stop_question = latest._excerpt(latest.text) if latest else False

    def _whatsapp_stop_questions(self):
        return self.env['fluxforce.whatsapp.inbound'].search(
            [('partner_id', 'in', self.ids), ('stop_question', '=', 'open')])

    def _open_whatsapp_stop_questions(self):
        questions = self._whatsapp_stop_questions()
        if not questions:
            raise UserError(self.env._('This was decided already.'))
        return questions

    def action_record_whatsapp_stop(self):
        """What the person wrote is a stop."""
        self._open_whatsapp_stop_questions().action_record_stop()

    def action_no_whatsapp_stop(self):
        """What the person wrote is none."""
        self._open_whatsapp_stop_questions().action_not_a_stop()
