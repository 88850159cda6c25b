from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..cloud_api import const as meta
from ..policy.variants import all_spellings, same_number

# Two notices of the same ids within this time tell of one change. (Our own choice.)
SAME_CHANGE = timedelta(days=1)
IDS = ('old_wa_id', 'old_bsuid', 'new_wa_id', 'new_bsuid')
# So often a person may have changed number or id between two of their messages. (Our own choice.)
LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Ids:
    """What tells a person apart at Meta, at a moment.

    :ivar wa_id: the number, digits only; '' if hidden
    :ivar bsuid: '' if unknown
    :ivar moment: naive UTC; None for now
    """

    wa_id: str
    bsuid: str
    moment: datetime | None = None


class FluxforceWhatsappRenewal(models.Model):
    """That a person has another number, or another id at Meta, since a moment; WhatsApp itself told it.

    Notices and messages come in any order. So a person's ids are always taken through what is known of their changes:
    who writes under a former id, before the change, is who has the new one.
    """

    _name = 'fluxforce.whatsapp.renewal'
    _description = 'WhatsApp Change of Number'
    _order = 'changed_at desc, id desc'
    _rec_name = 'new_wa_id'

    account_id = fields.Many2one('fluxforce.whatsapp.account', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, index=True)
    wamid = fields.Char('Meta\'s ID', required=True, readonly=True, help='Of the notice.')
    changed_at = fields.Datetime('Changed', required=True, readonly=True)
    old_wa_id = fields.Char('Former WhatsApp ID', readonly=True)
    old_bsuid = fields.Char('Former User ID', readonly=True)
    new_wa_id = fields.Char('WhatsApp ID', readonly=True, help='Empty: as before.')
    new_bsuid = fields.Char('User ID', readonly=True)

    _once = models.Constraint('unique(account_id, wamid)', 'This notice was already received.')
    _new_wa_id_idx = models.Index('(account_id, new_wa_id) WHERE new_wa_id IS NOT NULL')
    _new_bsuid_idx = models.Index('(account_id, new_bsuid) WHERE new_bsuid IS NOT NULL')
    _old_wa_id_idx = models.Index('(account_id, old_wa_id) WHERE old_wa_id IS NOT NULL')
    _old_bsuid_idx = models.Index('(account_id, old_bsuid) WHERE old_bsuid IS NOT NULL')

    # ------------------------------------------------------------
    # TAKE
    # ------------------------------------------------------------

    @api.model
    def _take(self, account, told):
        """Keep what WhatsApp told and give each person their new ids.

        :param list told: pairs of the :class:`InboundMessage` of the notice and its moment, naive UTC.
        """
        wanted = [self._prepare_values(account, notice, moment) for notice, moment in told
                  if self._changes_ids(notice)]
        known = self.search(Domain('account_id', '=', account.id) & (
            Domain('wamid', 'in', [values['wamid'] for values in wanted])
            | Domain('new_wa_id', 'in', [values['new_wa_id'] for values in wanted if values['new_wa_id']])
            | Domain('new_bsuid', 'in', [values['new_bsuid'] for values in wanted if values['new_bsuid']])
        )) if wanted else self.browse()
        renewals = self.browse()
        for values in wanted:
            if not any(renewal._tells(values) for renewal in known | renewals):
                renewals |= self.create(values)
        for renewal in renewals.sorted(lambda renewal: (renewal.changed_at, renewal.id)):
            self.env['fluxforce.whatsapp.moving']._move(renewal)

    def _tells(self, values):
        """:return: whether this is the same change: each of our numbers the person has written to is told of it."""
        if self.wamid == values['wamid']:
            return True
        apart = abs(self.changed_at - values['changed_at'])
        return apart <= SAME_CHANGE and all((self[name] or False) == values[name] for name in IDS)

    def _changes_ids(self, notice):
        content = notice.content
        has_new = getattr(content, 'phone', '') or getattr(content, 'user_id', '')
        return getattr(content, 'what', '') in (meta.CHANGED_NUMBER, meta.CHANGED_USER_ID) and has_new and (
            notice.sender or notice.user_id)

    def _prepare_values(self, account, notice, moment):
        return {
            'account_id': account.id,
            'wamid': notice.message_id,
            'changed_at': moment,
            'old_wa_id': notice.sender or False,
            'old_bsuid': notice.user_id or False,
            'new_wa_id': notice.content.phone or False,
            'new_bsuid': notice.content.user_id or False,
        }

    def _was_passed_on(self):
        """:return: whether somebody else has got the former number since, so that whoever has it is another person."""
        return bool(self.search_count([('account_id', '=', self.account_id.id), ('new_wa_id', '=', self.old_wa_id),
                                       ('changed_at', '>', self.changed_at)], limit=1))

    @api.model
    def _left(self, account, wa_ids):
        """:return: by WhatsApp ID that somebody had and has no more, when it changed last."""
        groups = self._read_group([
            ('account_id', '=', account.id), ('old_wa_id', 'in', wa_ids), ('new_wa_id', 'not in', (False, ''))],
            ['old_wa_id'], ['changed_at:max'])
        return dict(groups)

    # ------------------------------------------------------------
    # FOLLOW
    # ------------------------------------------------------------

    @api.model
    def _present(self, account, people):
        """Find today's ids of people who were known by others at a moment.

        :param list people: :class:`Ids`
        :return: a list of :class:`Ids`, in the same order
        """
        for _step in range(LONGEST_CHAIN):
            renewals = self._of(account, people)
            followed = [self._follow(person, renewals) for person in people] if renewals else people
            if followed == people:
                break
            people = followed
        return people

    def _of(self, account, people):
        changed = [person for person in people if person.moment]
        return self.search(
            Domain('account_id', '=', account.id) & (
                Domain('old_bsuid', 'in', [person.bsuid for person in changed if person.bsuid])
                | Domain('old_wa_id', 'in', all_spellings(person.wa_id for person in changed))),
            order='changed_at, id') if changed else self.browse()

    def _follow(self, person, renewals):
        """:return: the ids after the first change since; the same if there was none."""
        renewal = next((renewal for renewal in renewals if renewal._is_of(person)), None)
        if renewal is None:
            return person
        return Ids(renewal.new_wa_id or person.wa_id, renewal.new_bsuid or '', self._just_after(renewal))

    def _just_after(self, renewal):
        return fields.Datetime.add(renewal.changed_at, seconds=1)

    def _is_of(self, person):
        """:return: whether this person had the former ids, and had them until this change."""
        if not person.moment or person.moment > self.changed_at:
            return False
        if person.bsuid and self.old_bsuid:
            return person.bsuid == self.old_bsuid
        return same_number(person.wa_id, self.old_wa_id)
