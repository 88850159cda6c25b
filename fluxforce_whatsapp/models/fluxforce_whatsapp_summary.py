from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..policy import brake
from ..policy.gate import Action
from ..policy.purpose import MARKETING
from ..policy.warnings import CRITICAL, Situation, cautions
from .fluxforce_whatsapp_message import GONE_OUT

ADMIN_GROUP = 'fluxforce_whatsapp.group_whatsapp_admin'
# Names shown of each group of people.
FIRST_NAMES = 5
# How far back reading and answering is looked at. (Our own choice: a season.)
REACTION_SPAN = timedelta(days=90)
ORDER = {Action.ALLOW: 0, Action.HOLD: 1, Action.REFUSE: 2, Action.EXPIRE: 2}


@dataclass
class Group:
    """People about whom the gate says the same.

    :ivar action: ``allow``, ``hold`` or ``refuse``
    :ivar reason: code of the gate, '' for allowed
    :ivar indexes: of their drafts, over all batches in their order
    :ivar partner_ids: first contacts, for their names; a person without one is told by number
    :ivar details: particulars that the gate gave with the reason
    :ivar until: first and last known moment at which one of them goes, or None
    """

    action: Action
    reason: str
    indexes: list = field(default_factory=list)
    first: list = field(default_factory=list)
    details: set = field(default_factory=set)
    since: datetime | None = None
    until: datetime | None = None

    @property
    def count(self):
        """:return: how many people."""
        return len(self.indexes)

    def add(self, index, draft, verdict):
        """Take one more person in."""
        self.indexes.append(index)
        self.details.add(verdict.detail)
        if len(self.first) < FIRST_NAMES:
            self.first.append((draft['partner_id'], draft['phone'] or draft['typed_number'] or ''))
        if verdict.until:
            self.since = min(self.since or verdict.until, verdict.until)
            self.until = max(self.until or verdict.until, verdict.until)


@dataclass
class Summary:
    """What the gate says about an audience, grouped; batch after batch is added.

    :ivar total: people looked at
    :ivar groups: :class:`Group` by (action, reason)
    :ivar situation: what the warnings are found by
    """

    total: int = 0
    groups: dict = field(default_factory=dict)
    situation: Situation = field(default_factory=Situation)

    def ordered(self):
        """:return: who gets it, who waits, who does not; the largest group of each first."""
        return sorted(self.groups.values(), key=lambda group: (ORDER[group.action], -group.count))

    def group(self, action, reason):
        """:return: the :class:`Group` of what happens and why, an empty one if nobody is in it."""
        return self.groups.get((action, reason)) or Group(action, reason)

    def warnings(self):
        """:rtype: list[policy.warnings.Caution]"""
        return cautions(self.situation)

    @property
    def is_critical(self):
        """:return: whether an administrator has to give a reason."""
        return any(warning.severity == CRITICAL for warning in self.warnings())


