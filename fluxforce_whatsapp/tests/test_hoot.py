from odoo.tests import HttpCase, no_retry, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker


def hoot_id(suite):
    """The id Hoot gives to a suite, from its name."""
    value = 0
    for char in suite:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f'{value:08x}'


@tagged('post_install', '-at_install')
class TestHoot(HttpCase):
    """Runs the unit tests in static/tests, as core's ``/web:WebSuite.test_unit_desktop[@fluxforce_whatsapp]`` does."""

    @no_retry
    def test_unit_tests_in_the_browser(self):
        self.browser_js(
            f'/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={hoot_id("@fluxforce_whatsapp")}',
            '', '', login='admin', timeout=600, success_signal='[HOOT] Test suite succeeded',
            error_checker=unit_test_error_checker)
