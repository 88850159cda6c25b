from ast import literal_eval

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..flow import lots


class CampaignError(UserError):
    """Something is wrong with the campaign itself: nobody in it can be served until it is mended."""


class FluxforceCampaign(models.Model):
    """Whom a campaign is for."""

    _inherit = 'fluxforce.campaign'

    # ------------------------------------------------------------
    # AUDIENCE
    # ------------------------------------------------------------

    def _documents(self, user=None):
        """:return: empty recordset of the audience's model as a user sees it in the campaign's company.

        :param user: the responsible if not given.
        """
        user_sudo = (user or self.user_id).sudo()  # sudo: res.users - language and time zone, as in the user's session
        context = {'allowed_company_ids': self.company_id.ids, 'lang': user_sudo.lang, 'tz': user_sudo.tz}
        # All of the caller's context goes: the check in the browser and the cron must find the same.
        # pylint: disable=context-overridden
        return self._model().with_user(user_sudo.id).with_context(context)

    def _model(self):
        """:return: empty recordset of the audience's model. :raise CampaignError: if its app was taken away."""
        name = self.model or 'res.partner'
        if name not in self.env:
            raise CampaignError(self.env._(
                'The app with the records of this campaign (%(model)s) is not installed any more. Install it again, or '
                'begin a new campaign.', model=name))
        return self.env[name]

    def _audience_domain(self):
        """:return: the audience's Domain, within the campaign's company. :raise ValueError: if it cannot be used."""
        model = self._model()
        domain = self._read_domain(self.domain)
        return domain & Domain(model._check_company_domain(self.company_id)) if 'company_id' in model else domain

    def _read_domain(self, text):
        """:return: a Domain for the audience's model from what somebody set. :raise ValueError: if it cannot be used.
        """
        try:
            domain = Domain(literal_eval(text or '[]'))
            domain.validate(self._model())
        except UserError:
            raise
        except Exception as error:  # a text somebody typed may be wrong in every way
            raise ValueError(str(error)) from error
        return domain

    def _fitting(self, documents, text):
        """Find which records fit a filter of the campaign, with the responsible's rights.

        :param documents: as :meth:`_documents` gives them; archived ones are looked at, too.
        :return: ids
        """
        domain = self._read_own_domain(text)
        return set(documents.with_context(active_test=False)._search(Domain('id', 'in', documents.ids) & domain))

    def _read_own_domain(self, text):
        """:return: Domain of a filter that could be read at the start. :raise CampaignError: if it cannot any more."""
        try:
            return self._read_domain(text)
        except ValueError as error:
            raise CampaignError(self.env._(
                'A filter of the campaign cannot be read any more: %(filter)s. Set it again. (%(error)s)', filter=text,
                error=error)) from error

    def _audience(self, after=0, limit=None):
        """:return: the audience in the order in which it is served, with the responsible's rights.

        :param int after: id of the last record served already.
        """
        return self._documents().search(self._audience_domain() & Domain('id', '>', after), order='id', limit=limit)

    def _count_audience(self, user):
        try:
            return self._documents(user).search_count(self._audience_domain())
        except (ValueError, AccessError, UserError):
            return 0  # Start says what is wrong

    def _prepare_drafts(self, activity, records):
        """:return: drafts for the gate and the outbox, with the links to the campaign; nothing is written."""
        links = {'campaign_id': self.id, 'campaign_activity_id': activity.id}
        if self.ends_at:
            links['expires_at'] = self.ends_at
        drafts = self.env['fluxforce.whatsapp.message']._prepare_drafts(records, activity.template_id, self.number_id)
        return [{**draft, **links} for draft in drafts]

    def _is_held_out(self, model, res_id, phone):
        """:return: whether somebody belongs to those who get nothing, to compare with: the same answer every time."""
        return bool(self.holdout_share) and lots.is_held_out(
            self.id, phone or f'{model},{res_id}', self.holdout_share)
