from datetime import timedelta
from hashlib import blake2b

from odoo import api, fields, models

# Rows are needed while transactions meet: nobody works for longer at one batch. (Our own choice.)
KEPT = timedelta(days=1)


class FluxforceCampaignTurn(models.Model):
    """Where workers that write to the same person at once meet, so that a limit per person is exact.

    Each counts what the person got so far as of the beginning of its own transaction. Whoever comes second to a row
    here has therefore counted too little: the database refuses that transaction, and it is made again with what the
    first one wrote before its eyes. An advisory lock would only let it wait and count too little afterwards.
    """

    _name = 'fluxforce.campaign.turn'
    _description = 'WhatsApp Campaign Turn'
    _log_access = False

    person = fields.Char(required=True, help='Technical: stands for a person of a company without telling who it is.')
    taken_at = fields.Datetime(required=True)

    _person_unique = models.Constraint('unique(person)', 'Somebody writes to this person already.')

    @api.model
    def _take(self, company, people):
        """Write to these people now, and nobody else meanwhile.

        :param people: what tells people apart, see ``Case.person``
        :raise: a conflict, if another transaction has written to one of them since this one began
        """
        # In one order, so that two workers wait for each other at most in one direction.
        keys = sorted({self._key(company, person) for person in people})
        self.env.cr.execute("""
            INSERT INTO fluxforce_campaign_turn (person, taken_at)
            SELECT key, %s FROM unnest(%s::varchar[]) key ORDER BY key
            ON CONFLICT (person) DO UPDATE SET taken_at = EXCLUDED.taken_at
        """, [fields.Datetime.now(), keys], log_exceptions=False)

    def _key(self, company, person):
        return blake2b(f'{company.id}/{person}'.encode(), digest_size=8).hexdigest()

    @api.autovacuum
    def _gc_turns(self):
        self.env.cr.execute('DELETE FROM fluxforce_campaign_turn WHERE taken_at < %s', [fields.Datetime.now() - KEPT])
