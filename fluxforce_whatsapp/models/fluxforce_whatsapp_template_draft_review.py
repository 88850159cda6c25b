from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..cloud_api import template_writing as writing
from ..policy import template_diff

ACTIVITY_TYPE = 'mail.mail_activity_data_todo'
APPROVERS = 'fluxforce_whatsapp.group_whatsapp_approver'


class FluxforceWhatsappTemplateDraft(models.Model):
    """The way from a draft to one that may go to Meta: somebody else reads it first."""

    _inherit = 'fluxforce.whatsapp.template.draft'

    reviewer_id = fields.Many2one(
        'res.users', 'Reviewer', tracking=True, copy=False, check_company=True,
        domain=lambda self: [('all_group_ids', 'in', self.env.ref(APPROVERS).ids)],
        help='Gets a to-do when the review is asked for. Empty: whoever is responsible for the account.')
    reviewed_by = fields.Many2one('res.users', 'Approved by', readonly=True, copy=False)
    reviewed_at = fields.Datetime('Approved on', readonly=True, copy=False)
    # What the last reviewer had before the eyes, and what Meta held then.
    reviewed_components = fields.Json(readonly=True, copy=False)
    reviewed_base = fields.Json(readonly=True, copy=False)
    may_review = fields.Boolean(compute='_compute_may_review')
    diff = fields.Html('What Changes', compute='_compute_diff', sanitize=False)
    diff_base = fields.Char(compute='_compute_diff')

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    @api.depends('state', 'editor_ids', 'user_id', 'company_id')
    @api.depends_context('uid')
    def _compute_may_review(self):
        for draft in self:
            draft.may_review = draft._may_review(self.env.user)

    def _may_review(self, user):
        """:return: whether a user may approve it: with the right, and not the own text unless the company says so."""
        self.ensure_one()
        if not user.has_group(APPROVERS):
            return False
        own_allowed = self.company_id.sudo().whatsapp_own_review  # sudo: res.company - a setting
        return own_allowed or user not in self.editor_ids | self.user_id

    def _check_may_review(self):
        for draft in self.filtered(lambda draft: not draft._may_review(self.env.user)):
            if not self.env.user.has_group(APPROVERS):
                raise AccessError(self.env._(
                    'Templates are reviewed by users with the right "WhatsApp: Approver". Ask one of them.'))
            raise UserError(self.env._(
                'You have written on %(draft)s yourself, so somebody else approves it. An administrator may allow it '
                'in Settings > WhatsApp > Templates.', draft=draft.display_name))

    def _find_reviewer(self):
        """:return: who is to review: who was chosen, else who is responsible for the account, else any approver."""
        self.ensure_one()
        responsible = self.account_id.sudo().user_id  # sudo: account - who is responsible is no secret
        approvers = self.env['res.users'].sudo().search([  # sudo: res.users - authors do not administrate them
            ('all_group_ids', 'in', self.env.ref(APPROVERS).ids), ('company_ids', 'in', self.company_id.ids),
            ('share', '=', False)], order='id')
        fit = (self.reviewer_id | responsible | approvers).filtered(lambda user: user.active and user in approvers)
        return next((user for user in fit if self._may_review(user)), self.env['res.users'])

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_ask_review(self):
        """Hand it to a reviewer."""
        self.check_access('write')
        for draft in self:
            draft._check_state('draft', 'changes_asked')
            draft._check_without_errors()
            draft._ask_review()
        return True

    def _ask_review(self):
        reviewer = self._find_reviewer()
        if not reviewer:
            raise UserError(self.env._(
                'There is nobody who may review it. An administrator gives a colleague the right "WhatsApp: '
                'Approver", or allows authors to approve their own templates in Settings > WhatsApp > Templates.'))
        self._finish_activities(self.env._('Asked for a review.'))
        self.sudo().write({  # sudo: draft - moved by buttons only
            'state': 'in_review', 'reviewer_id': reviewer.id, 'version': self.version + 1})
        self._plan_activity(reviewer, self._for(reviewer).env._('Review the template %(name)s', name=self.display_name))

    def action_approve(self):
        """Let it go to Meta; ``seen_version`` in the context tells which version the reviewer had before the eyes."""
        self._check_may_review()
        for draft in self:
            draft._check_state('in_review')
            draft._check_read(self.env.context.get('seen_version'))
            draft._check_without_errors()
            draft._approve()
        return True

    def _check_read(self, version):
        """Taken back, changed and handed in again while it was read: what was read is not what would be approved."""
        if version and version != self.version:
            raise UserError(self.env._(
                '%(draft)s has changed since you opened it. Reload the page and read it again before you approve it.',
                draft=self.display_name))

    def _approve(self):
        self.sudo().write({  # sudo: draft - moved by buttons only
            'state': 'ready', 'reviewed_by': self.env.uid, 'reviewed_at': fields.Datetime.now(),
            'reviewed_components': self._components(), 'reviewed_base': self.template_id.components})
        self._finish_activities(self.env._('Approved.'))
        self._tell_author(self._for(self.user_id).env._('Approved. It can be submitted to Meta now.'))

    def action_ask_changes(self):
        """Ask what is to be changed."""
        self.ensure_one()
        self._check_may_review()
        self._check_state('in_review', 'ready')
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._('Ask for Changes'),
            'res_model': 'fluxforce.whatsapp.template.review',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_draft_id': self.id},
        }

    def _ask_changes(self, note):
        """Give it back to who wrote it.

        :param str note: what is to be changed, in the reviewer's words.
        """
        self._check_may_review()
        self._check_state('in_review', 'ready')
        self.sudo().write({  # sudo: draft - moved by buttons only
            'state': 'changes_asked', 'reviewed_by': False, 'reviewed_at': False,
            'reviewed_components': self._components()})
        self._finish_activities(self.env._('Changes asked for.'))
        self._tell_author(note)
        self._plan_activity(self.user_id, self._for(self.user_id).env._(
            'Change the template %(name)s', name=self.display_name), note)

    def action_take_back(self):
        """Go on writing; what was approved is not approved any more."""
        self.check_access('write')
        for draft in self:
            draft._check_state('in_review', 'ready', 'rejected', 'withdrawn')
        self._finish_activities(self.env._('Taken back.'))
        self.sudo().write({  # sudo: draft - moved by buttons only
            'state': 'draft', 'reviewed_by': False, 'reviewed_at': False})
        return True

    def action_withdraw(self):
        """Give it up; it is kept."""
        self.check_access('write')
        for draft in self:
            draft._check_state('draft', 'in_review', 'changes_asked', 'ready', 'rejected')
        self._finish_activities(self.env._('Withdrawn.'))
        self.sudo().write({'state': 'withdrawn'})  # sudo: draft - moved by buttons only
        return True

    def _check_state(self, *states):
        if self.state not in states:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                '%(draft)s is "%(state)s" by now. Reload the page to see what happened.',
                draft=self.display_name, state=labels[self.state]))

    # ------------------------------------------------------------
    # TELL
    # ------------------------------------------------------------

    def _for(self, user):
        """:return: the same in the language of who is going to read what is said."""
        return self.with_context(lang=user.lang)

    def _plan_activity(self, user, summary, note=''):
        self.sudo().activity_schedule(  # sudo: draft - the reviewer may not write it
            ACTIVITY_TYPE, user_id=user.id, summary=summary, note=Markup('<p>%s</p>') % note if note else '')

    def _finish_activities(self, note):
        # sudo: draft - to-dos of others end as well
        self.sudo().activity_feedback([ACTIVITY_TYPE], feedback=note)

    def _tell_author(self, words):
        """Say something in the chatter of which the author is told."""
        others = self.user_id - self.env.user
        # sudo: draft - reviewers and Meta speak in a draft they do not write
        self.sudo().message_post(body=words, message_type='comment', subtype_xmlid='mail.mt_comment',
                                 author_id=self.env.user.partner_id.id, partner_ids=others.partner_id.ids)

    # ------------------------------------------------------------
    # WHAT CHANGES
    # ------------------------------------------------------------

    @api.depends('spec', 'template_id.components', 'template_id.category', 'template_id.ttl_seconds',
                 'reviewed_components')
    @api.depends_context('lang')
    def _compute_diff(self):
        for draft in self:
            base = draft.template_id.components or draft.reviewed_components
            draft.diff_base = base and draft._diff_base_words()
            draft.diff = base and draft._render_diff(base)

    def _diff_base_words(self):
        if self.template_id.components:
            return self.env._('Compared with what Meta holds now.')
        return self.env._('Compared with what the last reviewer read.')

    def _render_diff(self, base):
        """:param list base: components to compare with. :return: Markup."""
        changes = template_diff.changes(
            {**self._head_words(self.template_id), **writing.texts(base)},
            {**self._head_words(self.template_id and self), **writing.texts(self._components())})
        return self.env['ir.qweb']._render('fluxforce_whatsapp.template_diff', {
            'changes': [{'label': self._part_label(one.part), 'pieces': one.pieces, 'is_changed': one.is_changed}
                        for one in changes if one.is_changed or one.part == 'body']})

    def _head_words(self, record):
        """:param record: the template or the draft; empty if only the components can be compared
        :return: what stands around the components, by part."""
        categories = dict(self._fields['category']._description_selection(self.env))
        words = {'category': categories.get(record.category, record.category),
                 'ttl': record.ttl_seconds and str(record.ttl_seconds)}
        return {part: text for part, text in words.items() if text}

    @api.model
    def _part_label(self, part):
        """:param str part: e.g. ``card:0:button:1``. :return: as people call it."""
        pieces = part.split(':')
        labels = {'header': self.env._('Header'), 'body': self.env._('Body'), 'footer': self.env._('Footer'),
                  'offer': self.env._('Offer'), **self._setting_labels()}
        if pieces[0] == 'card':
            return self.env._('Card %(number)s: %(part)s', number=int(pieces[1]) + 1,
                              part=self._part_label(':'.join(pieces[2:])))
        if pieces[0] == 'button':
            return self.env._('Button %(number)s', number=int(pieces[1]) + 1)
        return labels.get(part, part)

    @api.model
    def _setting_labels(self):
        """:return: what is chosen beside the texts, called as in the form."""
        names = {'category': 'category', 'ttl': 'ttl_seconds', 'offer_end': 'offer_expires',
                 'recommendation': 'recommendation', 'minutes': 'expiration_minutes'}
        labels = self.fields_get(names.values(), ['string'])
        return {part: labels[name]['string'] for part, name in names.items()}
