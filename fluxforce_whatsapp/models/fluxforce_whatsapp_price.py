from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount

from ..policy.price import Rate, Table
from ..policy.region import region_of_phone

# Countries named of those whose price is not known.
NAMED = 3


class FluxforceWhatsappPrice(models.Model):
    """What Meta charges for a message, from a day on: the table the composer estimates by.

    It is delivered empty: Meta's rates depend on the account's currency and change four times a year, so they are
    entered or imported from Meta's own rate card, with the day from which they hold.
    """

    _name = 'fluxforce.whatsapp.price'
    _description = 'WhatsApp Price'
    _order = 'prefix, category, valid_from desc, id'
    _rec_name = 'market'

    market = fields.Char(help='Country or group of countries, as in Meta\'s rate card.')
    prefix = fields.Char('Country Code', help='Digits with which the numbers begin, like 34. The longest one that fits '
                                              'counts; empty for every other country.')
    category = fields.Selection(
        [('marketing', 'Marketing'), ('utility', 'Utility'), ('authentication', 'Authentication'),
         ('service', 'Service (no template)')], required=True)
    amount = fields.Float('Price', digits=(16, 6), required=True, help='Per delivered message.')
    currency_id = fields.Many2one('res.currency', required=True, default=lambda self: self.env.company.currency_id)
    valid_from = fields.Date(required=True, default=fields.Date.context_today,
                             help='Meta changes its rates on 1 January, April, July and October only.')
    source = fields.Char(help='Where it was read, e.g. the name of Meta\'s rate card.')
    company_id = fields.Many2one('res.company', help='Empty for all companies.')

    _once = models.UniqueIndex(
        "(COALESCE(prefix, ''), category, valid_from, COALESCE(company_id, 0))",
        'There is a price for this country code, category and day already.')
    _amount_check = models.Constraint('CHECK (amount >= 0)', 'Price: it cannot be less than zero.')

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_digits(values) for values in vals_list])

    def write(self, vals):
        return super().write(self._with_digits(vals))

    def _with_digits(self, values):
        """People write +34 or 0034."""
        if not values.get('prefix'):
            return values
        return {**values, 'prefix': values['prefix'].replace(' ', '').removeprefix('+').removeprefix('00')}

    @api.constrains('prefix')
    def _check_prefix(self):
        for price in self:
            if price.prefix and not (price.prefix.isascii() and price.prefix.isdigit()):
                raise ValidationError(self.env._(
                    'Country Code: "%(prefix)s" is no country code. Enter digits only, like 34.', prefix=price.prefix))

    # ------------------------------------------------------------
    # ESTIMATE
    # ------------------------------------------------------------

    @api.model
    def _price_table(self, company, day=None):
        """:param date day: of the estimate, today if not given. :rtype: policy.price.Table"""
        # sudo: price - who sends need not manage the table
        rows = self.sudo().search([('company_id', 'in', (False, company.id))])
        return Table([Rate(row.category, row.prefix or '', row.amount, row.currency_id.name, row.valid_from)
                      for row in rows.sorted(lambda row: bool(row.company_id))], day or fields.Date.context_today(self))

    @api.model
    def _words(self, estimate):
        """:param policy.price.Estimate estimate: of a send. :return: it in one or two sentences, '' for nothing."""
        parts = []
        if estimate.priced:
            parts.append(self.env._('Costs about %(amount)s by your price table.', amount=self._amounts(estimate)))
        if estimate.unpriced:
            parts.append(self.env._(
                'No price known for %(countries)s (messages: %(count)s).', countries=self._countries(estimate),
                count=sum(estimate.unpriced.values())))
        return ' '.join(parts)

    def _amounts(self, estimate):
        currencies = self.env['res.currency'].with_context(active_test=False).search(
            [('name', 'in', list(estimate.amounts))])
        return ' + '.join(format_amount(self.env, estimate.amounts[currency.name], currency)
                          for currency in currencies)

    def _countries(self, estimate):
        """:return: the first countries without a price, those with most messages first."""
        counts = {}
        for beginning, count in estimate.unpriced.items():
            region = region_of_phone(estimate.samples[beginning])
            counts[region] = counts.get(region, 0) + count
        codes = sorted(counts, key=lambda code: (-counts[code], code))
        found = self.env['res.country'].search([('code', 'in', codes[:NAMED])]).grouped('code')
        names = [found[code].name if code in found else self.env._('unknown countries') for code in codes[:NAMED]]
        return ', '.join(names) + (' …' if len(codes) > NAMED else '')
