from odoo import api, fields, models
from odoo.exceptions import UserError

from ..flow.versions import Version, differences, winner


class MailingMailing(models.Model):
    """Versions of a WhatsApp mailing beside each other, and the winner for everybody else."""

    _inherit = 'mailing.mailing'

    ab_testing_whatsapp_winner_selection = fields.Selection(
        related='campaign_id.ab_testing_whatsapp_winner_selection', default='replied_ratio', readonly=False, copy=True)
    ab_testing_mailings_whatsapp_count = fields.Integer(related='campaign_id.ab_testing_mailings_whatsapp_count')

    def _is_version(self):
        """:return: whether it goes to a share of the recipients only, to be compared with others."""
        return self.ab_testing_enabled and not self.ab_testing_is_winner_mailing

    def _get_ab_testing_description_modifying_fields(self):
        return [*super()._get_ab_testing_description_modifying_fields(), 'ab_testing_whatsapp_winner_selection']

    def _get_ab_testing_description_values(self):
        values = super()._get_ab_testing_description_values()
        if self._is_whatsapp():
            values['ab_testing_count'] = self.ab_testing_mailings_whatsapp_count
        return values

    def _get_ab_testing_winner_selection(self):
        if not self._is_whatsapp():
            return super()._get_ab_testing_winner_selection()
        chosen = self.ab_testing_whatsapp_winner_selection
        labels = dict(self.env['utm.campaign']._fields['ab_testing_whatsapp_winner_selection']._description_selection(
            self.env))
        return {'value': chosen, 'description': labels.get(chosen)}

    def _get_ab_testing_siblings_mailings(self):
        if not self._is_whatsapp():
            return super()._get_ab_testing_siblings_mailings()
        # Whom an archived one has written to has had a version all the same.
        return self.campaign_id.with_context(active_test=False).mailing_whatsapp_ids.filtered('ab_testing_enabled')

    def _get_default_ab_testing_campaign_values(self, values=None):
        campaign_values = super()._get_default_ab_testing_campaign_values(values)
        if self._is_whatsapp():
            campaign_values['ab_testing_whatsapp_winner_selection'] = self.ab_testing_whatsapp_winner_selection
        return campaign_values

    @api.depends('campaign_id.mailing_whatsapp_ids.state')
    def _compute_is_ab_test_sent(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        super(MailingMailing, self - ours)._compute_is_ab_test_sent()
        for mailing in ours:
            mailing.is_ab_test_sent = bool(mailing._tried_versions())

    def _tried_versions(self):
        """:return: the versions of the test that have been sent, or are being."""
        return self._get_ab_testing_siblings_mailings().filtered(
            lambda mailing: mailing._is_version() and mailing.state in ('sending', 'done'))

    # ------------------------------------------------------------
    # EQUAL ONES ONLY
    # ------------------------------------------------------------

    def _check_versions(self):
        """:raise UserError: if it cannot be compared with the other versions of its test."""
        others = self._get_ab_testing_siblings_mailings().filtered('whatsapp_template_id')
        unequal = differences([mailing._traits() for mailing in self | others]) if self.ab_testing_enabled else []
        if unequal:
            names = {
                'category': self.env._('the category of the template'), 'number': self.env._('the field From'),
                'model': self.env._('the kind of recipients'), 'domain': self.env._('the recipients')}
            raise UserError(self.env._(
                'A/B Tests: the versions differ in %(what)s, so the better one could not be told. Make them equal in '
                'everything but the message.', what=', '.join(names[name] for name in unequal)))

    def _traits(self):
        return {'category': self.whatsapp_template_id.category, 'number': self.whatsapp_number_id.id,
                'model': self.mailing_model_id.id, 'domain': self.mailing_domain}

    # ------------------------------------------------------------
    # THE WINNER
    # ------------------------------------------------------------

    def action_send_winner_mailing(self):
        """Send the version with the best figures to everybody who has got none."""
        if not self or not self[0]._is_whatsapp():
            return super().action_send_winner_mailing()
        if any(mailing.ab_testing_completed for mailing in self):
            raise UserError(self.env._('The winner of this test has been sent already.'))
        return self._find_winner().action_select_as_winner()

    def _find_winner(self):
        """:raise UserError: if nobody can tell."""
        versions = self[0]._tried_versions()
        self[0]._check_versions()
        hits = {'replied_ratio': 'replied', 'opened_ratio': 'opened', 'clicks_ratio': 'clicked'}.get(
            self[0].ab_testing_whatsapp_winner_selection)
        self.env['mailing.trace'].sudo()._follow(versions)  # sudo: trace - written by the system only
        versions.invalidate_recordset(['delivered', *([hits] if hits else [])])
        best = hits and winner([
            Version(version.id, version.delivered, version[hits]) for version in versions])
        if not best:
            raise UserError(self.env._(
                'Nobody has got one of the versions yet, so none has won. Wait, or choose one with "Send this as '
                'winner".'))
        return self.browse(best)

    def action_select_as_winner(self):
        if not self._is_whatsapp():
            return super().action_select_as_winner()
        self.ensure_one()
        self._check_responsible()
        if not self.ab_testing_enabled or not self.whatsapp_started_at or self.ab_testing_completed:
            raise UserError(self.env._(
                'Only a version that was sent can win, and only once. Launch it as a version of a test first.'))
        final = self.copy({
            'ab_testing_pc': 100, 'name': self.env._('%(name)s (final)', name=self.name)})
        # sudo: utm.campaign - which one won
        self.campaign_id.sudo().ab_testing_winner_mailing_id = final
        check, before = final._look(), self.launch_check_id
        covered = before.state == 'launched' and not self._is_changed() and before._covers(check.known_count, True)
        if covered and (before.is_critical or not check.is_critical):
            final.sudo().action_launch()  # sudo: mailing - its test was launched and approved for all recipients
        else:
            final._tell_responsible(
                self.env._('%(title)s waits for you', title=final._launch_title()),
                self.env._('The recipients or the message are others than when the test was launched. Look at the '
                           'check of the winner and launch it.'))
        return {'type': 'ir.actions.act_window', 'res_model': self._name, 'res_id': final.id,
                'views': [(final.get_formview_id(), 'form')], 'name': self.env._('A/B Test Winner')}
