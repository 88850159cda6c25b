import random
from ast import literal_eval

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# The recipients a new mailing to contacts begins with.
AGREED_CONTACTS = [('whatsapp_consent_marketing', '=', 'given')]


class MailingMailing(models.Model):
    """Whom a WhatsApp mailing is for, as its responsible may see them, in the company of its number."""

    _inherit = 'mailing.mailing'

    def _get_default_mailing_domain(self):
        domain = super()._get_default_mailing_domain()
        if self._is_whatsapp() and self.mailing_model_name == 'res.partner':
            # Begin with those who agreed to offers, not with everybody.
            return domain & Domain(AGREED_CONTACTS)
        return domain

    def _compute_total(self):
        ours = self.filtered(lambda mailing: mailing._is_whatsapp())
        super(MailingMailing, self - ours)._compute_total()
        for mailing in ours:
            # The viewer's own rights: a count tells something about the records, too.
            mailing.total = mailing._share_of(mailing._count_whatsapp(mailing._whatsapp_documents(self.env.user)))

    def _count_whatsapp(self, documents):
        try:
            return documents.search_count(self._whatsapp_domain())
        except (ValueError, AccessError):
            return 0  # the check says what is wrong

    def _share_of(self, count):
        """:return: of so many recipients, how many a version of an A/B test goes to."""
        if not self._is_version() or not count:
            return count
        return min(max(int(count * self.ab_testing_pc / 100), 1), count)

    def _whatsapp_documents(self, user=None):
        """:return: empty recordset of the recipients' model as a user sees it in the company of the number.

        :param user: the responsible if not given.
        """
        user_sudo = (user or self.user_id).sudo()  # sudo: res.users - language and time zone, as in the user's session
        companies = self.whatsapp_company_id or user_sudo.company_id
        context = {'allowed_company_ids': companies.ids, 'lang': user_sudo.lang, 'tz': user_sudo.tz}
        # All of the caller's context goes: the check in the browser and the cron must find the same.
        # pylint: disable=context-overridden
        return self.env[self._whatsapp_model_name() or 'res.partner'].with_user(user_sudo.id).with_context(context)

    def _whatsapp_model_name(self):
        """:return: name of the recipients' model; its app may have been taken away."""
        return self.mailing_model_real

    def _whatsapp_domain(self):
        """:return: Domain of the recipients, within the company. :raise ValueError: if it cannot be used."""
        if self._whatsapp_model_name() not in self.env:
            raise ValueError(self.env._('The app of these recipients is not installed any more.'))
        model = self.env[self._whatsapp_model_name()]
        try:
            domain = Domain(literal_eval(self.mailing_domain or '[]'))
            domain.validate(model)
        except Exception as error:  # a text somebody typed may be wrong in every way
            raise ValueError(str(error)) from error
        companies = self.whatsapp_company_id
        return domain & Domain(model._check_company_domain(companies)) if 'company_id' in model else domain

    def _whatsapp_everybody(self):
        """:return: ids of all recipients with the responsible's rights, in the order in which they are served."""
        return self._whatsapp_documents().search(self._whatsapp_domain(), order='id').ids

    def _whatsapp_chosen(self):
        """:return: ids of whom this mailing goes to: everybody, or who falls to this version of an A/B test."""
        ids = self._whatsapp_everybody()
        if not self.ab_testing_enabled:
            return ids
        served = self.env['mailing.trace']._served_ids(self._get_ab_testing_siblings_mailings() - self)
        left = [id_ for id_ in ids if id_ not in served]
        wanted = min(self._share_of(len(ids)), len(left)) if self._is_version() else len(left)
        return sorted(random.sample(left, wanted))

    def _prepare_whatsapp_drafts(self, records):
        """:return: drafts for the gate and the outbox, in the order of ``records``; nothing is written."""
        links = {'mailing_id': self.id, **({'expires_at': self.whatsapp_ends_at} if self.whatsapp_ends_at else {})}
        outbox = self.env['fluxforce.whatsapp.message'].with_env(records.env)
        template = self.whatsapp_template_id.with_env(records.env)
        siblings = template._siblings() if self.whatsapp_in_own_language else None
        drafts, __ = outbox._prepare_drafts_by_language(
            records, template, self.whatsapp_number_id.with_env(records.env), self._whatsapp_free_values(), siblings)
        return [{**draft, **links} for draft in drafts]

    def _planned_at(self):
        """:return: the moment from which it goes, None for at once."""
        return self.schedule_date if self.schedule_date and self.schedule_date > fields.Datetime.now() else None

    def _first_whatsapp_recipient(self):
        """:return: one recipient that the user may see, for previews; empty if there is none."""
        try:
            return self._whatsapp_documents(self.env.user).search(self._whatsapp_domain(), order='id', limit=1)
        except (ValueError, AccessError):
            return self.env['res.partner']

    def _first_whatsapp_draft(self):
        """:return: the draft of that recipient; None without one, or if the template is not made for it."""
        if self.whatsapp_template_id.model != self.mailing_model_real or not self.whatsapp_number_id:
            return None
        try:
            return next(iter(self._prepare_whatsapp_drafts(self._first_whatsapp_recipient())), None)
        except AccessError:
            return None  # the check says what may not be read
