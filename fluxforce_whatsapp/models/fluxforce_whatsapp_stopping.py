from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..cloud_api import const as meta
from .fluxforce_whatsapp_stop import PURPOSES_OF_STOP

ANSWERS = {'stop': 'stop_answer', 'start': 'start_answer'}


class FluxforceWhatsappAccount(models.Model):
    """What a stop means for an account's people, and what they are answered."""

    _inherit = 'fluxforce.whatsapp.account'

    stop_means = fields.Selection(
        [('marketing', 'Marketing only'), ('all', 'Everything but sign-in codes')], 'A stop ends', required=True,
        default='marketing', tracking=True,
        help='What somebody no longer gets who writes a stop word, taps a stop button or is put on the phone '
             'blacklist.')
    stop_by_mailing = fields.Boolean(
        'Mailing opt-outs count', default=True, tracking=True,
        help='Who takes their e-mail address off your mailings gets no marketing on WhatsApp either.')
    answer_stops = fields.Boolean(
        'Confirm to the person', default=True, tracking=True,
        help='Once in 24 hours, as free text in the conversation that the person opened by writing.')
    stop_answer = fields.Text('Answer to a Stop', translate=True,
                              help='Empty: the usual text, in the person\'s language.')
    start_answer = fields.Text('Answer to a Start', translate=True, help='Empty: the usual text, as above.')

    @api.constrains('stop_answer', 'start_answer')
    def _check_answers(self):
        if any(len(account[name] or '') > meta.TEXT_BODY_MAX for account in self for name in ANSWERS.values()):
            raise ValidationError(self.env._(
                'Answer to a Stop, Answer to a Start: WhatsApp takes %(most)s characters.', most=meta.TEXT_BODY_MAX))

    def _purposes_of_stop(self):
        """:return: codes of the purposes for which nothing more is sent after a stop, of several accounts' all."""
        return tuple(dict.fromkeys(purpose for account in self for purpose in PURPOSES_OF_STOP[account.stop_means]))

    def _answer_to(self, kind):
        """:param str kind: ``stop`` or ``start``. :return: the text, in the language of the environment."""
        self.ensure_one()
        return (self[ANSWERS[kind]] or '').strip() or self._usual_answer(kind)

    def _usual_answer(self, kind):
        company = self.company_id.name
        if kind == 'start':
            return self.env._('Welcome back: %(company)s may write to you on WhatsApp again. Write STOP at any time to '
                              'end it.', company=company)
        if self.stop_means == 'all':
            return self.env._('Done: %(company)s sends you no more messages on WhatsApp, except answers to what you '
                              'write and sign-in codes. Write START to get them again.', company=company)
        return self.env._('Done: %(company)s sends you no more advertising on WhatsApp. Write START to get it again.',
                          company=company)
