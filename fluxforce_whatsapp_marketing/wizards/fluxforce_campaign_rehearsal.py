from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import PRIORITY_OF_PURPOSE

from ..flow import steps, tree
from ..flow.rehearsal import Person, Rehearsal

# How a line of the history looks, by the state of the step.
LOOKS = {
    steps.DONE: ('fa-check text-success', ''),
    steps.SKIPPED: ('fa-share text-muted', 'text-muted'),
    steps.CANCELLED: ('fa-ban text-muted', 'text-muted'),
    steps.WAITING: ('fa-hourglass-half text-muted', 'text-muted'),
}


class Walker(Person):
    """The person of a test run, as the steps ask about it."""

    def __init__(self, wizard):
        self.wizard = wizard
        self.record = wizard._record()
        self.key = f'{self.record._name},{self.record.id}' if self.record else 'rehearsal'
        self.zone = wizard._zone()
        openings, phone = wizard._openings(), wizard._phone()
        self.openings = lambda hours, moment: openings(hours, moment, phone, self.zone)

    def fits(self, step):
        return self._is_true(step, 'domain', usually=True)

    def holds(self, step):
        return self._is_true(step, 'condition_domain', usually=self.wizard.holds)

    def _is_true(self, step, name, usually):
        domain = self.wizard._step(step.key)[name]
        if not self.record:
            return usually
        return not domain or self.wizard._fits(self.record, domain)

    def date(self, step):
        if not self.record:
            return self.wizard.date
        name = self.wizard._step(step.key).date_field
        return self.record[name] if name in self.record._fields else None

    def leaves(self):
        campaign = self.wizard.campaign_id
        for reason, domain in (('goal', campaign.goal_domain), ('exit', campaign.exit_domain)):
            if self.record and domain and self.wizard._fits(self.record, domain):
                return reason
        return ''


