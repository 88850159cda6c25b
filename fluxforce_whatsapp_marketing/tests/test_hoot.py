from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.fluxforce_whatsapp.tests.test_hoot import hoot_id
from odoo.addons.web.tests.test_js import unit_test_error_checker


@tagged('post_install', '-at_install')
class TestMarketingHoot(HttpCase):
    """Runs the unit tests in static/tests."""

    @no_retry
    def test_unit_tests_in_the_browser(self):
        self.browser_js(
            '/web/tests?headless&loglevel=2&preset=desktop&timeout=15000'
            f'&id={hoot_id("@fluxforce_whatsapp_marketing")}',
            '', '', login='admin', timeout=600, success_signal='[HOOT] Test suite succeeded',
            error_checker=unit_test_error_checker)
