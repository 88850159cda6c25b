from datetime import timedelta

from odoo import api, fields, models, tools

# So long webhooks signed with the former app secret are accepted: as long as Meta delivers one. (Our own choice.)
ROTATION = timedelta(days=7)
# Whoever changes the secret again so soon corrects a slip: what was there before the slip counts on. (Our own choice.)
SLIP = timedelta(hours=1)
# What the way in knows of an account; a change of it is told to all workers.
ENTRANCE_FIELDS = {'webhook_token', 'verify_token', 'app_secret', 'former_app_secret', 'former_secret_until'}


class FluxforceWhatsappAccount(models.Model):
    """Two app secrets while one is exchanged: what Meta has signed with the former is still on its way."""

    _inherit = 'fluxforce.whatsapp.account'

    former_app_secret = fields.Char(groups='base.group_system', copy=False)
    former_secret_until = fields.Datetime(
        'Former Secret Accepted until', groups='base.group_system', copy=False, readonly=True,
        help='After a change of the app secret webhooks signed with the former one are accepted for a week.')

    def write(self, vals):
        if 'app_secret' in vals and 'former_app_secret' not in vals:
            for account in self.sudo():  # sudo: account - super refuses who may not write secrets
                account._keep_former_secret(vals['app_secret'])
        result = super().write(vals)
        if ENTRANCE_FIELDS & vals.keys():
            self._forget_entrances()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_entrances(self):
        self._forget_entrances()

    def _forget_entrances(self):
        """At once, and again at the commit: until then another thread may read, and remember, what was before."""
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    def _keep_former_secret(self, new_secret):
        """Remember the present secret; without a new one nothing is accepted any more."""
        if not new_secret:
            self._forget_former_secret()
        elif self.app_secret and self.app_secret != new_secret and not self._was_a_slip():
            self.write({'former_app_secret': self.app_secret, 'former_secret_until': fields.Datetime.now() + ROTATION})

    def _was_a_slip(self):
        return bool(self.former_secret_until and self.former_secret_until - ROTATION > fields.Datetime.now() - SLIP)

    def _forget_former_secret(self):
        self.write({'former_app_secret': False, 'former_secret_until': False})

    def action_end_rotation(self):
        """Accept the present app secret only, for example because the former one has leaked."""
        self.check_access('write')
        self._forget_former_secret()

    @api.model
    def _entrance(self, webhook_token):
        """Find what is needed to let a webhook in, mostly without asking the database: Meta wants its answer soon.

        What Meta tells an archived account still counts.

        :return: a dict with the account's ``id``, its ``verify_token`` and the app ``secrets`` that may have signed;
            None if there is no such address. For the endpoint only, which must not show any of it.
        """
        try:
            account_id, verify_token, secret, former, until = self._entrance_known(webhook_token)
        except LookupError:
            return None
        secrets = [secret, former if until and until > fields.Datetime.now() else None]
        return {'id': account_id, 'verify_token': verify_token, 'secrets': [one for one in secrets if one is not None]}

    @api.model
    @tools.ormcache('webhook_token')
    def _entrance_known(self, webhook_token):
        """:raise LookupError: for an unknown address; an answer is remembered, so strangers cannot fill the cache."""
        self.flush_model(ENTRANCE_FIELDS)
        self.env.cr.execute("""
            SELECT id, verify_token, app_secret, former_app_secret, former_secret_until
              FROM fluxforce_whatsapp_account WHERE webhook_token = %s
        """, [webhook_token], log_exceptions=False)
        row = self.env.cr.fetchone()
        if not row:
            raise LookupError('There is no such address.')
        return row

    @api.autovacuum
    def _gc_former_secrets(self):
        """What is accepted no more need not be kept."""
        self.with_context(active_test=False).search(
            [('former_secret_until', '<', fields.Datetime.now())])._forget_former_secret()
