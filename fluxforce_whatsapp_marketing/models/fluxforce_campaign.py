import logging
from collections import Counter, defaultdict, deque

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from odoo.addons.fluxforce_whatsapp.models.conflicts import again_on_conflict
from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH

from ..flow import steps

_logger = logging.getLogger(__name__)

# Columns of the report behind each count; what went further counts as having got there.
MESSAGE_COUNTS = {
    'waiting_count': 'waiting',
    'sent_count': 'sent',
    'delivered_count': 'delivered',
    'read_count': 'has_read',
    'failed_count': 'failed',
    'refused_count': 'refused',
    'cancelled_count': 'left_out',
    'unknown_count': 'unknown',
}
PARTICIPANT_COUNTS = {
    'waiting_count': (steps.WAITING,),
    'failed_count': (steps.ERROR,),
    'duplicate_count': (steps.DUPLICATE,),
    'goal_count': (steps.GOAL,),
    'left_count': (steps.EXITED, steps.STOPPED),
    'holdout_count': (steps.HELD_OUT,),
}
# The audience a new campaign for contacts begins with.
AGREED_CONTACTS = [('whatsapp_consent_marketing', '=', 'given')]
# Set by the buttons and the cron only.
KEPT_FIELDS = {'state', 'launch_check_id', 'enrolled_at', 'started_at', 'done_at', 'problem'}
# Who takes part is settled at the start, what they get when it is not running.
AUDIENCE_FIELDS = {'company_id', 'model_id', 'domain', 'entry', 'unicity', 'holdout_share'}
MESSAGE_FIELDS = {'user_id', 'number_id', 'activity_ids', 'ends_at', 'goal_domain', 'exit_domain'}
# May be changed while it runs, unless it was approved as it is.
LOOSE_FIELDS = {'reentry', 'reentry_days', 'on_reply', 'on_talk', 'talk_hours', 'cap', 'cap_days'}


