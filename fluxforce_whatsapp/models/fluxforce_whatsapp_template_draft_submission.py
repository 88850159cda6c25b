import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..cloud_api import const as meta
from ..cloud_api import template_quota
from ..cloud_api import template_writing as writing
from .fluxforce_whatsapp_template_request import CREATIONS_PER_HOUR

# Under which the model is kept among the marks of variables.
MODEL_MARK = 'model'
# Statuses after which Meta has decided about what was submitted.
DECIDED = {'APPROVED': 'approved', 'REJECTED': 'rejected'}


class FluxforceWhatsappTemplateDraft(models.Model):
    """The way to Meta and back: what is submitted, what Meta decides, how often it may be changed."""

    _inherit = 'fluxforce.whatsapp.template.draft'

    request_ids = fields.One2many('fluxforce.whatsapp.template.request', 'draft_id', 'Requests', readonly=True)
    submitted_by = fields.Many2one('res.users', 'Submitted by', readonly=True, copy=False)
    submitted_at = fields.Datetime('Submitted on', readonly=True, copy=False)
    mapping_base = fields.Json(readonly=True, copy=False,
                               help='Technical: where the values came from when the change was begun.')
    meta_reason = fields.Text('What Meta Says', readonly=True, copy=False)
    meta_remedy = fields.Text('What to Change', readonly=True, copy=False)
    request_problem = fields.Text(compute='_compute_request', help='Why Meta has not been asked yet.')
    is_waiting = fields.Boolean(compute='_compute_request')
    quota = fields.Char('Meta\'s Limits', compute='_compute_quota')

    @api.depends('request_ids.state', 'request_ids.problem')
    def _compute_request(self):
        for draft in self:
            request = draft.sudo().request_ids[:1]  # sudo: request - only what became of it
            draft.is_waiting = request.state in ('waiting', 'calling')
            draft.request_problem = request.problem if draft.is_waiting else False

    @api.depends('state', 'template_id.status', 'account_id')
    @api.depends_context('lang', 'tz')
    def _compute_quota(self):
        for draft in self:
            draft.quota = draft._quota_words() if draft.account_id else ''

    # ------------------------------------------------------------
    # QUOTAS
    # ------------------------------------------------------------

    def _quota_words(self):
        """:return: what Meta still allows, in words."""
        requests = self.env['fluxforce.whatsapp.template.request']
        if not self.template_id:
            return self.env._(
                'Meta takes %(limit)s new templates an hour; %(used)s were made in the last one.',
                limit=CREATIONS_PER_HOUR, used=len(requests._creations(self.account_id)))
        room = self._edit_room()
        if not room:
            return self.env._('Meta lets it be changed once it has decided about it.')
        if room.left is None:
            return self.env._('A template that is not approved may be changed as often as needed.')
        if room.next_at:
            return self.env._('Meta takes the next change of this approved template on %(moment)s.',
                              moment=format_datetime(self.env, room.next_at))
        return self.env._('An approved template may be changed once a day and 10 times in 30 days: there is room now.')

    def _edit_room(self):
        """:return: when Meta lets the template be changed. :rtype: cloud_api.template_quota.Room | None"""
        edits = self.env['fluxforce.whatsapp.template.request']._edits(self.template_id)
        return template_quota.edits(edits, self.template_id.status, fields.Datetime.now())

    def _check_quota(self):
        """:raise UserError: if Meta would refuse it because of how often, or because the name is blocked."""
        if not self.template_id:
            self._check_name_is_free()
            return
        room = self._edit_room()
        if not room:
            raise UserError(self.env._(
                'Meta changes only templates that are approved, rejected or paused; this one is "%(status)s". Wait '
                'until Meta has decided.', status=self._status_label()))
        if room.next_at:
            raise UserError(self.env._(
                'An approved template may be changed once a day and 10 times in 30 days. Meta takes the next change '
                'on %(moment)s.', moment=format_datetime(self.env, room.next_at)))
        is_approved = self.template_id.status == meta.TEMPLATE_STATUS_SENDABLE
        if is_approved and self.category != self.template_id.category:
            raise UserError(self.env._(
                'Category: that of an approved template cannot be changed. Keep it, or make a new template.'))

    def _check_name_is_free(self):
        moment = self.env['fluxforce.whatsapp.template.request']._name_from(
            self.account_id, self.name, self.language)
        if moment:
            raise UserError(self.env._(
                'Name: %(name)s was deleted at Meta in this language, so the name is blocked there until %(moment)s. '
                'Choose another one.', name=self.name, moment=format_datetime(self.env, moment)))

    def _status_label(self):
        labels = dict(self.template_id._fields['status']._description_selection(self.env))
        return labels.get(self.template_id.status, '')

    # ------------------------------------------------------------
    # SUBMIT
    # ------------------------------------------------------------

    def action_submit(self):
        """Hand it to Meta, which decides within minutes, a day at most."""
        self.check_access('write')
        for draft in self:
            draft._check_state('ready')
            draft._check_without_errors()
            draft._check_account()
            draft._check_base()
            draft._check_quota()
            draft._submit()
        return True

    def _check_account(self):
        if self.account_id.state != 'connected':
            raise UserError(self.env._(
                'The account %(account)s is not connected. Connect it first, then submit.',
                account=self.account_id.display_name))

    def _check_base(self):
        """What the reviewer compared it with must still be what Meta holds: else a change made there would be lost."""
        now = writing.texts(self.template_id.components)
        if self.template_id and now != writing.texts(self.reviewed_base):
            raise UserError(self.env._(
                'The template was changed at Meta after the review. Press Take Back, look at What Changes, and ask for '
                'the review again.'))

    def _submit(self):
        self.env['fluxforce.whatsapp.template.request']._ask(
            'edit' if self.template_id else 'create', draft=self, template=self.template_id)
        self.sudo().write({  # sudo: draft - moved by buttons only
            'state': 'submitted', 'submitted_by': self.env.uid, 'submitted_at': fields.Datetime.now(),
            'meta_reason': False, 'meta_remedy': False})

    def action_cancel_submission(self):
        """Take it back while Meta was not asked yet."""
        self.ensure_one()
        self.check_access('write')
        self._check_state('submitted')
        # sudo: request - written by nobody else
        self.sudo().request_ids[:1]._cancel()
        self.sudo().write({'state': 'ready'})  # sudo: draft - moved by buttons only
        return True

    def _samples(self):
        """:return: tuples of the mark in the spec, content, file name and type of each file to upload."""
        for record in [self, *self.card_ids]:
            mark = record._content().header.handle
            if mark and record.header_kind in ('IMAGE', 'VIDEO', 'DOCUMENT'):
                content = base64.b64decode(record.with_context(bin_size=False).header_file)
                yield (mark, content, record.header_filename or 'sample',
                       self.env['fluxforce.whatsapp.file']._detect(content))

    # ------------------------------------------------------------
    # WHAT BECOMES OF IT
    # ------------------------------------------------------------

    def _taken(self, template):
        """Meta has taken it: from now on its decision is awaited."""
        self.sudo().write({'template_id': template.id})  # sudo: draft - moved by Meta
        self._hand_over_mapping(template)
        self._follow()

    def _hand_over_mapping(self, template):
        """The template's variables get their values from where the draft said, where that still can be.

        What was changed on the template while the draft was written stays, unless the draft changed it as well.
        """
        mine = self._prepare_mapping_to_hand_over(template)
        if template.model_id != self.model_id and not self._is_kept(
                MODEL_MARK, template.model_id.id, self.model_id.id):
            template.write({'model_id': self.model_id.id})
        for variable in template.variable_ids.filtered(lambda one: one.key in mine):
            variable.write(mine[variable.key])
        # sudo: draft - moved by Meta
        self.sudo().mapping_base = template._mapping_marks()

    def _prepare_mapping_to_hand_over(self, template):
        """:return: by variable key, the values of what the template takes over."""
        if self._is_kept(MODEL_MARK, template.model_id.id, self.model_id.id):
            return {}
        theirs = {variable.key: variable._mapping_mark() for variable in template.variable_ids}
        return {variable.key: variable._prepare_mapping_values() for variable in self.variable_ids
                if not self._is_kept(variable.key, theirs.get(variable.key), variable._mapping_mark())
                and not variable._find_problem(opened=True)}

    def _is_kept(self, name, theirs, mine):
        """:return: whether something was changed on the template since the draft was begun, and not in the draft."""
        base = self.mapping_base or {}
        return name in base and mine == base[name] != theirs

    def _follow(self):
        """Take over what Meta has decided."""
        for draft in self.filtered(lambda draft: draft.state == 'submitted' and not draft.is_waiting):
            state = DECIDED.get(draft.template_id.status)
            if state:
                draft._decided(state)

    def _lose_template(self):
        """Their template is gone at Meta: what is still under way becomes a new one."""
        for draft in self:
            was_awaited = draft.state == 'submitted' and not draft.is_waiting
            draft.template_id = False
            if was_awaited:
                draft._given_back(draft._for(draft.user_id).env._(
                    'The template was deleted at Meta before it was decided. Submit it again to make it anew.'), False)

    def _decided(self, state):
        self = self._for(self.user_id)
        values = {'state': state, 'meta_reason': False, 'meta_remedy': False}
        if state == 'rejected':
            values['meta_reason'] = self._rejection_words()
            values['meta_remedy'] = self.env['fluxforce.whatsapp.wording']._rejection_remedy(
                self.template_id.rejected_reason)
        self.sudo().write(values)  # sudo: draft - moved by Meta
        self._tell_decision(state)

    def _rejection_words(self):
        """:return: why Meta has rejected it, with what Meta itself says of it."""
        template, wording = self.template_id, self.env['fluxforce.whatsapp.wording']
        in_general, here = (words._sentence(words._of('template_event', 'REJECTED'), words._of(
            'rejection', template.rejected_reason)) for words in (
                wording.with_context(lang=template.account_id._readers_language()), wording))
        told = template.status_reason or in_general
        return wording._sentence(here, told.removeprefix(in_general)) if told.startswith(in_general) else told

    def _tell_decision(self, state):
        if state == 'approved':
            self._tell_people(self.env._('Meta has approved it. It can be sent now.'))
            if self.template_id.category != self.category:
                self._warn_of_category()
            return
        self._tell_people(f'{self.meta_reason} {self.meta_remedy}')
        self._plan_activity(self.user_id, self.env._('Correct the template %(name)s', name=self.display_name),
                            self.meta_remedy or '')

    def _warn_of_category(self):
        wording = self.env['fluxforce.whatsapp.wording']
        self.env['fluxforce.whatsapp.alert']._raise_alert(
            'template_category', self.account_id, template=self.template_id, detail=self.env._(
                'Meta treats the template as %(new)s; %(old)s was asked for.',
                new=wording._of('category', self.template_id.category), old=wording._of('category', self.category)))

    def _given_back(self, problem, is_about_content):
        """Meta was not reached, or refused it at once.

        :param str problem: in the author's language
        :param bool is_about_content: whether the content is at fault; otherwise it may be submitted again as it is.
        """
        self = self._for(self.user_id)
        self.sudo().write({  # sudo: draft - moved by Meta
            'state': 'rejected' if is_about_content else 'ready', 'meta_reason': problem, 'meta_remedy': False})
        self._tell_people(problem)
        if is_about_content:
            self._plan_activity(self.user_id, self.env._(
                'Correct the template %(name)s', name=self.display_name), problem)

    def _tell_people(self, words):
        """Tell who wrote it, and who submitted it, what Meta says."""
        people = self.user_id | self.submitted_by
        # sudo: draft - Meta speaks here
        self.sudo().message_post(body=words, message_type='comment', subtype_xmlid='mail.mt_comment',
                                 author_id=self.env.ref('base.partner_root').id, partner_ids=people.partner_id.ids)
        for user in people:
            user._bus_send('simple_notification', {
                'type': 'success' if self.state == 'approved' else 'warning', 'title': self.display_name,
                'message': words})
