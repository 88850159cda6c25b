from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.fluxforce_whatsapp.policy.keywords import normalise

LEAD, STAGE, TEAM = 'crm.lead', 'crm.stage', 'crm.team'
# Lines of the conversation that can be kept with a lead. (Our own choice.)
MOST_LINES = 50


class FluxforceReplyRule(models.Model):
    """What is done when somebody replies to a campaign or a mailing; of the rules that fit, the first one counts."""

    _name = 'fluxforce.reply.rule'
    _description = 'WhatsApp Reply Rule'
    _order = 'sequence, id'
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    campaign_ids = fields.Many2many('fluxforce.campaign', string='Replies to Campaigns', check_company=True,
                                    help='Empty, with no mailing either: every campaign and mailing.')
    mailing_ids = fields.Many2many('mailing.mailing', string='Replies to Mailings',
                                   help='Empty, with no campaign either: every campaign and mailing.')
    words = fields.Char('With the Words', translate=True,
                        help='One of these, separated by commas; a button says what is written on it. Empty: whatever '
                             'is replied. Case, accents and punctuation do not count.')

    action = fields.Selection(
        [('lead', 'Make a lead, or move the open one'), ('todo', 'Only remind somebody')], 'What Is Done',
        required=True, default=lambda self: 'lead' if LEAD in self.env else 'todo')
    has_leads = fields.Boolean(compute='_compute_models')
    stage_model = fields.Char(compute='_compute_models')
    stage_id = fields.Many2oneReference(
        'Stage', model_field='stage_model', help='Where the lead comes; one that is further already stays where it is.')
    team_model = fields.Char(compute='_compute_models')
    team_id = fields.Many2oneReference('Sales Team', model_field='team_model')
    user_id = fields.Many2one('res.users', 'Owner', domain=[('share', '=', False)], ondelete='set null',
                              index='btree_not_null',
                              help='Empty: who has the lead, else the contact\'s salesperson, else who is responsible '
                                   'for the campaign.')
    activity_type_id = fields.Many2one(
        'mail.activity.type', 'To-Do', ondelete='restrict', required=True,
        domain=[('res_model', '=', False)],
        default=lambda self: self.env.ref('mail.mail_activity_data_todo', raise_if_not_found=False))
    summary = fields.Char(translate=True, help='What is to be done. Empty: that somebody has replied.')
    days = fields.Integer('Due in Days')
    lines = fields.Integer('Last Lines', default=6,
                           help='So much of the conversation is kept with the lead, for who may read the lead.')

    @api.depends_context('uid')
    def _compute_models(self):
        self.has_leads = LEAD in self.env
        self.stage_model = STAGE if STAGE in self.env else False
        self.team_model = TEAM if TEAM in self.env else False

    @api.constrains('days', 'lines')
    def _check_numbers(self):
        for rule in self:
            if rule.days < 0:
                raise ValidationError(self.env._('Due in Days: a to-do cannot be due in the past. Write 0 or more.'))
            if not 0 <= rule.lines <= MOST_LINES:
                raise ValidationError(self.env._('Last Lines: write a number between 0 and %(most)s.', most=MOST_LINES))

    # ------------------------------------------------------------
    # WHICH REPLIES
    # ------------------------------------------------------------

    def _rule_of(self, message):
        """:return: the first of these rules for a received message, maybe none"""
        answered, text = message.answered_id, f' {normalise(message.body)} '
        return next((rule for rule in self if rule.company_id == message.company_id and rule._is_about(answered)
                     and rule._has_words(text)), self.browse())

    def _is_about(self, answered):
        if not self.campaign_ids and not self.mailing_ids:
            return True
        return bool(answered.campaign_id & self.campaign_ids or answered.mailing_id & self.mailing_ids)

    def _has_words(self, text):
        """:param str text: normalised, with a space before and after it"""
        words = list(filter(None, map(normalise, self._all_words())))
        return not words or any(f' {word} ' in text for word in words)

    def _all_words(self):
        """:return: the words in every language they are written in: people reply in theirs."""
        languages = [code for code, __ in self.env['res.lang'].get_installed()]
        texts = {self.with_context(lang=code).words or '' for code in languages}
        return [word for text in texts for word in text.split(',')]
