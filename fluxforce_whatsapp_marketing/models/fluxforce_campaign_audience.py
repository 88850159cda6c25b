from ast import literal_eval

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH
from odoo.addons.fluxforce_whatsapp.policy.gate import Action

from ..flow import audience, lots

# How many people a check looks at: what a person can wait for. (Our own choice.)
CHECK_LIMIT = 20000


class CampaignError(UserError):
    """Something is wrong with the campaign itself: nobody in it can be served until it is mended."""


class FluxforceCampaign(models.Model):
    """Whom a campaign is for, and what would happen to them."""

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

    # ------------------------------------------------------------
    # CHECK
    # ------------------------------------------------------------

    def _survey(self):
        """Ask the gate about the audience as the run will; nothing is written.

        :rtype: audience.Survey
        """
        self.ensure_one()
        records = self._audience(limit=CHECK_LIMIT + 1)
        survey = audience.Survey(complete=len(records) <= CHECK_LIMIT)
        seen = set()
        for batch in split_every(BATCH, records.ids[:CHECK_LIMIT], records.browse):
            self._survey_batch(survey, batch, seen)
        return survey

    def _survey_batch(self, survey, records, seen):
        phones, drafts = self._prepare_survey(records)
        twice = audience.duplicates(phones, seen) if self.unicity == 'person' else set()
        seen.update(phones.values())
        held_out = {res_id for res_id in phones.keys() - twice
                    if self._is_held_out(records._name, res_id, phones[res_id])}
        judged = [draft for draft in drafts if draft['res_id'] not in twice | held_out]
        verdicts = self.env['fluxforce.whatsapp.gate']._judge(judged)
        survey.summary = self.env['fluxforce.whatsapp.summary']._summarise(judged, verdicts, survey.summary)
        survey.total += len(phones)
        survey.duplicates += len(twice)
        survey.held_out += len(held_out)
        survey.sendable += sum(verdict.action is Action.ALLOW for verdict in verdicts)
        survey.held.update(verdict.reason for verdict in verdicts if verdict.action is Action.HOLD)
        survey.refused.update(verdict.reason for verdict in verdicts if verdict.action is Action.REFUSE)

    def _prepare_survey(self, records):
        """:return: number by record id, and a draft of the first message for each, none if nothing is sent."""
        message = self._first_message()
        if message:
            drafts = self._prepare_drafts(message, records)
            return {draft['res_id']: draft['phone'] for draft in drafts}, drafts
        recipients = records._whatsapp_recipients()
        return {record.id: recipients[record.id].phone for record in records}, []

    def _first_message(self):
        """:return: the step whose message people get first, if any."""
        return self.activity_ids.filtered(lambda activity: activity.type == 'whatsapp')[:1]

    def _is_held_out(self, model, res_id, phone):
        """:return: whether somebody belongs to those who get nothing, to compare with: the same answer every time."""
        return bool(self.holdout_share) and lots.is_held_out(
            self.id, phone or f'{model},{res_id}', self.holdout_share)

    def _prepare_check_values(self, survey):
        summary = survey.summary
        return {
            'check_result': self._render_survey(survey),
            'check_warnings': summary and self.env['fluxforce.whatsapp.summary']._render_warnings(summary) or False,
            'is_critical': bool(summary and summary.is_critical),
            'checked_at': fields.Datetime.now(),
        }

    def _render_survey(self, survey):
        """:return: a survey in words, Markup."""
        explain = self.env['fluxforce.whatsapp.gate']._explain
        reasons = [(count, explain(reason)) for reason, count in (survey.held + survey.refused).most_common()]
        if survey.duplicates:
            reasons.append((survey.duplicates, self.env._('Somebody earlier has the same number.')))
        if survey.held_out:
            reasons.append((survey.held_out, self.env._('Hold-out: gets nothing, to compare with.')))
        summary = self.env._('%(sendable)s of %(total)s can be sent.', sendable=survey.sendable, total=survey.total)
        if not survey.complete:
            summary += ' ' + self.env._('Only the first %(limit)s were looked at.', limit=CHECK_LIMIT)
        rows = Markup('').join(Markup('<li>%s × %s</li>') % row for row in reasons)
        return Markup('<p>%s</p>%s') % (summary, rows and Markup('<ul>%s</ul>') % rows)
