from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..cloud_api import const as meta
from ..policy.brake import FEWEST_OPT_OUTS, FEWEST_SPARED, Signals
from ..policy.purpose import MARKETING

# What happened before counts no more.
WINDOW = timedelta(hours=24)
# A refused message need not have failed: it may wait for another try. Then the moment of the last one counts.
COUNTS = """
    WITH watched (number_id, account_id, since) AS (VALUES %(watched)s),
    refused AS (
        SELECT watched.number_id,
               count(*) FILTER (WHERE error_code = %(spam_limit)s) AS spam_limited,
               count(*) FILTER (WHERE error_code = %(spared)s) AS spared
          FROM watched JOIN fluxforce_whatsapp_message message USING (number_id)
         WHERE GREATEST(failed_at, claimed_at) > since AND error_code IN (%(spam_limit)s, %(spared)s)
         GROUP BY watched.number_id
    ), gone (number_id, person) AS (
        -- Who used WhatsApp's own opt-out, and who took a consent back by message or in WhatsApp: each person once.
        SELECT watched.number_id, COALESCE(message.partner_id, -message.id)
          FROM watched JOIN fluxforce_whatsapp_message message USING (number_id)
         WHERE GREATEST(failed_at, claimed_at) > since AND error_code = %(opted_out)s
         UNION
        SELECT watched.number_id, consent.partner_id
          FROM fluxforce_whatsapp_consent consent
          JOIN fluxforce_whatsapp_message message USING (partner_id, company_id)
          JOIN watched ON watched.number_id = message.number_id
         WHERE consent.decision = 'withdrawn' AND consent.source IN ('message', 'chat', 'keyword', 'button', 'meta')
           AND consent.given_at > %(horizon)s AND consent.given_at > since AND message.accepted_at > since
    ), opted_out AS (
        SELECT number_id, count(*) AS people FROM gone GROUP BY number_id
    ), weak AS (
        SELECT watched.number_id, count(*) AS templates
          FROM watched JOIN fluxforce_whatsapp_template template USING (account_id)
         WHERE (template.quality = 'RED' OR template.status = 'PAUSED')
           AND EXISTS (SELECT 1 FROM fluxforce_whatsapp_message message
                        WHERE message.number_id = watched.number_id AND message.template_id = template.id
                          AND message.purpose = %(marketing)s AND message.accepted_at > since)
         GROUP BY watched.number_id
    )
    SELECT watched.number_id, COALESCE(spam_limited, 0) AS spam_limited, COALESCE(spared, 0) AS spared,
           COALESCE(people, 0) AS opt_outs, COALESCE(templates, 0) AS weak_templates,
           -- A whole day's messages are counted only where the share of the others matters.
           CASE WHEN spared >= %(fewest_spared)s OR people >= %(fewest_opt_outs)s
                THEN (SELECT count(*) FROM fluxforce_whatsapp_message message
                       WHERE message.number_id = watched.number_id AND message.purpose = %(marketing)s
                         AND message.accepted_at > since)
                ELSE 0 END AS marketing_accepted
      FROM watched LEFT JOIN refused USING (number_id) LEFT JOIN opted_out USING (number_id)
      LEFT JOIN weak USING (number_id)
"""


class FluxforceWhatsappBrake(models.AbstractModel):
    """Collects what the rules of the brake (``policy.brake``) need to know about numbers."""

    _name = 'fluxforce.whatsapp.brake'
    _description = 'WhatsApp Brake'

    @api.model
    def _signals(self, numbers):
        """Look at the last 24 hours, or at the time since a person released the brake.

        :return: :class:`Signals` by number.
        """
        if not numbers:
            return {}
        counts = self._counts(numbers)
        return {number: Signals(quality=number._quality_to_heed(), **counts[number.id]) for number in numbers}

    def _counts(self, numbers):
        """:return: dicts with the counts of :class:`Signals` by number id, from one statement."""
        self._flush()
        self.env.cr.execute(SQL(
            COUNTS, watched=self._watched(numbers), horizon=fields.Datetime.now() - WINDOW, marketing=MARKETING,
            spam_limit=meta.ERROR_SPAM_LIMIT, spared=meta.ERROR_PERSON_SPARED, opted_out=meta.ERROR_OPTED_OUT,
            fewest_spared=FEWEST_SPARED, fewest_opt_outs=FEWEST_OPT_OUTS))
        return {row.pop('number_id'): row for row in self.env.cr.dictfetchall()}

    def _watched(self, numbers):
        """:return: SQL rows (number, account, moment from which on things count)."""
        horizon = fields.Datetime.now() - WINDOW
        return SQL(', ').join(
            SQL('(%s, %s, %s::timestamp)', number.id, number.account_id.id,
                max(number.brake_released_at or horizon, horizon))
            for number in numbers)

    def _flush(self):
        self.env['fluxforce.whatsapp.message'].flush_model([
            'number_id', 'company_id', 'partner_id', 'template_id', 'purpose', 'error_code', 'failed_at',
            'claimed_at', 'accepted_at'])
        self.env['fluxforce.whatsapp.consent'].flush_model(
            ['company_id', 'partner_id', 'decision', 'source', 'given_at'])
        self.env['fluxforce.whatsapp.template'].flush_model(['account_id', 'quality', 'status'])
