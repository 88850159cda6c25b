from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..cloud_api import const as meta
from ..cloud_api.outgoing import assumed
from ..policy.consent import current_entry
from ..policy.content import content_key
from ..policy.gate import PURPOSES_ONCE, Cap
from ..policy.purpose import CARE, MARKETING
from ..policy.variants import all_spellings, canonical, spellings
from .arrays import int_array, text_array
from .fluxforce_whatsapp_message import GONE_OUT, WAITING

# How long Meta's word that a number cannot be reached is believed. (Our own choice: people get a new phone.)
UNDELIVERABLE_SPAN = timedelta(days=30)
# Above every id: a message that is not written yet comes after all that are.
NOT_WRITTEN = 2 ** 31 - 1


@dataclass(frozen=True)
class TemplateFacts:
    """What the decision needs of a template.

    :ivar form: :class:`cloud_api.templates.Form`
    :ivar template: the record
    """

    purpose: str | None
    status: str | None
    problem: str | None
    stale: bool
    form: object
    template: object

    def missing_names(self, values):
        """:return: the variables without a value, named as in the template's text."""
        # A file of ours counts as there: it is brought to Meta in time, or the message waits for it.
        missing = self.form.missing(assumed(values)) if self.form else ()
        if not missing:
            return ()
        names = {variable.key: variable._missing_name(values.get(variable.key))
                 for variable in self.template.variable_ids if variable.key in missing}
        return tuple(names.get(key, key) for key in missing)


#: Free text: an answer within the service window.
FREE_TEXT = TemplateFacts(purpose=CARE, status=None, problem=None, stale=False, form=None, template=None)


@dataclass(frozen=True)
class AccountFacts:
    """What the decision needs of an account.

    :ivar account: the record
    :ivar cap: :class:`policy.gate.Cap`, or None
    :ivar duplicate_hours: for so long the same content counts as sent before; 0 for never
    """

    account: object
    company_id: int
    active: bool
    paused: bool
    cap: Cap | None
    duplicate_hours: int
    quiet_from: float
    quiet_to: float
    quiet_purposes: str

    @property
    def zone(self):
        """:return: name of the company's time zone; looked up for those only whose own nobody knows."""
        return self.account.company_id.partner_id.tz or 'UTC'


@dataclass(frozen=True)
class NumberFacts:
    """What the decision needs of one of our numbers."""

    state: str | None
    problem: str | None
    brake: str


class PartnerFacts(NamedTuple):
    """What the decision needs of a contact."""

    id: int
    tz: str | None
    phone_sanitized: str | None
    company_id: int | None
    country_id: int | None


@dataclass
class Facts:
    """What is true at the moment of a decision, for a whole batch. A person's number is meant in all its spellings: by
    ``number`` a key is the canonical one, digits only.

    :ivar now: UTC
    :ivar people: canonical number by the number as it is written to
    :ivar spellings: those numbers in all their spellings, in international form
    :ivar accounts: :class:`AccountFacts` by id; so are ``numbers`` and ``templates``
    :ivar partners: :class:`PartnerFacts` by id
    :ivar consents: by account id, a dict :meth:`person_of` → entries of the ledger
    :ivar said_until: the moment by which the ledger is read, UTC
    :ivar pairs: :class:`PairRow` by (number id, person)
    :ivar documents: company id by (model, id), where there is one
    :ivar blocked: why we do not write, by (company id, partner id or number)
    :ivar blacklisted: numbers
    :ivar undeliverable: moment by (company id, number); as all below, only for whom no rule about people refuses
    :ivar contents: by index of the draft, what is the same for the same message to the same person
    :ivar sent_before: indexes of drafts whose content the person has already
    :ivar marketing: by (company id, number), moments of the latest marketing, newest first
    :ivar quiet: end of quiet hours by zones and hours, filled while people are looked at
    """

    now: datetime
    people: dict = field(default_factory=dict)
    spellings: list = field(default_factory=list)
    accounts: dict = field(default_factory=dict)
    numbers: dict = field(default_factory=dict)
    templates: dict = field(default_factory=dict)
    partners: dict = field(default_factory=dict)
    consents: dict = field(default_factory=dict)
    said_until: datetime | None = None
    pairs: dict = field(default_factory=dict)
    documents: dict = field(default_factory=dict)
    blocked: dict = field(default_factory=dict)
    blacklisted: set = field(default_factory=set)
    undeliverable: dict = field(default_factory=dict)
    contents: dict = field(default_factory=dict)
    sent_before: set = field(default_factory=set)
    marketing: dict = field(default_factory=dict)
    quiet: dict = field(default_factory=dict)

    def purpose_of(self, draft):
        """:return: what a draft is for, by what Meta takes its template for now."""
        template = self.template_of(draft)
        return template and template.purpose

    def person_of(self, draft):
        """:return: (partner id, number, id of our number), False for what there is none of."""
        return draft['partner_id'] or False, draft['phone'] or False, draft['number_id'] or False

    def consent_of(self, draft, purpose):
        """:return: the state of the person's consent, and the :class:`policy.consent.Entry` that decided, or None."""
        entries = self.consents[draft['account_id']][self.person_of(draft)]
        return current_entry([entry for entry in entries if entry.purpose == purpose], self.said_until)

    def template_of(self, draft):
        """:return: :class:`TemplateFacts`."""
        return self.templates.get(draft['template_id']) if draft['template_id'] else FREE_TEXT


