from dataclasses import dataclass, replace

from odoo import api, models


@dataclass(frozen=True)
class Counting:
    """What of a model counts as brought by a message.

    :ivar domain: which records
    :ivar moments: names of the fields that tell when it happened, the first that is set counts
    :ivar amount: name of the field with what it is worth, '' for none; in the currency of the record
    :ivar earned: of which records the amount counts already
    """

    domain: tuple = ()
    moments: tuple[str, ...] = ('create_date',)
    amount: str = ''
    earned: tuple = ()


# Of Odoo's own apps. An invoice is of an order, a tracked link of nobody. (Our own choice.)
COUNTING = {
    'sale.order': Counting((('state', '=', 'sale'),), ('date_order',), 'amount_untaxed'),
    # What is lost is closed as well, and nothing a message has brought.
    'crm.lead': Counting((('active', '=', True),), ('date_closed', 'create_date'), 'expected_revenue',
                         (('stage_id.is_won', '=', True),)),
    'account.move': None,
    'link.tracker': None,
}


class UtmMixin(models.AbstractModel):
    """Whatever can tell where it came from can be counted as brought by a message."""

    _inherit = 'utm.mixin'

    @api.model
    def _whatsapp_counting(self):
        """What of this model counts as brought by a message. Addons override it for their models.

        :rtype: Counting | None
        """
        counting = COUNTING.get(self._name, Counting())
        # What was sold counts with its order, not a second time with the lead.
        is_sold_elsewhere = self._name == 'crm.lead' and 'sale.order' in self.env
        return replace(counting, amount='') if is_sold_elsewhere else counting