class FluxforceWhatsappSummary(models.AbstractModel):
    """The gate's answer about many people in words, and what may cost the account although the gate allows it.

    The composer and a campaign's check show the same.
    """

    _name = 'fluxforce.whatsapp.summary'
    _description = 'WhatsApp Summary Before Sending'

    @api.model
    def _summarise(self, drafts, verdicts, summary=None):
        """Add a batch to a summary; the queries do not grow with the people.

        :param list drafts: as given to the gate
        :param list verdicts: what it said, in the same order
        :param Summary summary: of the batches before, a new one if not given
        :rtype: Summary
        """
        summary = summary or Summary()
        for index, (draft, verdict) in enumerate(zip(drafts, verdicts, strict=True), start=summary.total):
            action = Action.REFUSE if verdict.action is Action.EXPIRE else verdict.action
            group = summary.groups.setdefault((action, verdict.reason), Group(action, verdict.reason))
            group.add(index, draft, verdict)
        summary.total += len(drafts)
        going = [draft for draft, verdict in zip(drafts, verdicts, strict=True)
                 if verdict.action in (Action.ALLOW, Action.HOLD)]
        if going:
            summary.situation = self._situation(going, summary.situation)
        return summary

    # ------------------------------------------------------------
    # WARNINGS
    # ------------------------------------------------------------

    def _situation(self, drafts, before):
        """:return: the situation with these drafts of one template added."""
        # sudo: number, template - what warns does not depend on who asks
        numbers = self.env['fluxforce.whatsapp.number'].sudo().browse({draft['number_id'] for draft in drafts})
        template = self.env['fluxforce.whatsapp.template'].sudo().browse(drafts[0]['template_id'])
        people = {draft['phone'] for draft in drafts if draft['phone']}
        purpose = template._purpose()
        counts = self._count_strange_and_silent(template.account_id, people) if purpose == MARKETING else (0, 0, 0)
        steps = [step.people_per_day for number in numbers if (step := number._warmup_step())]
        return replace(
            before, purpose=purpose, recipients=before.recipients + len(drafts),
            brake=self._worst(numbers.mapped('brake'), ('all', 'marketing', 'slow')) or 'none',
            quality=self._worst(numbers.mapped('quality_rating'), ('RED', 'YELLOW')), template_quality=template.quality,
            restricted=any(self._is_restricted(number) for number in numbers),
            people_per_day=min(steps, default=None), strangers=before.strangers + counts[0],
            approached=before.approached + counts[1], silent=before.silent + counts[2])

    def _worst(self, values, order):
        return next((value for value in order if value in values), None)

    def _is_restricted(self, number):
        level, __ = brake.restricted(number.account_id._restrictions_of(number), fields.Datetime.now())
        return level != brake.NONE

    def _count_strange_and_silent(self, account, people):
        """:return: how many of the people the account has not met, how many got marketing lately, and how many of
            those neither read nor answered."""
        since = fields.Datetime.now() - REACTION_SPAN
        self.env['fluxforce.whatsapp.message'].flush_model()
        self.env.cr.execute("""
            SELECT pair.person, max(pair.window_until) FROM fluxforce_whatsapp_pair pair
              JOIN fluxforce_whatsapp_number number ON number.id = pair.number_id
             WHERE number.account_id = %s AND pair.person = ANY(%s)
               AND COALESCE(pair.reached_at, pair.window_until, pair.burst_at) IS NOT NULL
             GROUP BY pair.person
        """, [account.id, list(people)])
        met = dict(self.env.cr.fetchall())
        self.env.cr.execute("""
            SELECT phone, bool_or(state IN ('read', 'played')) FROM fluxforce_whatsapp_message
             WHERE phone = ANY(%s) AND purpose = 'marketing' AND claimed_at > %s AND company_id = %s AND state IN %s
             GROUP BY phone
        """, [list(people), since, account.company_id.id, GONE_OUT])
        has_read = dict(self.env.cr.fetchall())
        silent = [phone for phone, read in has_read.items() if not read and not (met.get(phone) and met[phone] > since)]
        return len(people - met.keys()), len(has_read), len(silent)

    def _warning_texts(self, count):
        """:return: by kind, what it is about and what to do."""
        return {
            'restricted': (
                self.env._('Meta restricts this account.'),
                self.env._('The next violation costs more days, in the end the account. Wait until the restriction is '
                           'over and change what led to it.')),
            'low_quality': (
                self.env._('The quality of the number is not high: people block or report it.'),
                self.env._('More marketing now may get the number restricted. Wait some days, then write only to '
                           'people who asked for it lately.')),
            'disliked_template': (
                self.env._('People dislike this template.'),
                self.env._('Meta pauses it if this goes on, the third time it is disabled for good. Improve its text '
                           'or choose another one.')),
            'brake_on': (
                self.env._('The brake of the number is on.'),
                self.env._('These messages wait until an administrator releases it. Look at the reason on the number '
                           'first.')),
            'young_number': (
                self.env._('The number is still warming up.'),
                self.env._('It reaches no more than %(count)s people a day for now; the others wait. Begin with those '
                           'who know you best.', count=count)),
            'strangers': (
                self.env._('%(count)s of these people were never written to by this account, nor did they write.',
                           count=count),
                self.env._('Old or bought lists are a main cause of bans. Make sure that each of them agreed, and '
                           'begin with a few.')),
            'silent_people': (
                self.env._('%(count)s of these people read or answered none of your offers in the last 90 days.',
                           count=count),
                self.env._('A low share of readers brings the quality down. Leave them out, or ask them once whether '
                           'they still want your messages.')),
        }

    @api.model
    def _warning_rows(self, summary):
        """:return: dicts of severity, title and advice, the worst first."""
        rows = []
        for warning in summary.warnings():
            title, advice = self._warning_texts(warning.count)[warning.kind]
            rows.append({'severity': warning.severity, 'title': title, 'advice': advice})
        return rows

    @api.model
    def _render_warnings(self, summary):
        """:return: the warnings as Markup, '' without any."""
        rows = self._warning_rows(summary)
        return rows and self.env['ir.qweb']._render('fluxforce_whatsapp.send_warnings', {
            'rows': rows, 'critical': summary.is_critical, 'may_override': self._may_override()}) or ''

    # ------------------------------------------------------------
    # IN WORDS
    # ------------------------------------------------------------

    @api.model
    def _rows(self, summary):
        """:return: dicts of action, reason, count, words, names and the indexes of the drafts, in order."""
        names = self._names(summary)
        return [{
            'action': group.action.value, 'reason': group.reason, 'count': group.count, 'indexes': group.indexes,
            'words': self._words(group),
            'names': self._enumerate(names, group),
        } for group in summary.ordered()]

    def _words(self, group):
        if group.action is Action.ALLOW:
            return self.env._('They get it, at the pace of the number.')
        # What is said of all of them; of each one it would be a list.
        detail = next(iter(group.details)) if len(group.details) == 1 else ''
        text = self.env['fluxforce.whatsapp.gate']._explain(group.reason, detail)
        if not group.since:
            return text
        when = self.env['fluxforce.whatsapp.forecast']._moment_words(group.since)
        if group.since != group.until:
            return self.env._('%(text)s The first go out %(when)s.', text=text, when=when)
        return self.env._('%(text)s Goes out %(when)s.', text=text, when=when)

    def _names(self, summary):
        """:return: by contact id, the name of the first ones, as far as the user may read them."""
        ids = {partner_id for group in summary.groups.values() for partner_id, __ in group.first if partner_id}
        partners = self.env['res.partner'].browse(ids)._filtered_access('read')
        return {partner.id: partner.display_name for partner in partners}

    def _enumerate(self, names, group):
        first = [names.get(partner_id) or phone for partner_id, phone in group.first]
        text = ', '.join(name for name in first if name)
        return f'{text} …' if group.count > len(group.first) else text

    # ------------------------------------------------------------
    # NEVERTHELESS
    # ------------------------------------------------------------

    def _may_override(self):
        return self.env.su or self.env.user.has_group(ADMIN_GROUP)

    @api.model
    def _check_override(self, summary, reason):
        """:raise UserError: if something critical is to be sent by who may not, or without a reason."""
        if not summary or not summary.is_critical:
            return
        if not self._may_override():
            raise AccessError(self.env._(
                'This may cost the account: %(titles)s Ask a WhatsApp administrator to send it, or do what is advised.',
                titles=' '.join(row['title'] for row in self._warning_rows(summary) if row['severity'] == CRITICAL)))
        if not (reason or '').strip():
            raise UserError(self.env._('Reason: say why it is sent although it may cost the account. It is kept.'))

    @api.model
    def _keep_override(self, summary, template, number, reason):
        """Keep why something critical was sent: in the list of such decisions and in the account's chatter."""
        if not summary or not summary.is_critical:
            return
        # sudo: override - written by nobody else
        self.env['fluxforce.whatsapp.override'].sudo().create({
            'account_id': template.account_id.id, 'number_id': number.id, 'template_id': template.id,
            'user_id': self.env.uid, 'reason': reason.strip(), 'recipients': summary.situation.recipients,
            'warnings': '\n'.join(row['title'] for row in self._warning_rows(summary)),
        })._announce()
