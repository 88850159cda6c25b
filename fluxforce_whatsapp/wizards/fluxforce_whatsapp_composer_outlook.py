import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import split_every

from ..models.fluxforce_whatsapp_message import BATCH
from ..models.fluxforce_whatsapp_summary import Summary
from ..policy.gate import Action
from ..policy.price import Estimate
from ..policy.warnings import Situation

# For so long what was found out about many may be sent by. (Our own choice.)
FRESH = timedelta(minutes=15)
SPINNER = Markup('<i class="fa fa-circle-o-notch fa-spin me-2" aria-hidden="true"></i>')


@dataclass
class Survey:
    """What was found out about the people of a composer, batch after batch.

    :ivar summary: the gate's answer, grouped
    :ivar ids: of the records, in the order of the summary's indexes
    :ivar chosen: records that were chosen and may be read
    :ivar unreadable: records that are gone or may not be read by who sends
    :ivar languages: people by the template they get
    :ivar lacking: people by a language the template lacks
    :ivar first: verdict of the first person
    """

    summary: Summary = field(default_factory=Summary)
    estimate: Estimate = field(default_factory=Estimate)
    ids: list = field(default_factory=list)
    chosen: int = 0
    unreadable: int = 0
    languages: Counter = field(default_factory=Counter)
    lacking: Counter = field(default_factory=Counter)
    first: object = None
    seen: set = field(default_factory=set)

    @property
    def left_out(self):
        """:return: how many have the number of another record."""
        return self.chosen - len(self.ids)


