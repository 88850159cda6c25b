from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import TransactionCase, tagged

from .common import MarketingCommon


@tagged('post_install', '-at_install')
class TestNeutralize(MarketingCommon, TransactionCase):

    def test_copy_of_a_database_goes_on_with_no_campaign(self):
        campaign = self.agreed()
        draft = self.campaign()
        self.env.flush_all()

        for query in get_neutralization_queries(['fluxforce_whatsapp_marketing']):
            self.env.cr.execute(query)

        self.env.invalidate_all()
        self.assertEqual((campaign.state, draft.state), ('stopped', 'draft'))
