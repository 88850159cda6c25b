from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.fluxforce_whatsapp.models.conflicts import beside

from ..const import LINK_ROUTE
from ..flow import visits

# The code is personal: no other site is told it, and every click asks us anew.
HEADERS = {
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Robots-Tag': 'noindex, nofollow',
}
# As long as core remembers it. [utm/models/ir_http.py]
UTM_SECONDS = 31 * 24 * 3600


class WhatsappLinks(http.Controller):
    """The short addresses in messages: they lead on and keep that somebody followed them, nothing else. Whoever opens
    one, a phone that shows a preview included, never changes what a person has agreed to."""

    @http.route(f'{LINK_ROUTE}/<string:code>', type='http', auth='public', methods=['GET'], sitemap=False,
                readonly=False, save_session=False)
    def follow(self, code, **_ignored):
        """Lead to the page a link was made for; what else stands in the request is not looked at."""
        followed = request.env['fluxforce.whatsapp.link']._resolve(code)
        if followed is None:
            raise NotFound()
        answer = request.redirect(followed.target, code=302, local=False)
        answer.headers.update(HEADERS)
        if visits.is_person(request.httprequest.method, request.httprequest.headers):
            self._keep(followed)
            self._remember_origin(answer, followed.tracker)
        return answer

    def _keep(self, followed):
        clicks = request.env['fluxforce.whatsapp.click']
        if followed.message:
            # The page opens whatever happens to the figures.
            beside(request.env, lambda: clicks._keep(followed, request.geoip.country_code),
                   'A click on a WhatsApp link was not kept')

    def _remember_origin(self, answer, tracker):
        """Let what the visitor orders here later say where it came from, also if the page is somebody else's."""
        domain = request.env['ir.http'].get_utm_domain_cookies()
        for __, field_name, cookie in request.env['utm.mixin'].tracking_fields():
            if tracker[field_name]:
                answer.set_cookie(cookie, tracker[field_name].name, max_age=UTM_SECONDS, domain=domain,
                                  cookie_type='optional')
