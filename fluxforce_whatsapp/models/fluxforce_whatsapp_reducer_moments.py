from datetime import timedelta

from odoo import models

# A moment further ahead of its arrival is no moment: it would outlast everything that comes later. (Our own choice.)
FURTHEST_AHEAD = timedelta(days=1)


class FluxforceWhatsappReducer(models.AbstractModel):
    """When things happened, and what nobody here knows: shared by the reducers of the single fields."""

    _inherit = 'fluxforce.whatsapp.reducer'

    def _by_moment(self, items):
        """:return: (item, moment it happened at as Meta says), oldest first; else the moment it came in counts."""
        moments = [(item, min(item._to_item().moment or item.received_at, item.received_at + FURTHEST_AHEAD))
                   for item in items]
        return sorted(moments, key=lambda pair: pair[1])

    def _tell_unknown(self, account, item, what):
        """What Meta reports and nobody here knows is kept in the journal and listed under its raw name.

        :param str what: the name of the event, '' for none.
        """
        self.env['fluxforce.whatsapp.alert']._raise_alert('other', account, detail=self.env._(
            'Meta reports something that this addon does not know: %(what)s. The webhook journal has kept it.',
            what=f'{item.field} {what[:100]}'.strip()))

    def _settle(self, items, done):
        """Those that changed or told something are done; the others are kept only."""
        done.write({'state': 'done'})
        (items - done).write({'state': 'ignored'})
