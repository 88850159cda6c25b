from odoo import api, fields, models

from ..cloud_api import const as meta
from ..policy import brake as brake_policy

BRAKES = {
    brake_policy.NONE: 'None',
    brake_policy.SLOW: 'Marketing slowed down',
    brake_policy.MARKETING: 'Marketing stopped',
    brake_policy.ALL: 'Everything stopped',
}


class FluxforceWhatsappBraking(models.AbstractModel):
    """The part of a number that slows down or stops when people or Meta are displeased; people release it."""

    _name = 'fluxforce.whatsapp.braking'
    _description = 'WhatsApp Number That Brakes'

    brake = fields.Selection([*BRAKES.items()], required=True, readonly=True, default=brake_policy.NONE)
    brake_reason = fields.Char(readonly=True)
    brake_explanation = fields.Char('Why It Brakes', compute='_compute_brake_explanation')
    braked_at = fields.Datetime('Brakes Since', readonly=True)
    brake_until = fields.Datetime('Brakes Until', readonly=True, help='When a restriction of Meta\'s ends by itself.')
    brake_released_at = fields.Datetime('Brake Released', readonly=True)
    brake_released_by = fields.Many2one('res.users', 'Released by', readonly=True, ondelete='set null')
    brake_release_reason = fields.Char('Reason for the Release', readonly=True)
    # The rating with which a person released the brake: it does not brake again until it changes.
    brake_released_quality = fields.Char(readonly=True)

    @api.depends('brake', 'brake_reason')
    @api.depends_context('lang')
    def _compute_brake_explanation(self):
        reasons = self._brake_reason_texts()
        for number in self:
            reason = reasons.get(number.brake_reason, number.brake_reason)
            number.brake_explanation = reason if number.brake != brake_policy.NONE else False

    def _after_new_rating(self):
        numbers = self.sudo()  # sudo: number - follows from what Meta says
        numbers.filtered('brake_released_quality').write({'brake_released_quality': False})
        numbers._lose_day()
        for number in numbers.filtered(lambda n: n.quality_rating in meta.QUALITY_LOW) - numbers._evaluate_brake():
            # Where the brake tightens, that alert tells of it.
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'quality', number.account_id, number=number,
                detail=dict(self._fields['quality_rating']._description_selection(self.env))[number.quality_rating])

    def _quality_to_heed(self):
        """:return: Meta's rating, '' if a person has released the brake in spite of it."""
        return '' if self.quality_rating == self.brake_released_quality else self.quality_rating or ''

    def _evaluate_brake(self):
        """Apply the written rules to these numbers; call once per batch, after failures and a new rating.

        :return: the numbers that brake more than before.
        """
        numbers = self.sudo()  # sudo: number - follows from what Meta says
        recovered = numbers.filtered(lambda n: brake_policy.ends_by_itself(n.brake, n.brake_reason, n.quality_rating))
        recovered._unbrake(self.env._('The quality is high again.'))
        signals = self.env['fluxforce.whatsapp.brake'].sudo()._signals(numbers)  # sudo: brake - as above
        tightened = numbers.browse()
        for number, known_signals in signals.items():
            tightened |= number._apply_brake(brake_policy.decide(known_signals))
        return tightened

    def _apply_brake(self, brake):
        """Brake these numbers and tell about it; a brake is only ever tightened here, people release it.

        :param brake: the policy's ``Brake``.
        :return: the numbers that brake more than before.
        """
        looser = self.filtered(lambda number: brake_policy.is_tighter(brake.level, number.brake))
        looser.write({'brake': brake.level, 'brake_reason': brake.reason, 'braked_at': fields.Datetime.now()})
        for number in looser:
            told = number.with_context(lang=number.account_id._readers_language())
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'brake', number.account_id, number=number, detail=told.brake_explanation)
        return looser

    def _heed_restrictions(self):
        """Brake these numbers as Meta restricts their account; it ends by itself if Meta has said when."""
        now = fields.Datetime.now()
        for number in self.sudo():  # sudo: number - follows from what Meta says
            level, until = brake_policy.restricted(number.account_id._restrictions_of(number), now)
            if level == brake_policy.NONE:
                continue
            number._apply_brake(brake_policy.Brake(level, brake_policy.RESTRICTED))
            if (number.brake, number.brake_reason) == (level, brake_policy.RESTRICTED):
                number.brake_until = until or False

    @api.model
    def _end_restrictions(self):
        """Release what Meta restricted until a moment that has come; the other rules are asked again."""
        over = self.sudo().search([  # sudo: number - follows from what Meta said
            ('brake_reason', '=', brake_policy.RESTRICTED), ('brake_until', '<=', fields.Datetime.now())])
        why = self.env._('Meta\'s restriction has ended.')
        over._unbrake(why)
        over._heed_restrictions()
        over._evaluate_brake()
        alert = self.env['fluxforce.whatsapp.alert']
        for number in over.filtered(lambda number: number.brake_reason != brake_policy.RESTRICTED):
            alert._close('restriction', number.account_id, number=number, note=why)
        for account in over.account_id:
            if brake_policy.RESTRICTED not in account.number_ids.mapped('brake_reason'):
                alert._close('restriction', account, note=why)

    def _unbrake(self, why, **values):
        if not self:
            return
        self.write({'brake': brake_policy.NONE, 'brake_reason': False, 'braked_at': False, 'brake_until': False,
                    **values})
        for number in self:
            self.env['fluxforce.whatsapp.alert']._close('brake', number.account_id, number=number, note=why)

    def _release_brake(self, reason):
        """A person's decision to go on; what happened until now no longer counts.

        :param str reason: theirs, kept.
        """
        for number in self.sudo():  # sudo: number - people release the brake through the wizard only
            number.account_id.message_post(body=self.env._(
                'The brake of %(number)s was released. Why it braked: %(brake)s Reason for the release: %(reason)s',
                number=number.display_name, brake=number.brake_explanation, reason=reason))
            number._unbrake(
                reason, brake_released_at=fields.Datetime.now(), brake_released_by=self.env.uid,
                brake_release_reason=reason, brake_released_quality=number.quality_rating)

    def action_release_brake(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Release the Brake'),
            'res_model': 'fluxforce.whatsapp.release',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_number_id': self.id},
        }

    def _brake_reason_texts(self):
        return {
            brake_policy.QUALITY_RED: self.env._(
                'Meta rates the quality low: many people block or report this number.'),
            brake_policy.QUALITY_YELLOW: self.env._(
                'Meta rates the quality medium: some people block or report this number. It ends by itself when the '
                'quality is high again.'),
            brake_policy.SPAM_LIMIT: self.env._(
                'Meta refused a message because too many people blocked or reported this number (code 131048).'),
            brake_policy.OPT_OUTS: self.env._('Many people opted out within 24 hours.'),
            brake_policy.PEOPLE_SPARED: self.env._(
                'Meta kept back much of the marketing of the last 24 hours, to spare people (code 131049).'),
            brake_policy.PLAYBOOK: self.env._(
                'Meta refused a message with an error after which no marketing should go out; the outbox shows it.'),
            brake_policy.TEMPLATES: self.env._(
                'Templates used within 24 hours are of low quality or paused by Meta.'),
            brake_policy.RESTRICTED: self.env._(
                'Meta restricts the account for breaking its policies; the alert says what and until when. It ends by '
                'itself then.'),
        }
