from collections import defaultdict
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..flow.credit import Touch, credit

# So long what happens after a message counts for it, where nothing else is set. (Our own choice.)
DAYS = 30
# Longer windows are not looked at. (Our own choice.)
MOST_DAYS = 365
# Only what reached somebody can have brought anything.
REACHED = ('delivered', 'read', 'played')


class FluxforceConversion(models.Model):
    """Something a campaign or a mailing has brought: a lead, an order. Each record counts for one message at most."""

    _name = 'fluxforce.conversion'
    _description = 'WhatsApp Conversion'
    _order = 'converted_at desc, id desc'
    _rec_name = 'record_name'

    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True)
    campaign_id = fields.Many2one('fluxforce.campaign', 'Campaign', readonly=True, index='btree_not_null',
                                  ondelete='cascade')
    mailing_id = fields.Many2one('mailing.mailing', 'Mailing', readonly=True, index='btree_not_null',
                                 ondelete='cascade')
    message_id = fields.Many2one('fluxforce.whatsapp.message', 'Message', readonly=True, index='btree_not_null',
                                 ondelete='set null')
    template_id = fields.Many2one(related='message_id.template_id', store=True, index='btree_not_null')
    partner_id = fields.Many2one('res.partner', 'Contact', readonly=True, index='btree_not_null', ondelete='set null')
    res_model = fields.Char('Kind', required=True, readonly=True)
    res_id = fields.Many2oneReference('Record', model_field='res_model', required=True, readonly=True)
    record_name = fields.Char('Name', readonly=True)
    how = fields.Selection([
        ('click', 'Followed a link'),
        ('message', 'Got the message'),
        ('utm', 'Came by the link'),
    ], 'Because the Person', required=True, readonly=True)
    converted_at = fields.Datetime('When', required=True, readonly=True)
    amount = fields.Monetary('Value', readonly=True, help='In the currency of the company.')
    currency_id = fields.Many2one(related='company_id.currency_id', store=True)

    _record_unique = models.Constraint('unique(res_model, res_id)', 'This record is counted already.')

    # ------------------------------------------------------------
    # COUNT
    # ------------------------------------------------------------

    @api.model
    def _weigh(self, records):
        """Count records that are new, bring the values of those counted already up to date, and take back what counts
        no more, such as a cancelled order.

        :param records: of one model, with all rights
        """
        counting = records._whatsapp_counting()
        fitting = records.exists().filtered_domain(list(counting.domain))
        known = self.search([('res_model', '=', records._name), ('res_id', 'in', records.ids)])
        known.filtered(lambda one: one.res_id not in fitting._ids).unlink()
        known = known.exists()
        by_id = known.grouped('res_id')
        self._refresh(known, fitting, counting)
        self.create(self._prepare_new(fitting.filtered(lambda record: record.id not in by_id), counting))

    def _refresh(self, known, records, counting):
        for conversion in known:
            record = records.browse(conversion.res_id)
            amount = self._amount(record, counting, conversion.company_id, conversion.converted_at)
            if conversion.currency_id.compare_amounts(amount, conversion.amount):
                conversion.amount = amount

    def _prepare_new(self, records, counting):
        """:return: values of what is credited to a message or, by where it says it came from, to a campaign"""
        recipients = records._whatsapp_recipients()
        messages, by_utm = self._messages(records, counting, recipients), self._origins_by_utm(records, recipients)
        return [self._prepare(record, counting, origin) for record in records
                if (origin := self._credited(record, counting, messages[record.id]) or by_utm.get(record.id))]

    def _credited(self, record, counting, messages):
        """:return: what it is credited to, as values; None for nothing"""
        moment = self._moment(record, counting)
        theirs = {message.id: message for message in messages if not self._company_of(record) - message.company_id}
        touch = credit(moment, [
            Touch(message.id, message.claimed_at, self._days(message), message.clicked_at or None)
            for message in theirs.values()])
        return touch and {
            **self._prepare_origin(theirs[touch.key]),
            'how': 'click' if touch.clicked_at and touch.clicked_at <= moment else 'message'}

    def _prepare_origin(self, message):
        return {'message_id': message.id, 'campaign_id': message.campaign_id.id, 'mailing_id': message.mailing_id.id,
                'company_id': message.company_id.id, 'partner_id': message.partner_id.id}

    def _prepare(self, record, counting, origin):
        company, moment = self.env['res.company'].browse(origin['company_id']), self._moment(record, counting)
        return {'res_model': record._name, 'res_id': record.id, 'record_name': record.display_name,
                'converted_at': moment, 'amount': self._amount(record, counting, company, moment), **origin}

    # ------------------------------------------------------------
    # WHAT REACHED WHOM
    # ------------------------------------------------------------

    def _messages(self, records, counting, recipients):
        """:return: what campaigns and mailings wrote to the people of each record before, by its id; a colleague of the
            same company counts as the person"""
        firms = {id_: person.partner.commercial_partner_id for id_, person in recipients.items()}
        sent = self._sent(records, counting, recipients, firms)
        by_firm, by_phone = defaultdict(set), defaultdict(set)
        for message in sent:
            by_firm[message.partner_id.commercial_partner_id].add(message.id)
            by_phone[message.phone].add(message.id)
        return {record.id: sent.browse(sorted(
            (by_firm[firms[record.id]] if firms[record.id] else set())
            | (by_phone[recipients[record.id].phone] if recipients[record.id].phone else set()))) for record in records}

    def _sent(self, records, counting, recipients, firms):
        outbox = self.env['fluxforce.whatsapp.message']
        if not records:
            return outbox
        earliest = min(self._moment(record, counting) for record in records) - timedelta(days=MOST_DAYS)
        firm_ids = {firm.id for firm in firms.values() if firm}
        people = self.env['res.partner'].with_context(active_test=False).search(
            [('commercial_partner_id', 'in', list(firm_ids))])
        phones = [person.phone for person in recipients.values() if person.phone]
        origins = [name for name in ('campaign_id', 'mailing_id') if name in outbox._fields]
        return outbox.search(
            (Domain('partner_id', 'in', people.ids) | Domain('phone', 'in', phones))
            & (Domain('state', 'in', REACHED) | Domain('clicked_at', '!=', False))
            & Domain('claimed_at', '>', earliest) & Domain.OR(Domain(name, '!=', False) for name in origins))

    def _days(self, message):
        campaign, mailing = message.campaign_id, message.mailing_id
        days = campaign.conversion_days if campaign else mailing.whatsapp_conversion_days if mailing else DAYS
        return min(days, MOST_DAYS)

    def _origins_by_utm(self, records, recipients):
        """:return: by record id, the campaign a record says it came from, as values"""
        if not {'campaign_id', 'medium_id'} <= records._fields.keys():
            return {}
        campaigns = self.env['fluxforce.campaign'].with_context(active_test=False).search(
            [('utm_campaign_id', 'in', records.campaign_id.ids), ('utm_medium_id', 'in', records.medium_id.ids)],
            order='id')
        by_utm = {(campaign.utm_campaign_id, campaign.utm_medium_id): campaign for campaign in campaigns}
        found = {record: by_utm.get((record.campaign_id, record.medium_id)) for record in records}
        return {record.id: {'campaign_id': campaign.id, 'company_id': campaign.company_id.id, 'how': 'utm',
                            'partner_id': recipients[record.id].partner.id}
                for record, campaign in found.items()
                if campaign and not self._company_of(record) - campaign.company_id}

    # ------------------------------------------------------------
    # THE RECORD
    # ------------------------------------------------------------

    def _moment(self, record, counting):
        """:return: when it happened, UTC"""
        moment = next((record[name] for name in counting.moments if record[name]), record.create_date)
        return moment if isinstance(moment, datetime) else datetime.combine(moment, datetime.min.time())

    def _company_of(self, record):
        return record.company_id if 'company_id' in record._fields else self.env['res.company']

    def _amount(self, record, counting, company, moment):
        """:return: what it is worth, in the currency of the company"""
        if not counting.amount or not record.filtered_domain(list(counting.earned)):
            return 0.0
        own = record.currency_id if 'currency_id' in record._fields else self._company_of(record).currency_id
        return (own or company.currency_id)._convert(
            record[counting.amount], company.currency_id, company, moment.date())

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_record(self):
        """Open the lead or the order, with one's own rights."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._get_records_action(context={})