class FluxforceCampaign(models.Model):
    """Steps for an audience: messages through the gate, and whatever else follows from them, with what came back."""

    _name = 'fluxforce.campaign'
    _description = 'WhatsApp Campaign'
    _inherit = ['mail.thread', 'fluxforce.launch.mixin']
    _order = 'id desc'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', required=True, index=True, default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', 'Responsible', required=True, tracking=True, check_company=True, index=True,
        default=lambda self: self.env.user, domain=[('share', '=', False)],
        help='With whose rights the audience and the values of the message are read.')
    utm_campaign_id = fields.Many2one('utm.campaign', 'UTM Campaign', ondelete='set null', index='btree_not_null')
    state = fields.Selection(
        [('draft', 'Draft'), ('running', 'Running'), ('paused', 'Paused'), ('stopped', 'Stopped'), ('done', 'Done')],
        required=True, readonly=True, copy=False, default='draft', tracking=True, index=True,
        group_expand=True)

    model_id = fields.Many2one(
        'ir.model', 'Write to', required=True, ondelete='cascade',
        domain=lambda self: [('model', 'in', self._audience_models())],
        default=lambda self: self.env['ir.model']._get('res.partner'), help='The kind of records the audience is.')
    model = fields.Char('Model Name', related='model_id.model')
    domain = fields.Char('Audience', required=True, compute='_compute_domain', store=True, readonly=False,
                         precompute=True)
    filter_id = fields.Many2one(
        'ir.filters', 'Saved Filter', domain="[('model_id', '=', model)]", ondelete='set null', store=False,
        readonly=False, compute='_compute_filter_id', help='Takes its audience over.')
    audience_count = fields.Integer(compute='_compute_audience_count', help='As you may see it.')
    entry = fields.Selection([
        ('once', 'At the start'),
        ('continuous', 'Whenever they begin to fit'),
        ('action', 'By a server action only'),
    ], 'Who Comes In', required=True, default='once')
    unicity = fields.Selection([('person', 'Each person once'), ('record', 'Each record once')], 'How Often',
                               required=True, default='person',
                               help='A person is known by the phone number: several records may have the same.')
    reentry = fields.Selection([('never', 'Never again'), ('after', 'Again after some days')], 'Once More',
                               required=True, default='never')
    reentry_days = fields.Integer('Days until Then', default=365)

    goal_domain = fields.Char('Goal', help='Whose record fits has reached what the campaign is for and gets no more of '
                                           'it.')
    exit_domain = fields.Char('Leave If', help='Whose record fits gets no more of the campaign.')
    on_reply = fields.Selection([
        ('nothing', 'The campaign goes on'),
        ('exit', 'They leave the campaign'),
        ('goal', 'They have reached the goal'),
    ], 'Who Replies', required=True, default='nothing')
    on_talk = fields.Selection([
        ('ignore', 'The campaign goes on'),
        ('wait', 'The campaign waits'),
        ('exit', 'They leave the campaign'),
    ], 'While Somebody of Us Talks with Them', required=True, default='wait',
        help='Somebody of yours wrote to the person on WhatsApp a short while ago.')
    talk_hours = fields.Integer('Hours of Rest after That', default=24)
    holdout_share = fields.Float('Hold-Out (%)', help='So many of the people get nothing, to compare with.')
    conversion_days = fields.Integer('Days to the Goal', default=30, help='What happens so long after somebody came in '
                                                                          'counts for the campaign.')
    cap = fields.Integer('Messages per Person', help='Who got so many from all campaigns waits with the next step. 0: '
                                                     'no limit but that of the account.')
    cap_days = fields.Integer('In so Many Days', default=7)

    number_id = fields.Many2one('fluxforce.whatsapp.number', 'From', check_company=True, index=True,
                                compute='_compute_number_id', store=True, readonly=False, ondelete='restrict')
    account_id = fields.Many2one(related='number_id.account_id')
    activity_ids = fields.One2many('fluxforce.campaign.activity', 'campaign_id', 'Steps', copy=True,
                                   default=lambda self: [Command.create({'type': 'whatsapp'})])
    preview_data = fields.Json(compute='_compute_preview_data')

    started_at = fields.Datetime('Started', readonly=True, copy=False)
    ends_at = fields.Datetime('Ends on', tracking=True, copy=False,
                              help='What has not gone by then is not sent any more. '
                                   'Empty: each message has the usual time of its kind.')
    enrolled_at = fields.Datetime('Audience Complete', readonly=True, copy=False)
    done_at = fields.Datetime('Done on', readonly=True, copy=False)
    problem = fields.Text(readonly=True, copy=False, help='What stopped the campaign.')

    participant_count = fields.Integer('Participants', compute='_compute_counts')
    waiting_count = fields.Integer('Waiting', compute='_compute_counts')
    sent_count = fields.Integer('Sent', compute='_compute_counts')
    delivered_count = fields.Integer('Delivered', compute='_compute_counts')
    read_count = fields.Integer('Read', compute='_compute_counts')
    failed_count = fields.Integer('Failed', compute='_compute_counts')
    refused_count = fields.Integer('Refused', compute='_compute_counts')
    cancelled_count = fields.Integer('Cancelled or Too Late', compute='_compute_counts')
    unknown_count = fields.Integer('Outcome Unknown', compute='_compute_counts')
    duplicate_count = fields.Integer('Duplicates', compute='_compute_counts')
    goal_count = fields.Integer('At the Goal', compute='_compute_counts')
    left_count = fields.Integer('Left', compute='_compute_counts')
    holdout_count = fields.Integer('Hold-Out', compute='_compute_counts')
    progress = fields.Float(compute='_compute_counts', help='Participants that are not waiting, in percent.')
    sent_ratio = fields.Float('Sent (%)', compute='_compute_counts', help='Of the participants.')
    delivered_ratio = fields.Float('Delivered (%)', compute='_compute_counts', help='Of what was sent.')
    read_ratio = fields.Float('Read (%)', compute='_compute_counts',
                              help='Of what was delivered. People who hide their ticks are among them only if they '
                                   'replied or followed a link.')

    # ------------------------------------------------------------
    # COMPUTE AND CONSTRAINTS
    # ------------------------------------------------------------

    @api.model
    def _audience_models(self):
        """:return: names of the models with a chatter whose records have a number, their own or a contact's."""
        thread = self.env.registry['mail.thread']
        return [
            name for name, model_class in self.env.registry.items()
            if issubclass(model_class, thread) and model_class._auto and not model_class._transient
            and not name.startswith('ir.') and self._has_number(self.env[name])]

    def _has_number(self, model):
        return bool(model._phone_get_number_fields() or model._mail_get_partner_fields())

    @api.depends('model_id')
    def _compute_domain(self):
        for campaign in self:
            # Contacts: begin with those who agreed to offers, not with everybody.
            campaign.domain = repr(AGREED_CONTACTS) if campaign.model == 'res.partner' else '[]'

    @api.depends('model_id')
    def _compute_filter_id(self):
        self.filter_id = False

    @api.onchange('filter_id')
    def _onchange_filter_id(self):
        if self.filter_id:
            self.domain = self.filter_id.domain

    @api.depends('company_id')
    def _compute_number_id(self):
        numbers = self.env['fluxforce.whatsapp.number'].search([('company_id', 'in', self.company_id.ids)])
        by_company = numbers.grouped('company_id')
        for campaign in self:
            own = by_company.get(campaign.company_id, numbers.browse())
            if campaign.number_id not in own:
                campaign.number_id = (own.filtered('able_to_send') or own)[:1]

    @api.depends('model_id', 'domain', 'company_id')
    def _compute_audience_count(self):
        for campaign in self:
            # The viewer's own rights: a count tells something about the records, too.
            campaign.audience_count = campaign._count_audience(self.env.user)

    @api.depends('activity_ids.template_id')
    def _compute_preview_data(self):
        for campaign in self:
            campaign.preview_data = campaign.activity_ids.template_id[:1].preview_data

    def _compute_counts(self):
        participants, messages = self._count_participants(), self._count_messages()
        for campaign in self:
            campaign.update(self._prepare_counts(participants[campaign._origin.id], messages[campaign._origin.id]))

    def _count_participants(self):
        """:return: by campaign id, how many there are in each state."""
        result = defaultdict(Counter)
        for campaign, state, count in self.env['fluxforce.campaign.participant']._read_group(
                [('campaign_id', 'in', self._origin.ids)], ['campaign_id', 'state'], ['__count']):
            result[campaign.id][state] = count
        return result

    def _count_messages(self):
        """Of somebody who waits for a further step only what went out counts: everybody is in one count.

        :return: by campaign id, dict of the counts of messages.
        """
        result = defaultdict(lambda: dict.fromkeys(MESSAGE_COUNTS, 0))
        if not self._origin.ids:
            return result
        # sudo: report - the counts of a campaign are for whoever may see it
        report = self.env['fluxforce.marketing.report'].sudo()
        rows = report._search([('campaign_id', 'in', self._origin.ids)]).select(SQL('*'))
        counts = self.env.execute_query_dict(SQL(
            """
            SELECT report.campaign_id AS id, %s FROM (%s) report
              JOIN fluxforce_campaign_participant participant ON participant.id = report.participant_id
             WHERE participant.state != 'waiting' OR report.waiting = 0 GROUP BY report.campaign_id
            """, SQL(', ').join(SQL('sum(%s) AS %s', SQL.identifier(column), SQL.identifier(name))
                                for name, column in MESSAGE_COUNTS.items()), rows))
        result.update({row['id']: row for row in counts})
        return result

    def _prepare_counts(self, participants, messages):
        counts = {name: messages[name] for name in MESSAGE_COUNTS}
        for name, states in PARTICIPANT_COUNTS.items():
            counts[name] = counts.get(name, 0) + sum(participants[state] for state in states)
        total, sent = participants.total(), counts['sent_count']
        return {
            **counts,
            'participant_count': total,
            'progress': self._percent(total - counts['waiting_count'], total),
            'sent_ratio': self._percent(sent, total),
            'delivered_ratio': self._percent(counts['delivered_count'], sent),
            'read_ratio': self._percent(counts['read_count'], counts['delivered_count']),
        }

    def _percent(self, part, whole):
        return 100 * part / whole if whole else 0

    @api.constrains('reentry', 'reentry_days')
    def _check_reentry(self):
        if any(campaign.reentry == 'after' and campaign.reentry_days < 1 for campaign in self):
            raise ValidationError(self.env._(
                'Days until Then: who was through would come in again at once. Write 1 or more.'))

    @api.constrains('model_id')
    def _check_model(self):
        allowed = set(self._audience_models())
        for campaign in self:
            if campaign.model not in allowed:
                raise ValidationError(self.env._(
                    'Records of %(model)s have no phone number. Choose another one in the field Write to.',
                    model=campaign.model_id.name))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # Given explicitly, so that no default from outside makes a campaign run.
            for values in vals_list:
                self._check_kept(values, ('draft',))
            vals_list = [{**values, 'state': 'draft'} for values in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._check_kept(vals)
            self._check_at_rest(vals)
        return super().write(vals)

    def _check_kept(self, vals, harmless_states=()):
        """:raise AccessError: if somebody writes what only the buttons set."""
        written = KEPT_FIELDS & vals.keys()
        if written - {'state'} or ('state' in written and vals['state'] not in harmless_states):
            raise AccessError(self.env._('A campaign is started, stopped and resumed with its buttons.'))

    def _check_at_rest(self, vals):
        if AUDIENCE_FIELDS & vals.keys() and any(campaign.state != 'draft' for campaign in self):
            raise UserError(self.env._(
                'The audience of a campaign that has begun stays as it is. Duplicate the campaign to write to others.'))
        if MESSAGE_FIELDS & vals.keys() and any(campaign.state in ('running', 'done') for campaign in self):
            raise UserError(self.env._('Stop the campaign before you change its message, number or responsible.'))
        if LOOSE_FIELDS & vals.keys() and any(
                campaign.state == 'running' and campaign.launch_check_id.is_large for campaign in self):
            raise UserError(self.env._(
                'A manager has approved this campaign as it is. Pause it before you change that; before it goes on it '
                'is approved again.'))
        if vals.get('active') is False and any(campaign.state == 'running' for campaign in self):
            raise UserError(self.env._('Stop the campaign before you archive it.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if any(campaign.state != 'draft' for campaign in self):
            raise UserError(self.env._('A campaign that has begun is kept as evidence. Archive it instead.'))

    def copy_data(self, default=None):
        values_list = super().copy_data(default)
        if 'name' not in (default or {}):
            for campaign, values in zip(self, values_list, strict=True):
                values['name'] = self.env._('%(name)s (copy)', name=campaign.name)
        return values_list

    def copy(self, default=None):
        """The steps of the copy follow each other as those of the original do."""
        copies = super().copy(default)
        for campaign, twin in zip(self, copies, strict=True):
            twins = dict(zip(campaign.activity_ids, twin.activity_ids, strict=False))
            for activity, follower in twins.items():
                if activity.parent_id in twins:
                    follower.write({'parent_id': twins[activity.parent_id].id, 'trigger': activity.trigger})
        return copies

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_pause(self):
        """Do nothing for a while: what waits in the outbox stays there, what becomes due waits."""
        self.check_access('write')
        if any(campaign.state != 'running' for campaign in self):
            raise UserError(self.env._('Only a campaign that is running can be paused.'))
        self.sudo().write({'state': 'paused'})  # sudo: campaign - the state is set by the buttons only

    def action_stop(self):
        """Send to nobody else. What waits in the outbox is taken back; what went out stays."""
        self.check_access('write')
        # All may have been put into the outbox while most of it still waits there.
        if any(campaign.state not in ('running', 'paused') and not (campaign.state == 'done' and campaign.waiting_count)
               for campaign in self):
            raise UserError(self.env._('Only a campaign that is running can be stopped.'))
        self.sudo().write({'state': 'stopped'})  # sudo: campaign - the state is set by the buttons only
        self._wake()

    def action_open_messages(self):
        """Open the messages behind a count, named in the context as ``campaign_count``."""
        return self._open_related('fluxforce_whatsapp.fluxforce_whatsapp_message_action',
                                  list(self._counted_domain(self.env.context.get('campaign_count'))))

    def _counted_domain(self, count=None):
        """:return: domain of the messages behind a count, all that count if none is given."""
        column = MESSAGE_COUNTS.get(count)
        counted = Domain('campaign_id', 'in', self.ids) & (Domain(column, '=', 1) if column else Domain.TRUE)
        return Domain('report_ids', 'any', list(counted))

    def action_open_participants(self):
        """Open the participants behind a count, named in the context as ``campaign_count``."""
        count = self.env.context.get('campaign_count')
        domain = Domain('campaign_id', 'in', self.ids)
        if count:
            # Whoever waits is counted as that, whatever became of an earlier message.
            counted = Domain('state', 'in', PARTICIPANT_COUNTS.get(count, ()))
            if count in MESSAGE_COUNTS:
                counted |= Domain('state', '!=', steps.WAITING) & Domain(
                    'message_id', 'any', list(self._counted_domain(count)))
            domain &= counted
        return self._open_related('fluxforce_whatsapp_marketing.fluxforce_campaign_participant_action', list(domain))

    def _open_related(self, xmlid, domain):
        action = self.env['ir.actions.act_window']._for_xml_id(xmlid)
        return {**action, 'domain': domain, 'context': {'create': False}}

    # ------------------------------------------------------------
    # RUN
    # ------------------------------------------------------------

    @api.model
    def _wake(self):
        """Run the campaigns soon. Call once per batch."""
        self.env.ref('fluxforce_whatsapp_marketing.ir_cron_run').sudo()._trigger()  # sudo: ir.cron - only wakes it

    @api.model
    def _wake_later(self, pause, name='fluxforce_whatsapp_marketing.ir_cron_run'):
        """Run the campaigns after a pause, unless they are to run anyway by then: asked for again and again it counts
        once.

        :param timedelta pause: what happens in it is served together.
        :param str name: of the scheduled action.
        """
        # sudo: ir.cron - only wakes it
        action = self.env.ref(name).sudo()
        now = fields.Datetime.now()
        at = now + pause
        # What was asked for earlier is perhaps being served at this moment, and has looked already.
        later = [('call_at', '>', now)] if pause else []
        if not self.env['ir.cron.trigger'].sudo().search_count(
                [('cron_id', '=', action.id), ('call_at', '<=', at), *later], limit=1):
            action._trigger(at)

    def _go_on_again(self):
        """Somebody who was through is on the way again: what was done has something to do."""
        self.filtered(lambda campaign: campaign.state == 'done').write({'state': 'running', 'done_at': False})
        self._wake()

    @api.model
    def _cron_run(self):
        """Serve the campaigns in turn, a batch each, while there is work and the cron has time."""
        runner = self.env['fluxforce.campaign.runner']
        self._heed_signals()
        queue, looked_at = deque(runner._ids_with_work()), set()
        while queue:
            campaign = self.browse(queue.popleft())
            processed = runner._run_batch(campaign, looked_at)
            remaining = runner._count_remaining()
            if remaining > BATCH:
                runner._wake_helper()
            time_left = self.env['ir.cron']._commit_progress(processed, remaining=remaining)
            if time_left <= 0:
                break
            if processed:
                queue.append(campaign.id)
        runner._wake_for_next()

    def _heed_signals(self):
        """Let those look again who wait for something that has happened meanwhile."""
        while taken := self.env['fluxforce.campaign.signal']._work_off():
            if self.env['ir.cron']._commit_progress(taken, remaining=1) <= 0:
                break

    @api.model
    def _cron_tidy(self):
        """Look for what nobody told, and for what records say meanwhile."""
        found = again_on_conflict(self.env, self.env['fluxforce.campaign.trace']._look_again_at_forgotten)
        if found:
            _logger.warning('%s steps of campaigns waited for messages that had come to an end', found)
            self._wake()
        self.env['ir.cron']._commit_progress(found)
        self.env['fluxforce.campaign.watch']._watch_at_rest()