class FluxforceWhatsappComposer(models.TransientModel):
    """What will happen on Send: who gets it, who waits, who does not and why, in which language, for how much.

    About many people it is found out on demand and kept, see :meth:`ask`.
    """

    _inherit = 'fluxforce.whatsapp.composer'

    verdict = fields.Html(compute='_compute_verdict', sanitize=False)
    warnings = fields.Html(compute='_compute_verdict', sanitize=False)
    cost = fields.Char(compute='_compute_verdict')
    language_words = fields.Char('Languages', compute='_compute_verdict')
    sendable_count = fields.Integer(compute='_compute_verdict')
    is_critical = fields.Boolean(compute='_compute_verdict', help='It may cost the account.')
    may_override = fields.Boolean(compute='_compute_may_override')
    override_reason = fields.Char('Reason', help='Why it is sent although it may cost the account. It is kept.')
    group_ids = fields.One2many('fluxforce.whatsapp.composer.group', 'composer_id', 'Who Gets It',
                                compute='_compute_group_ids', compute_sudo=False, store=True, readonly=False)
    # Asked about once, for the verdict and for the groups.
    outlook = fields.Json(compute='_compute_outlook', compute_sudo=False)
    fingerprint = fields.Char(compute='_compute_fingerprint', help='Technical: the same for the same send.')
    told_for = fields.Char(readonly=True, help='Technical: the send that the kept summary is about.')
    # Decides whether something critical is sent: nobody may write it.
    told = fields.Json(groups=fields.NO_ACCESS)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends('res_model', 'res_ids', 'kept_ids', 'template_id', 'number_id', 'in_own_language', 'send_at',
                 'value_ids.value', 'record_count')
    def _compute_fingerprint(self):
        for composer in self:
            # The people themselves, not only how many: what was found out about some does not hold for others.
            parts = [composer.res_model, composer._read_ids(), composer.record_count, composer.template_id.id,
                     composer.number_id.id, composer.in_own_language, str(composer.send_at),
                     sorted(composer._free_values().items())]
            composer.fingerprint = hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @api.depends('res_model', 'res_ids', 'mode', 'template_id', 'number_id', 'in_own_language', 'send_at',
                 'value_ids.value', 'told_for')
    def _compute_outlook(self):
        for composer in self:
            has_people = composer._has_number() and composer.mode == 'template' and composer.template_id
            composer.outlook = has_people and (
                composer._kept_outlook() if composer.is_large else composer._tell(composer._survey()))

    @api.depends('outlook')
    def _compute_verdict(self):
        nothing = {'verdict': False, 'warnings': False, 'cost': False, 'language_words': False, 'sendable_count': 0,
                   'is_critical': False}
        for composer in self:
            composer.update({**nothing, **composer._present_outlook()})

    def _present_outlook(self):
        """:return: values of the fields that tell what will happen."""
        if not self._has_number():
            return {'verdict': self._alert('warning', self.env._(
                'No WhatsApp number is connected yet. An administrator connects one under WhatsApp > Configuration > '
                'Accounts.'))}
        if self._is_past():
            return {'verdict': self._alert('danger', self._past_words())}
        if self.mode == 'answer':
            return self._answer_outlook()
        if not self.template_id:
            return {}
        if not self.template_id.may_send:
            return {'verdict': self._alert('danger', self.template_id._barred_words())}
        told = self.outlook
        if not told:
            return {'verdict': self._alert('info', Markup('%s%s') % (SPINNER, self.env._(
                'Asking about %(count)s people …', count=self._grouped(self.record_count))))}
        return {name: told[name] for name in ('verdict', 'warnings', 'cost', 'language_words', 'sendable_count',
                                              'is_critical')}

    @api.depends('outlook')
    def _compute_group_ids(self):
        for composer in self:
            rows = composer._group_rows()
            composer.group_ids = [fields.Command.clear()] + [fields.Command.create({
                name: row[name] for name in ('action', 'reason', 'count', 'words', 'names')}) for row in rows]

    def _group_rows(self):
        """:return: the gate's answer grouped; none for a single person, about whom the verdict says all."""
        told = self.outlook if self.record_count > 1 else None
        return told['rows'] if told and told['total'] > 1 else []

    @api.depends_context('uid')
    def _compute_may_override(self):
        self.may_override = self.env['fluxforce.whatsapp.summary']._may_override()

    # ------------------------------------------------------------
    # FINDING OUT
    # ------------------------------------------------------------

    def ask(self):
        """Find out what will happen to many people and keep it; the browser calls this once the form is saved."""
        self.ensure_one()
        self.check_access('write')
        if self.is_large and self.mode == 'template' and self.template_id and self._has_number():
            told = {**self._tell(self._survey()), 'fingerprint': self.fingerprint,
                    'asked_at': fields.Datetime.to_string(fields.Datetime.now())}
            self.sudo().write({'told': told, 'told_for': self.fingerprint})  # sudo: composer - kept by the server
        return True

    def _kept_outlook(self):
        """:return: what was found out about this very send; None if it has to be asked about first."""
        told = self.sudo().told  # sudo: composer - kept by the server
        return told if told and told['fingerprint'] == self.fingerprint else None

    def _is_fresh(self):
        """:return: whether what was found out is recent enough to send by."""
        told = self._kept_outlook()
        return bool(told) and fields.Datetime.to_datetime(told['asked_at']) > fields.Datetime.now() - FRESH

    def _planned_at(self):
        """:return: the moment from which it goes, None for at once."""
        return self.send_at if self.send_at and self.send_at > fields.Datetime.now() else None

    def _prepare_batch(self, records, siblings=None):
        """:return: drafts for some records, each in its person's language, and the languages that are lacking."""
        drafts, lacking = self.env['fluxforce.whatsapp.message']._prepare_drafts_by_language(
            records, self.template_id, self.number_id, self._free_values(),
            self._siblings() if siblings is None else siblings)
        planned = {'due_at': self._planned_at()} if self._planned_at() else {}
        return [{**draft, **planned} for draft in drafts], lacking

    def _judge(self, drafts):
        """:return: what the gate says about each, at the moment for which it is planned."""
        return self.env['fluxforce.whatsapp.gate']._judge(drafts, now=self._planned_at())

    def _survey(self):
        """:rtype: Survey"""
        survey, records, siblings = Survey(), self._records(), self._siblings()
        survey.chosen, survey.unreadable = len(records), len(self._read_ids()) - len(records)
        outbox = self.env['fluxforce.whatsapp.message']
        table = self.env['fluxforce.whatsapp.price']._price_table(self.template_id.company_id)
        for batch in split_every(BATCH, records.ids, records.browse):
            drafts, lacking = self._prepare_batch(batch, siblings)
            self._survey_batch(survey, outbox._one_per_person(drafts, survey.seen), table)
            survey.lacking.update(lacking)
        return survey

    def _survey_batch(self, survey, drafts, table):
        verdicts = self._judge(drafts)
        self.env['fluxforce.whatsapp.summary']._summarise(drafts, verdicts, survey.summary)
        survey.ids += [draft['res_id'] for draft in drafts]
        survey.languages.update(draft['template_id'] for draft in drafts)
        survey.first = survey.first or next(iter(verdicts), None)
        table.estimate([(draft['phone'], draft['purpose']) for draft, verdict in zip(drafts, verdicts, strict=True)
                        if verdict.action in (Action.ALLOW, Action.HOLD)], survey.estimate)

    def _tell(self, survey):
        """:return: what was found out in words and numbers, fit to be kept as JSON."""
        summary = self.env['fluxforce.whatsapp.summary']
        rows = summary._rows(survey.summary)
        return {
            'verdict': self._render_verdict(survey),
            'warnings': summary._render_warnings(survey.summary),
            'cost': self.env['fluxforce.whatsapp.price']._words(survey.estimate),
            'language_words': self._languages_in_words(survey),
            'sendable_count': sum(row['count'] for row in rows if row['action'] != 'refuse'),
            'is_critical': survey.summary.is_critical,
            'situation': asdict(survey.summary.situation),
            'total': survey.summary.total,
            'rows': [{**row, 'indexes': None, 'ids': [survey.ids[index] for index in row['indexes']]} for row in rows],
        }

    def _summary_of(self, told):
        """:return: as much of the gate's summary as deciding about warnings needs, from what was kept."""
        return Summary(total=told['total'], situation=Situation(**told['situation']))

    # ------------------------------------------------------------
    # THE PEOPLE OF A ROW
    # ------------------------------------------------------------

    def action_open_people(self):
        """:return: action that shows, in place of the composer, the records of one row of the summary; the context says
            which, by what happens and why."""
        self.ensure_one()
        told = self._kept_outlook() or self._tell(self._survey())
        action, reason = self.env.context.get('whatsapp_action'), self.env.context.get('whatsapp_reason') or ''
        ids = next((row['ids'] for row in told['rows'] if (row['action'], row['reason']) == (action, reason)), [])
        return {
            'type': 'ir.actions.act_window',
            'name': self._group_title(action, reason),
            'res_model': self.res_model,
            'views': [(False, 'list'), (False, 'form')],
            'domain': [('id', 'in', ids)],
            'target': 'current',
        }

    def _group_title(self, action, reason):
        """:return: what happens and why, in a few words: "Not sent: No consent"."""
        actions = self.env['fluxforce.whatsapp.composer.group']._fields['action']._description_selection(self.env)
        reasons = self.env['fluxforce.whatsapp.message']._fields['reason']._description_selection(self.env)
        return ': '.join(filter(None, (dict(actions).get(action), dict(reasons).get(reason))))
