from phonenumbers.tzdata import TIMEZONE_DATA

from odoo import fields, models

from ..flow.zones import middle_zone


class FluxforceMarketingZone(models.Model):
    """In which time zone numbers with a beginning are at home: the table of the phone library, for statements."""

    _name = 'fluxforce.marketing.zone'
    _description = 'WhatsApp Time Zone of Numbers'
    _order = 'beginning'
    _rec_name = 'beginning'
    _log_access = False

    beginning = fields.Char(required=True, readonly=True, help='Digits; the longest one that fits counts.')
    name = fields.Char('Zone', required=True, readonly=True, help='Where it may be one of several: the middle one.')
    names = fields.Char('All Zones', required=True, readonly=True)

    _beginning_unique = models.Constraint('unique(beginning)', 'The zone of this beginning is known already.')

    def init(self):
        """Take over the library's table as it is now: at each installation and update."""
        known, year = self._known_zones(), fields.Date.today().year
        middles = {zones: middle_zone([zone for zone in zones if zone in known], year)
                   for zones in set(TIMEZONE_DATA.values())}
        rows = [(beginning, middles[zones], ','.join(zone for zone in zones if zone in known))
                for beginning, zones in TIMEZONE_DATA.items() if middles[zones]]
        self.env.cr.execute('DELETE FROM fluxforce_marketing_zone')
        self.env.cr.execute_values(
            'INSERT INTO fluxforce_marketing_zone (beginning, name, names) VALUES %s', rows, page_size=len(rows))
        self.env.cr.execute('ANALYZE fluxforce_marketing_zone')

    def _known_zones(self):
        """:return: names of the zones that the database knows; another one makes a statement fail."""
        self.env.cr.execute('SELECT name FROM pg_timezone_names')
        return {name for name, in self.env.cr.fetchall()}