class FluxforceCampaignRehearsal(models.TransientModel):
    """Walk through a journey with one person, step by step; nothing is sent, or only to who tries it."""

    _name = 'fluxforce.campaign.rehearsal'
    _description = 'Test Run of a WhatsApp Campaign'

    campaign_id = fields.Many2one('fluxforce.campaign', required=True, readonly=True, ondelete='cascade')
    model_id = fields.Many2one(related='campaign_id.model_id')
    who = fields.Selection([('record', 'Somebody chosen'), ('made_up', 'Somebody made up')], 'With', required=True,
                           compute='_compute_record', store=True, readonly=False, precompute=True)
    record = fields.Reference('_selection_model', 'Person', compute='_compute_record', store=True, readonly=False,
                              precompute=True)
    tz = fields.Selection(_tz_get, 'Time Zone', default=lambda self: self.env.user.tz)
    begins_at = fields.Datetime('Begins on', required=True, default=fields.Datetime.now)
    date = fields.Datetime('Date of the Record', help='For steps that count from a date.')
    holds = fields.Boolean('Conditions Hold', default=True, help='What the conditions of the journey find.')
    goes_to_me = fields.Boolean('Send Its Messages to Me', help='To the number of your own contact. Nothing else is '
                                                                'done, and it counts for no campaign.')
    has_dates = fields.Boolean(compute='_compute_asks')
    has_conditions = fields.Boolean(compute='_compute_asks')
    my_phone = fields.Char('My Number', compute='_compute_my_phone')

    walk = fields.Json(readonly=True)
    clock = fields.Char(compute='_compute_history')
    is_over = fields.Boolean(compute='_compute_history')
    history = fields.Html(compute='_compute_history', sanitize=False)
    message_ids = fields.Many2many('fluxforce.campaign.activity', compute='_compute_history')
    preview_data = fields.Json(compute='_compute_preview_data')

    message_id = fields.Many2one('fluxforce.campaign.activity', 'Message', domain="[('id', 'in', message_ids)]")
    event = fields.Selection([
        ('delivered', 'It is delivered'),
        ('read', 'They read it'),
        ('replied', 'They reply'),
        ('button', 'They tap a button'),
        ('clicked', 'They follow the link'),
        ('opted_out', 'They want no more'),
        ('failed', 'It fails'),
    ], 'What They Do', default='read')
    event_text = fields.Char('Words')

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    @api.model
    def _selection_model(self):
        # sudo: ir.model - names of models are no secret
        found = self.env['ir.model'].sudo().search([('is_mail_thread', '=', True), ('transient', '=', False)])
        return [(model.model, model.name) for model in found]

    @api.depends('campaign_id')
    def _compute_record(self):
        for wizard in self:
            record = wizard._find_somebody()
            wizard.record = f'{record._name},{record.id}' if record else False
            wizard.who = 'record' if record else 'made_up'

    def _find_somebody(self):
        """:return: one of those the campaign is for, else any such record, as the user sees them; None without any"""
        campaign = self.campaign_id
        try:
            documents = campaign._documents(self.env.user)
            return documents.search(campaign._audience_domain(), limit=1) or documents.search([], limit=1)
        except (ValueError, UserError):
            return None  # the user chooses; the start of the campaign says what is wrong

    @api.depends('campaign_id')
    def _compute_asks(self):
        """What a made-up person must be asked for."""
        for wizard in self:
            steps_of = wizard.campaign_id.activity_ids
            wizard.has_dates = tree.DATE in steps_of.mapped('trigger')
            wizard.has_conditions = 'condition' in steps_of.mapped('type')

    def _compute_my_phone(self):
        self.my_phone = self.env.user.partner_id._whatsapp_recipients()[self.env.user.partner_id.id].phone

    def _record(self):
        """:return: the record chosen, as the user may see it; None for somebody made up"""
        if self.who == 'made_up':
            return None
        record = self.record
        if not record or not record.exists() or record._name != self.campaign_id.model:
            raise UserError(self.env._('Choose with whom in the field Person, or make somebody up.'))
        record.check_access('read')
        return record

    def _zone(self):
        record = self._record()
        partner = record and record._mail_get_partners()[record.id][:1]
        return (partner and partner.tz) or self.tz or self.env.user.tz or 'UTC'

    def _phone(self):
        record = self._record()
        return record._whatsapp_recipients()[record.id].phone if record else False

    def _openings(self):
        return self.env['fluxforce.campaign.facts']._openings(self.campaign_id)

    def _fits(self, record, domain):
        return bool(self.campaign_id._fitting(record, domain))

    # ------------------------------------------------------------
    # WHERE THEY STAND
    # ------------------------------------------------------------

    def _plan(self):
        return self.campaign_id.activity_ids._plan()

    def _step(self, key):
        return self.env['fluxforce.campaign.activity'].browse(key)

    def _rehearsal(self):
        """:return: :class:`Rehearsal` from where it stands, None before it began"""
        return Rehearsal.from_json(self._plan(), self.walk) if self.walk else None

    @api.depends('walk')
    def _compute_history(self):
        for wizard in self:
            rehearsal = wizard._rehearsal()
            wizard.is_over = bool(rehearsal) and rehearsal.is_over
            wizard.clock = rehearsal and wizard._moment(rehearsal.now)
            wizard.history = rehearsal and wizard._render_history(rehearsal)
            wizard.message_ids = [row.step for row in rehearsal.messages()] if rehearsal else []

    def _moment(self, moment):
        return format_datetime(self.env, moment, tz=self._zone(), dt_format='short')

    def _render_history(self, rehearsal):
        """:return: what happened, was passed over and is waited for, one line each, Markup."""
        rows = sorted(rehearsal.rows, key=lambda row: (row.at is None, row.at or row.begun_at))
        return Markup('<ul class="list-unstyled mb-0">%s</ul>') % Markup('').join(map(self._render_row, rows))

    def _render_row(self, row):
        icon, look = LOOKS[row.state]
        step = self._step(row.step)
        return Markup('<li class="d-flex gap-2 mb-2 %s"><i class="fa fa-fw mt-1 %s"></i>'
                      '<div><div><b>%s</b> %s</div><div class="small">%s</div></div></li>') % (
            look, icon, step.name, self._moment(row.at) if row.at else '', self._explain(row, step))

    def _explain(self, row, step):
        if row.state == steps.WAITING:
            return self.env._('Waits: %(way)s', way=step.branch or self.env._('goes on at once'))
        if row.state == steps.DONE:
            verdicts = {True: self.env._('It holds.'), False: self.env._('It does not hold.')}
            return verdicts.get(row.holds) or self._explain_sms(step) or step.summary
        reasons = dict(self.env['fluxforce.campaign.trace']._fields['reason']._description_selection(self.env))
        return reasons.get(row.reason, '')

    def _explain_sms(self, step):
        """:return: what an SMS says, '' for another step."""
        if step.type != 'sms':
            return ''
        record = None if self.who == 'made_up' else self._record()
        return self.env._('The SMS says: %(text)s', text=step._preview_sms(record))

    @api.depends('walk')
    def _compute_preview_data(self):
        for wizard in self:
            rehearsal = wizard._rehearsal()
            last = next(iter(rehearsal.messages()), None) if rehearsal else None
            wizard.preview_data = wizard._preview(wizard._step(last.step)) if last else False

    def _preview(self, step):
        """:return: the message of a step as the person would get it; a draft with its samples"""
        template = step.template_id
        return template._preview_data(self._values(template)) if template else step.draft_id.preview_data

    def _values(self, template):
        """:return: the values of the message for the person; samples where there is no record"""
        record = self._record()
        if record and record._name == template.model:
            return template._values_for(record)[record.id]
        return {}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_next(self):
        """Let happen what comes next."""
        self.ensure_one()
        if not self.campaign_id.activity_ids:
            raise UserError(self.env._('The campaign has no steps yet.'))
        rehearsal = self._rehearsal() or Rehearsal(self._plan(), self.begins_at)
        row = rehearsal.advance(Walker(self))
        self._keep(rehearsal)
        if row and row.message and row.state == steps.DONE and self.goes_to_me:
            self._send_to_me(self._step(row.step))
        if row and row.message:
            self.message_id = self._step(row.step)
        return self._again()

    def action_happen(self):
        """Let the person do something with a message."""
        self.ensure_one()
        rehearsal = self._rehearsal()
        if not rehearsal or self.message_id.id not in [row.step for row in rehearsal.messages()] or not self.event:
            raise UserError(self.env._('Choose with which message in the field Message, and what they do.'))
        ends = {'exit': 'exit', 'goal': 'goal'}.get(self.campaign_id.on_reply, '')
        rehearsal.happen(self.message_id.id, self.event, self.event_text or '', ends)
        self._keep(rehearsal)
        return self._again()

    def action_restart(self):
        """Begin anew, with somebody else if one likes."""
        self.write({'walk': False, 'message_id': False, 'event_text': False})
        return self._again()

    def _keep(self, rehearsal):
        self.walk = rehearsal.to_json()

    def _again(self):
        return {'type': 'ir.actions.act_window', 'name': self.env._('Test Run'), 'res_model': self._name,
                'res_id': self.id, 'views': [(False, 'form')], 'target': 'new',
                'context': {'dialog_size': 'extra-large'}}

    # ------------------------------------------------------------
    # TO ONESELF
    # ------------------------------------------------------------

    def _send_to_me(self, step):
        """Put the message into the outbox, for the user's own number; it passes the gate like any other."""
        me = self.env.user.partner_id
        if not self.my_phone:
            raise UserError(self.env._(
                'Your own contact has no phone number to send to. Fill in the field Phone there, or switch off Send '
                'Its Messages to Me.'))
        template = step.template_id
        self.campaign_id._check_template(template)
        draft = self._prepare_draft(template)
        self.env['fluxforce.whatsapp.message']._enqueue(
            [{**draft, 'partner_id': me.id, 'phone': self.my_phone, 'res_model': me._name, 'res_id': me.id}], log=False)

    def _prepare_draft(self, template):
        """:return: the draft of the message for the person; with samples where there is no record"""
        messages, number = self.env['fluxforce.whatsapp.message'], self.campaign_id.number_id
        record = self._record()
        if record:
            return messages._prepare_drafts(record, template, number)[0]
        values = {variable.key: variable.sample for variable in template.variable_ids if variable.sample}
        me, purpose = self.env.user.partner_id, template._purpose()
        text = (me, self.my_phone, '', me._name, me.id)
        draft = messages._prepare_text_drafts(template.account_id, [text], number)[0]
        return {**draft, 'kind': 'template', 'template_id': template.id, 'purpose': purpose, 'values': values,
                'priority': PRIORITY_OF_PURPOSE.get(purpose, max(PRIORITY_OF_PURPOSE.values())),
                'body': template._render(values).body}
