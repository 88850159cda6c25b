from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..cloud_api import const as meta
from ..cloud_api import templates as meta_templates
from ..const import OTHER, known
from ..policy.keywords import normalise
from ..policy.purpose import purpose_of_category
from ..text_format import to_markup
from .fluxforce_whatsapp_variable_mapping import MEDIA_KINDS

# What people decide about a template; everything else is as Meta holds it.
OURS = {'model_id', 'variable_ids', 'active', 'stop_button', 'allowed_user_ids', 'allowed_group_ids'}

# A template fetched so lately is not fetched again for a refusal. (Our own choice.)
SYNC_AGAIN = timedelta(minutes=10)


class FluxforceWhatsappTemplate(models.Model):
    """A message template as Meta holds it: its text is Meta's, the mapping of its variables is ours."""

    _name = 'fluxforce.whatsapp.template'
    _description = 'WhatsApp Template'
    _inherit = ['fluxforce.whatsapp.told']
    _order = 'name, language, id'
    _rec_names_search = ['name', 'body']

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, index=True,
                                 ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    active = fields.Boolean(default=True)
    template_id = fields.Char('Template ID', required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    language = fields.Char(required=True, readonly=True)
    category = fields.Selection([*meta.TEMPLATE_CATEGORIES.items(), (OTHER, 'Other')], readonly=True, index=True,
                                help='As Meta has it now. It decides which consent a message needs and what it costs.')
    status = fields.Selection([*meta.TEMPLATE_STATUSES.items(), (OTHER, 'Other')], readonly=True, index=True)
    quality = fields.Selection([*meta.QUALITY_RATINGS.items(), (OTHER, 'Other')], readonly=True)
    rejected_reason = fields.Char(readonly=True)
    status_reason = fields.Text('What Meta Says', readonly=True, help='Why the template has its status, in words.')
    parameter_format = fields.Char(readonly=True)
    components = fields.Json(readonly=True)
    ttl_seconds = fields.Integer('Deliver within (s)', readonly=True, aggregator=None,
                                 help='For so long Meta tries to deliver it; 0 for as long as it does with all.')
    body = fields.Text(compute='_compute_body', store=True)
    last_synced = fields.Datetime(readonly=True)
    sync_asked = fields.Boolean(readonly=True, help='Meta knows it otherwise; it is fetched anew.')

    model_id = fields.Many2one(
        'ir.model', 'Applies to', required=True, ondelete='cascade',  # never by way of Odoo, see ir.model
        domain=[('is_mail_thread', '=', True), ('transient', '=', False)],
        default=lambda self: self.env['ir.model']._get('res.partner'),
        help='Whose fields fill the variables.')
    model = fields.Char('Model Name', related='model_id.model', store=True, index=True)
    variable_ids = fields.One2many('fluxforce.whatsapp.template.variable', 'template_id', 'Variables')
    stop_button = fields.Char(
        'Button That Means Stop',
        help='Label of a quick-reply button. Whoever taps it has said stop; a label that is a stop word or sounds like '
             'a stop needs no entry here.')
    problem = fields.Char(compute='_compute_problem', help='Why this template cannot be sent.')
    mapping_problem = fields.Text(compute='_compute_mapping_problem',
                                  help='Variables that no record can fill any more. Without them nothing is sent.')
    has_files = fields.Boolean(compute='_compute_has_files', help='A header takes a file.')
    has_more = fields.Boolean(compute='_compute_has_more', help='More can be filled in.')
    preview = fields.Html(compute='_compute_preview', sanitize=False)

    _template_id_unique = models.Constraint('unique(account_id, template_id)', 'This template is already there.')

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends('name', 'language')
    def _compute_display_name(self):
        for template in self:
            template.display_name = f'{template.name} ({template.language})' if template.name else ''

    @api.depends('components')
    def _compute_body(self):
        for template in self:
            template.body = meta_templates.render(template.components or [], {}).body

    @api.depends('components')
    def _compute_problem(self):
        for template in self:
            unsupported = meta_templates.unsupported(template.components or [])
            template.problem = unsupported and self.env._('It has a part we cannot send yet: %(part)s.',
                                                          part=unsupported)

    @api.depends('variable_ids.problem')
    @api.depends_context('lang')
    def _compute_mapping_problem(self):
        for template in self:
            template.mapping_problem = '\n'.join(
                variable.problem for variable in template.variable_ids if variable.problem) or False

    @api.depends('variable_ids.kind')
    def _compute_has_files(self):
        for template in self:
            template.has_files = any(variable.kind in MEDIA_KINDS for variable in template.variable_ids)

    @api.depends('components', 'parameter_format', 'variable_ids.key')
    def _compute_has_more(self):
        for template in self:
            template.has_more = {one.key for one in template._all_variables()} > set(
                template.variable_ids.mapped('key'))

    @api.depends('components', 'variable_ids.sample')
    def _compute_preview(self):
        for template in self:
            samples = {variable.key: variable.sample for variable in template.variable_ids if variable.sample}
            template.preview = template._render_preview(samples)

    @api.constrains('stop_button')
    def _check_stop_button(self):
        for template in self.filtered('stop_button'):
            labels = template._render({}).buttons
            if normalise(template.stop_button) not in map(normalise, labels):
                raise ValidationError(self.env._(
                    'Button That Means Stop: this template has no button "%(label)s". Its buttons: %(labels)s.',
                    label=template.stop_button, labels=', '.join(labels) or '–'))

    # ------------------------------------------------------------
    # META'S AND OURS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._('Templates are written at Meta and fetched from there.'))
        return super().create(vals_list)

    def write(self, vals):
        # The category decides which consent a message needs: it must be Meta's word.
        if not self.env.su and vals.keys() - OURS:
            raise AccessError(self.env._(
                'Only what a template applies to, its variables, who may send it and archiving are decided here; the '
                'rest comes from Meta.'))
        changed = self.filtered(lambda template: template.status != vals.get('status', template.status))
        if changed and 'status_reason' not in vals:
            super(FluxforceWhatsappTemplate, changed).write({'status_reason': False})
        result = super().write(vals)
        if 'status' in vals or 'active' in vals:
            self._release_paused()
            changed._close_if_back()
        return result

    def _close_if_back(self):
        """What was told about a stop is over once Meta sends the template again."""
        for template in self.filtered(lambda template: template.status == meta.TEMPLATE_STATUS_SENDABLE):
            self.env['fluxforce.whatsapp.alert']._close(
                'template_stopped', template.account_id, template=template,
                note=self.env._('Meta sends the template again.'))

    def _release_paused(self):
        """What waited for the template is asked about again, whatever it became."""
        waiting = self.filtered(lambda template: template.status != 'PAUSED')
        if waiting:
            # sudo: message - of every company
            self.env['fluxforce.whatsapp.message'].sudo()._release_waiting(
                [('template_id', 'in', waiting.ids), ('reason', '=', 'template_paused')])

    def _ask_for_sync(self):
        """Have the templates fetched because Meta refused a message of theirs; meanwhile their other messages wait.

        A template that was fetched a moment ago is not asked for again: it would say the same.
        """
        known = fields.Datetime.now() - SYNC_AGAIN
        stale = self.filtered(lambda template: not template.last_synced or template.last_synced < known)
        stale.sudo().write({'sync_asked': True})  # sudo: template - what Meta says is written by nobody else
        stale.account_id._ask_for_sync()

    def _stop(self, error):
        """Keep what Meta said about the template when it refused a message.

        :param ApiError error: 132015 and its like
        """
        status = 'DISABLED' if error.code == meta.ERROR_TEMPLATE_DISABLED else 'PAUSED'
        for template in self.filtered(lambda template: template.status == 'APPROVED'):
            # sudo: template - what Meta says is written by nobody else
            template.sudo().write({'status': status, 'status_reason': error.user_message})
            template._keep_told('status', fields.Datetime.now())
            self.env['fluxforce.whatsapp.alert']._raise_alert(
                'template_stopped', template.account_id, template=template, detail=error.user_message)

    @api.model
    def _give_to_contacts(self, models):
        """Let the templates for models that are about to go apply to contacts; what does not fit is asked for."""
        templates = self.with_context(active_test=False).search([('model_id', 'in', models.ids)])
        templates.write({'model_id': self.env['ir.model']._get_id('res.partner')})
        lost = templates.variable_ids.filtered(lambda v: v.source == 'field' and not v._field_path_exists())
        lost.write({'source': 'free', 'field_path': False})

    # ------------------------------------------------------------
    # SYNC
    # ------------------------------------------------------------

    @api.model
    def _sync(self, account, rows):
        """Bring the templates of an account to what Meta lists; those no longer listed are archived.

        The mapping of a variable that still exists is kept.

        :param list rows: Meta's template objects, all pages.
        """
        self = self.sudo()  # sudo: template - what Meta says is written by nobody else
        rows = [row for row in rows if row.get('id')]
        existing = self.with_context(active_test=False).search([('account_id', '=', account.id)])
        by_id = existing.grouped('template_id')
        to_create = []
        for row in rows:
            values = self._prepare_sync_values(account, row)
            if template := by_id.get(values['template_id']):
                template.write(values)
            else:
                to_create.append(values)
        templates = existing | self.create(to_create)
        listed = {str(row['id']) for row in rows}
        gone = existing.filtered(lambda template: template.template_id not in listed)
        gone.write({'active': False, 'status': 'DELETED'})
        (templates - gone)._sync_variables()
        if any(template.quality == 'RED' or template.status == 'PAUSED' for template in templates - gone):
            account.number_ids._evaluate_brake()

    def _prepare_sync_values(self, account, row):
        quality = row.get('quality_score') if isinstance(row.get('quality_score'), dict) else {}
        reason = row.get('rejected_reason')
        return {
            'account_id': account.id,
            'template_id': str(row['id']),
            'name': row.get('name') or str(row['id']),
            'language': row.get('language') or '',
            'category': known(row.get('category'), meta.TEMPLATE_CATEGORIES),
            'status': known(row.get('status'), meta.TEMPLATE_STATUSES),
            'quality': known(quality.get('score'), meta.QUALITY_RATINGS),
            'rejected_reason': reason if reason != 'NONE' else False,
            'parameter_format': row.get('parameter_format'),
            'components': row.get('components') or [],
            'ttl_seconds': row.get('message_send_ttl_seconds') or 0,
            'last_synced': fields.Datetime.now(),
            'sync_asked': False,
            'active': True,
        }

    def _sync_variables(self):
        """Make the variables those of the components: new ones are added, gone ones removed, the others kept.

        What may stay empty is there only if somebody has asked for it, see :meth:`action_add_optional`.
        """
        to_create = []
        for template in self:
            wanted = {variable.key: variable for variable in template._all_variables()}
            present = {variable.key: variable for variable in template.variable_ids}
            for key in present.keys() - wanted.keys():
                present[key].unlink()
            for sequence, (key, variable) in enumerate(wanted.items()):
                if key in present:
                    present[key].write({'sequence': sequence, 'sample': variable.sample,
                                        'is_optional': variable.optional})
                elif not variable.optional:
                    to_create.append(template._prepare_variable_values(variable, sequence))
        self.env['fluxforce.whatsapp.template.variable'].create(to_create)

    def _all_variables(self):
        """:return: also those that may stay empty. :rtype: list[cloud_api.templates.Variable]"""
        return meta_templates.variables(self.components or [], self.parameter_format, optional=True)

    def action_add_optional(self):
        """Add what may be filled in and need not be: hidden answers, what a form begins with, the product shown …"""
        self.check_access('write')
        for template in self:
            present = set(template.variable_ids.mapped('key'))
            # sudo: variable - those of the template, nobody writes them by hand
            self.env['fluxforce.whatsapp.template.variable'].sudo().create([
                {**template._prepare_variable_values(variable, sequence), 'source': 'nothing', 'field_path': False}
                for sequence, variable in enumerate(template._all_variables())
                if variable.optional and variable.key not in present])
        return True

    def _prepare_variable_values(self, variable, sequence):
        return {
            'template_id': self.id,
            'sequence': sequence,
            'key': variable.key,
            'name': variable.name,
            'component': variable.component,
            'kind': variable.kind,
            'sample': variable.sample,
            'is_optional': variable.optional,
            **self.env['fluxforce.whatsapp.value']._prepare_source(self.model, variable),
        }

    # ------------------------------------------------------------
    # USE
    # ------------------------------------------------------------

    def _purpose(self):
        """:return: the purpose a consent must be for, by the category Meta has now; None if unknown."""
        self.ensure_one()
        return purpose_of_category(self.category)

    def _values_for(self, records, free_values=None, recipients=None):
        """Find the values of the variables for each record.

        :param records: records of the model the template applies to, with the rights of the user who sends.
        :param dict free_values: by variable key, what was typed at sending.
        :param dict recipients: :class:`Recipient` by record id, if the caller has asked already.
        :return: by record id, a dict of values by variable key; variables without a value are left out.
        """
        self.ensure_one()
        return self.variable_ids._values_for(records, free_values, recipients)

    def _form(self):
        """:return: the template read once, to be filled in for many messages. :rtype: cloud_api.templates.Form"""
        self.ensure_one()
        return meta_templates.Form(self.components or [], self.parameter_format)

    def _bodies(self, values_by_id):
        """:return: by the same ids, the text for each; the components are read once for all of them."""
        return meta_templates.render_bodies(self.components or [], values_by_id)

    def _render(self, values):
        """:return: :class:`Rendered` texts with the values in their places."""
        self.ensure_one()
        return meta_templates.render(self.components or [], values, self.parameter_format)

    def _render_preview(self, values):
        """:return: the message as a phone shows it, Markup."""
        self.ensure_one()
        rendered = self._render(values)
        return self.env['ir.qweb']._render('fluxforce_whatsapp.message_preview', {
            'header': rendered.header,
            'body': to_markup(rendered.body),
            'footer': rendered.footer,
            'buttons': rendered.buttons,
        })

    def _render_chatter(self, values):
        """:return: the message as the chatter keeps it, Markup."""
        rendered = self._render(values)
        parts = [
            rendered.header and Markup('<p><b>%s</b></p>') % rendered.header,
            Markup('<p>%s</p>') % to_markup(rendered.body),
            rendered.footer and Markup('<p><small>%s</small></p>') % rendered.footer,
        ]
        return Markup('').join(part for part in parts if part)
