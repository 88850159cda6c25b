from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.fluxforce_whatsapp.models.fluxforce_whatsapp_message import BATCH
from odoo.addons.fluxforce_whatsapp.policy.quiet_hours import zones_of_phone

from ..flow import audience, steps

# Where somebody stands whose journey is not over: they cannot come in once more.
ON_THE_WAY = (steps.WAITING, steps.ERROR)
# Nobody of these comes in once more.
FOR_GOOD = (steps.HELD_OUT, steps.DUPLICATE, steps.STOPPED)
# The first of the two numbers of the lock that keeps two workers from enrolling for one campaign at once.
LOCK = 0x666C7578


class FluxforceCampaignEntry(models.AbstractModel):
    """How people come into a campaign: each record once, each person once, again only after the days it says."""

    _name = 'fluxforce.campaign.entry'
    _description = 'WhatsApp Campaign Entry'

    # ------------------------------------------------------------
    # WHO COMES
    # ------------------------------------------------------------

    @api.model
    def _enrol(self, campaign, looked_at=None):
        """Add the next part of the audience; once it is complete, only what begins to fit later.

        :param set looked_at: ids of the campaigns for whose newcomers this run has looked already; it grows.
        :return: how many were added, or looked at.
        """
        looked_at = set() if looked_at is None else looked_at
        if campaign.entry == 'action' or (campaign.enrolled_at and campaign.entry == 'once'):
            return 0
        if campaign.id in looked_at or not self._lock(campaign):
            return 0  # nothing new to find, or another worker is at it
        if not campaign.enrolled_at:
            return self._enrol_next(campaign)
        added = self._enrol_newcomers(campaign)
        if added < BATCH:
            looked_at.add(campaign.id)
        return added

    def _lock(self, campaign, wait=False):
        """Keep other workers from enrolling for the campaign until the end of the transaction."""
        function = 'pg_advisory_xact_lock' if wait else 'pg_try_advisory_xact_lock'
        self.env.cr.execute(f'SELECT {function}(%s, %s)', [LOCK, campaign.id])
        return wait or self.env.cr.fetchone()[0]

    def _enrol_next(self, campaign):
        records = campaign._audience(after=self._last_enrolled(campaign), limit=BATCH)
        self._take_in(campaign, records)
        if len(records) < BATCH:
            campaign.enrolled_at = fields.Datetime.now()
        return len(records)

    def _last_enrolled(self, campaign):
        self.env['fluxforce.campaign.participant'].flush_model(['campaign_id', 'res_id', 'entry'])
        self.env.cr.execute("SELECT max(res_id) FROM fluxforce_campaign_participant "
                            "WHERE campaign_id = %s AND entry = 'audience'", [campaign.id])
        return self.env.cr.fetchone()[0] or 0

    def _enrol_newcomers(self, campaign):
        """Who began to fit since the audience was complete, and who may come in once more."""
        known = self.env['fluxforce.campaign.participant']._search(
            Domain('campaign_id', '=', campaign.id) & Domain('is_current', '=', True) & ~self._again_domain(campaign))
        records = campaign._documents().search(
            campaign._audience_domain() & Domain('id', 'not in', known.subselect('res_id')), order='id', limit=BATCH)
        return self._take_in(campaign, records)

    def _again_domain(self, campaign):
        """:return: Domain of participants who may come in once more."""
        if campaign.reentry == 'never':
            return Domain.FALSE
        since = fields.Datetime.now() - timedelta(days=max(campaign.reentry_days, 0))
        return Domain('state', 'not in', (*ON_THE_WAY, *FOR_GOOD)) & Domain('entered_at', '<=', since)

    # ------------------------------------------------------------
    # TAKE IN
    # ------------------------------------------------------------

    @api.model
    def _take_in(self, campaign, records, entry='audience'):
        """Let records take part that do not already, or may once more.

        :param records: of the campaign's model, with the responsible's rights.
        :return: how many came in.
        """
        records = records - self._keep_present(campaign, records, entry)
        if not records:
            return 0
        rows = self._prepare_rows(campaign, records, entry)
        self._plan_first_steps(campaign, self._insert(rows))
        return len(rows)

    def _keep_present(self, campaign, records, entry):
        """Make room for those who may come in once more.

        :return: the records that take part and stay as they are.
        """
        present = self.env['fluxforce.campaign.participant'].search(
            [('campaign_id', '=', campaign.id), ('is_current', '=', True), ('res_id', 'in', records.ids)])
        again = present.filtered_domain(self._again_domain(campaign))
        self._supersede(again)
        staying = present - again
        if entry == 'audience':
            # Counted as looked at, or the next part of the audience would begin with them again and again.
            staying.filtered(lambda participant: participant.entry != entry).write({'entry': entry})
        return records.browse(staying.mapped('res_id'))

    def _supersede(self, participants):
        if participants:
            participants.write({'is_current': False, 'person_key': False})
            participants.flush_recordset()  # before the new rows meet the unique index

    def _prepare_rows(self, campaign, records, entry='audience'):
        """:return: the columns of :meth:`_insert` for each record."""
        recipients = records._whatsapp_recipients()
        phones = {record.id: recipients[record.id].phone for record in records}
        by_person = campaign.unicity == 'person'
        twice = audience.duplicates(phones, self._taken(campaign, phones.values())) if by_person else set()
        now, rows = fields.Datetime.now(), []
        for record in records:
            partner, phone = recipients[record.id].partner, phones[record.id] or None
            state = self._first_state(campaign, record, phone, record.id in twice)
            rows.append((
                campaign.id, campaign.company_id.id, records._name, record.id, partner.id or None, phone,
                phone if by_person and state != steps.DUPLICATE else None, self._zone(partner, phone), entry, True,
                now, state, self.env.uid, now, self.env.uid, now))
        return rows

    def _first_state(self, campaign, record, phone, is_twice):
        if is_twice:
            return steps.DUPLICATE
        return steps.HELD_OUT if campaign._is_held_out(record._name, record.id, phone) else steps.WAITING

    def _zone(self, partner, phone):
        """:return: name of the time zone somebody lives in, as far as it is known."""
        # sudo: res.partner - when to write to a person is no secret to whoever writes to them
        zone = partner.sudo().tz if partner else None
        return zone or next(iter(zones_of_phone(phone)), None)

    def _taken(self, campaign, phones):
        """Find whose number is in the campaign already; whoever may come in once more makes room.

        :return: set of numbers
        """
        holders = self.env['fluxforce.campaign.participant'].search_fetch(
            [('campaign_id', '=', campaign.id), ('person_key', 'in', [phone for phone in phones if phone])],
            ['person_key', 'state', 'entered_at'])
        again = holders.filtered_domain(self._again_domain(campaign))
        self._supersede(again)
        return set((holders - again).mapped('person_key'))

    def _insert(self, rows):
        """:return: (id, state, number, record id, time zone) of those who came in; not of who takes part already."""
        if not rows:
            return []
        self.env.flush_all()
        added = self.env.cr.execute_values("""
            INSERT INTO fluxforce_campaign_participant
                        (campaign_id, company_id, res_model, res_id, partner_id, phone, person_key, tz, entry,
                         is_current, entered_at, state, create_uid, create_date, write_uid, write_date)
                 VALUES %s
            ON CONFLICT DO NOTHING
              RETURNING id, state, phone, res_id, tz
        """, rows, page_size=len(rows), fetch=True)
        self.env['fluxforce.campaign.participant'].invalidate_model()
        return added

    # ------------------------------------------------------------
    # THE FIRST STEPS
    # ------------------------------------------------------------

    def _plan_first_steps(self, campaign, added):
        """Let newcomers wait for the steps the campaign begins with; without any their journey is over."""
        plan, now = campaign.activity_ids._plan(), fields.Datetime.now()
        newcomers = [row for row in added if row[1] == steps.WAITING]
        openings = self.env['fluxforce.campaign.facts']._openings(campaign)
        rows = []
        for participant_id, __, phone, __, zone in newcomers:
            facts = steps.Facts(now, zone, openings=lambda hours, moment, phone=phone, zone=zone: openings(
                hours, moment, phone, zone))
            rows += [(campaign.id, campaign.company_id.id, participant_id, root.key,
                      *plan.first_answer(root, facts, now)) for root in plan.roots()]
        self.env['fluxforce.campaign.trace']._insert(rows)
        if not plan.roots():
            self.env['fluxforce.campaign.participant'].browse([row[0] for row in newcomers])._close_done()