class FluxforceWhatsappFacts(models.AbstractModel):
    """Gathers what the gate needs to know, for a whole batch at once: the queries do not grow with the people."""

    _name = 'fluxforce.whatsapp.facts'
    _description = 'WhatsApp Facts for the Gate'

    @api.model
    def _gather(self, drafts, pairs=None, now=None):
        """Read what is true about many drafts.

        :param list drafts: as for the gate's ``_judge``
        :param dict pairs: what is known between numbers and people, if the caller has read it already
        :param datetime now: the moment to judge by, if the caller has its own clock
        :rtype: Facts
        """
        facts = Facts(now=now or fields.Datetime.now())
        facts.people = {draft['phone']: canonical(draft['phone']) for draft in drafts if draft['phone']}
        facts.spellings = all_spellings(facts.people, '+')
        facts.accounts, facts.numbers = self._accounts(drafts), self._numbers(drafts)
        facts.templates, facts.partners = self._templates(drafts), self._partners(drafts)
        facts.documents = self._documents(drafts)
        facts.consents, facts.said_until = self._consents(drafts, facts), fields.Datetime.now()
        facts.pairs = self._pairs(drafts, facts) if pairs is None else pairs
        facts.blocked, facts.blacklisted = self._blocked(facts), self._blacklisted(facts)
        return facts

    # ------------------------------------------------------------
    # OURS AND THEIRS
    # ------------------------------------------------------------

    def _accounts(self, drafts):
        # sudo: account - the decision does not depend on who asks
        accounts = self.env['fluxforce.whatsapp.account'].sudo().browse({draft['account_id'] for draft in drafts})
        return {account.id: AccountFacts(
            account=account,
            company_id=account.company_id.id,
            active=account.active and account.state == 'connected',
            paused=account.sending_paused,
            cap=Cap(account.marketing_most, timedelta(days=account.marketing_days)) if account.marketing_most else None,
            duplicate_hours=account.duplicate_hours,
            quiet_from=account.quiet_from,
            quiet_to=account.quiet_to,
            quiet_purposes=account.quiet_purposes,
        ) for account in accounts}

    def _numbers(self, drafts):
        # sudo: number - the decision does not depend on who asks
        numbers = self.env['fluxforce.whatsapp.number'].sudo().browse({draft['number_id'] for draft in drafts})
        return {number.id: NumberFacts(
            state=number.active and number.status or None,
            problem=number.problem or None,
            brake='all' if number.sending_paused else number.brake or 'none',
        ) for number in numbers}

    def _templates(self, drafts):
        """:return: what the decision needs of each template, read once, by id."""
        templates = self.env['fluxforce.whatsapp.template'].sudo().browse(
            {draft['template_id'] for draft in drafts if draft['template_id']})  # sudo: template - whoever asks
        return {template.id: TemplateFacts(
            purpose=template._purpose(),
            status=template.active and template.status or None,
            problem=template.problem or None,
            stale=template.sync_asked,
            form=template._form(),
            template=template,
        ) for template in templates}

    def _partners(self, drafts):
        """:return: where each contact lives, its number now and whose it is, read together however many they are."""
        self.env['res.partner'].flush_model(PartnerFacts._fields)
        ids = {draft['partner_id'] for draft in drafts if draft['partner_id']}
        self.env.cr.execute("""
            SELECT id, tz, phone_sanitized, company_id, country_id
              FROM res_partner WHERE id = ANY(%s::int[])
        """, [int_array(ids)])
        return {partner.id: partner for partner in map(PartnerFacts._make, self.env.cr.fetchall())}

    def _documents(self, drafts):
        """:return: the company of each document that has one, by (model, id); one query per model."""
        ids_by_model = {}
        for draft in drafts:
            if draft.get('res_model') and draft.get('res_id'):
                ids_by_model.setdefault(draft['res_model'], set()).add(draft['res_id'])
        companies = {}
        for model, ids in ids_by_model.items():
            companies.update({(model, id_): company for id_, company in self._companies_of(model, ids).items()})
        return companies

    def _companies_of(self, model, ids):
        company = model != 'res.partner' and model in self.env and self.env[model]._fields.get('company_id')
        if not company or not company.store or company.comodel_name != 'res.company':
            return {}
        # sudo: any model - only whose the document is
        documents = self.env[model].sudo().with_context(active_test=False).search_fetch(
            [('id', 'in', list(ids)), ('company_id', '!=', False)], ['company_id'], order='id')
        return {document.id: document.company_id.id for document in documents}

    # ------------------------------------------------------------
    # WHAT THE PERSON SAID
    # ------------------------------------------------------------

    def _consents(self, drafts, facts):
        """:return: what the ledger holds about each person, see :attr:`Facts.consents`; one query per company."""
        people_by_account = {account_id: set() for account_id in facts.accounts}
        for draft in drafts:
            people_by_account[draft['account_id']].add(facts.person_of(draft))
        ledger = self.env['fluxforce.whatsapp.consent']
        return {account_id: ledger._entries_by_person(facts.accounts[account_id].account.company_id, people)
                for account_id, people in people_by_account.items()}

    def _pairs(self, drafts, facts):
        numbers = {draft['number_id'] for draft in drafts if draft['number_id']}
        return self.env['fluxforce.whatsapp.pair']._of(numbers, facts.people) if numbers and facts.people else {}

    def _blocked(self, facts):
        """:return: why people are blocked, by (company id, partner id) and (company id, number)."""
        # By SQL, like what follows: a search would build its condition value by value.
        identity = self.env['fluxforce.whatsapp.identity']
        identity.flush_model(['blocked', 'company_id', 'partner_id', 'wa_id', 'block_reason', 'last_seen'])
        self.env.cr.execute("""
            SELECT id, company_id, partner_id, wa_id, block_reason
              FROM fluxforce_whatsapp_identity
             WHERE blocked AND company_id = ANY(%s::int[])
               AND (partner_id = ANY(%s::int[]) OR wa_id = ANY(%s::varchar[]))
             ORDER BY last_seen DESC, id DESC
        """, [int_array({account.company_id for account in facts.accounts.values()}), int_array(facts.partners),
              text_array([spelling[1:] for spelling in facts.spellings])])
        rows = self.env.cr.fetchall()
        # sudo: identity - the decision does not depend on who asks
        people = identity.sudo().browse([row[0] for row in rows])
        return {(company_id, key): reason or person.display_name
                for person, (__, company_id, partner_id, wa_id, reason) in zip(people, rows, strict=True)
                for key in (partner_id, canonical(wa_id)) if key}

    def _blacklisted(self, facts):
        """:return: those of the numbers that are on Odoo's phone blacklist."""
        self.env['phone.blacklist'].flush_model(['number', 'active'])
        self.env.cr.execute('SELECT number FROM phone_blacklist WHERE active AND number = ANY(%s::varchar[])',
                            [text_array(facts.spellings)])
        return {canonical(number) for number, in self.env.cr.fetchall()}

    # ------------------------------------------------------------
    # WHAT WENT OUT
    # ------------------------------------------------------------

    @api.model
    def _add_history(self, drafts, facts):
        """Add what the outbox tells about these people; only what a rule will ask about is looked for.

        :param dict drafts: by index, those that nothing else refuses
        """
        marketing = [draft for draft in drafts.values() if draft['phone'] and facts.purpose_of(draft) == MARKETING]
        facts.contents = self._contents(drafts, facts)
        if not marketing and not facts.contents:
            return
        self.env['fluxforce.whatsapp.message'].flush_model()
        facts.sent_before = self._sent_before(drafts, facts)
        if marketing:
            people = {draft['phone']: facts.people[draft['phone']] for draft in marketing}
            facts.undeliverable = self._undeliverable(people, facts)
            facts.marketing = self._marketing_moments(marketing, facts)

    def _contents(self, drafts, facts):
        """:return: by index, (number, key of the content) of what is not to go out twice."""
        return {
            index: (facts.people[draft['phone']],
                    draft.get('content_key') or content_key(draft['template_id'], draft['values']))
            for index, draft in drafts.items()
            if draft['phone'] and facts.purpose_of(draft) in PURPOSES_ONCE
            and facts.accounts[draft['account_id']].duplicate_hours}

    def _sent_before(self, drafts, facts):
        """Find what its person has already, or is about to get by a message that was asked for earlier.

        :return: indexes of the drafts
        """
        asked = [(index, f'+{spelling}', content, draft['account_id'], draft.get('message_id') or NOT_WRITTEN,
                  draft.get('again_of') or 0)
                 for index, (number, content) in facts.contents.items() if (draft := drafts[index])
                 for spelling in spellings(number)]
        if not asked:
            return set()
        indexes, phones, contents, accounts, ids, again_of = zip(*asked, strict=True)
        spans = {id_: timedelta(hours=account.duplicate_hours) for id_, account in facts.accounts.items()}
        # What waits counts by the moment at which it goes, which may be planned.
        self.env.cr.execute(SQL("""
            SELECT asked.index
              FROM unnest(%s::int[], %s::varchar[], %s::varchar[], %s::int[], %s::int[], %s::int[])
                   AS asked (index, phone, content, account_id, id, again_of)
              JOIN (VALUES %s) AS account (id, since, until) ON account.id = asked.account_id
             CROSS JOIN LATERAL (
                SELECT FROM fluxforce_whatsapp_message other
                 WHERE other.phone = asked.phone AND other.content_key = asked.content
                   AND (other.state IN %s AND GREATEST(other.create_date, other.claimed_at) > account.since
                        OR other.state IN %s AND other.id < asked.id AND GREATEST(other.due_at, %s) > account.since
                           AND GREATEST(other.due_at, %s) < account.until)
                   AND other.id != asked.again_of AND other.again_id IS DISTINCT FROM asked.id
                 LIMIT 1) AS known
        """, int_array(indexes), text_array(phones), text_array(contents), int_array(accounts), int_array(ids),
            int_array(again_of), SQL(', ').join(
                SQL('(%s, %s::timestamp, %s::timestamp)', id_, facts.now - span, facts.now + span)
                for id_, span in spans.items()),
            GONE_OUT, WAITING, facts.said_until, facts.said_until))
        return {index for index, in self.env.cr.fetchall()}

    def _undeliverable(self, people, facts):
        """:param dict people: canonical number by number.
        :return: Meta's last word that a number cannot be reached, by (company id, number), unless one was since."""
        phones, persons = [], []
        for number in set(people.values()):
            forms = [f'+{spelling}' for spelling in spellings(number)]
            phones += forms
            persons += [','.join(forms)] * len(forms)
        self.env.cr.execute(SQL("""
            SELECT failed.company_id, failed.person, failed.at
              FROM (SELECT message.company_id, asked.person, max(message.failed_at) AS at
                      FROM unnest(%s::varchar[], %s::varchar[]) AS asked (phone, person)
                      JOIN fluxforce_whatsapp_message message ON message.phone = asked.phone
                     WHERE message.error_code = %s AND message.failed_at > %s AND message.company_id = ANY(%s)
                     GROUP BY message.company_id, asked.person) AS failed
              LEFT JOIN LATERAL (
                SELECT TRUE AS reached FROM fluxforce_whatsapp_message later
                 WHERE later.phone = ANY(string_to_array(failed.person, ',')) AND later.company_id = failed.company_id
                   AND later.delivered_at > failed.at
                 LIMIT 1) AS since ON TRUE
             WHERE since.reached IS NULL
        """, text_array(phones), text_array(persons), SQL(str(meta.ERROR_UNDELIVERABLE)),
            facts.now - UNDELIVERABLE_SPAN, [account.company_id for account in facts.accounts.values()]))
        return {(company_id, canonical(person.split(',')[0])): at for company_id, person, at in self.env.cr.fetchall()}

    def _marketing_moments(self, drafts, facts):
        """:return: moments of the latest marketing to each person, newest first, by (company id, number)."""
        caps = {id_: (account.company_id, facts.now - account.cap.span, account.cap.most)
                for id_, account in facts.accounts.items() if account.cap}
        places = {cap: place for place, cap in enumerate(dict.fromkeys(caps.values()))}
        asked = {(places[caps[draft['account_id']]], f'+{spelling}')
                 for draft in drafts if draft['account_id'] in caps for spelling in spellings(draft['phone'])}
        if not asked:
            return {}
        place, phones = zip(*asked, strict=True)
        self.env.cr.execute(SQL("""
            SELECT cap.company, asked.phone, array_agg(gone.claimed_at ORDER BY gone.claimed_at DESC)
              FROM unnest(%s::int[], %s::varchar[]) AS asked (place, phone)
              JOIN (VALUES %s) AS cap (company, since, most, place) ON cap.place = asked.place
             CROSS JOIN LATERAL (
                SELECT claimed_at FROM fluxforce_whatsapp_message
                 WHERE phone = asked.phone AND purpose = 'marketing' AND claimed_at > cap.since
                   AND company_id = cap.company AND state IN %s
                 ORDER BY claimed_at DESC LIMIT cap.most) AS gone
             GROUP BY cap.company, asked.phone
        """, int_array(place), text_array(phones), SQL(', ').join(
            SQL('(%s, %s::timestamp, %s, %s)', *cap, place) for cap, place in places.items()), GONE_OUT))
        return self._merge_moments(self.env.cr.fetchall())

    def _merge_moments(self, rows):
        """:param list rows: (company id, phone in any spelling, moments)."""
        result = {}
        for company_id, phone, moments in rows:
            key = company_id, canonical(phone)
            result[key] = tuple(sorted((*result.get(key, ()), *moments), reverse=True))
        return result
