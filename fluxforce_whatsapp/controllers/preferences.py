import re

from markupsafe import Markup

from odoo import http
from odoo.http import request

from ..const import PREFERENCES_ROUTE

COLOUR = re.compile(r'#[0-9a-fA-F]{6}')
DEFAULT_COLOUR = '#0f766e'
# Nothing of the page is kept, indexed, framed or told to another site.
HEADERS = {
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Robots-Tag': 'noindex, nofollow',
    'X-Frame-Options': 'DENY',
}


class WhatsappPreferences(http.Controller):
    """The preference page: whoever holds its signed link sees and changes what one person agreed to, nothing else."""

    @http.route(f'{PREFERENCES_ROUTE}/<string:token>', type='http', auth='public', methods=['GET', 'POST'],
                sitemap=False, max_content_length=64 * 1024)
    def preferences(self, token, lang=None, saved=None, **choices):
        """Show the page, or keep what was chosen on it and show it again. Every link that is not good gets the same
        answer, whatever is wrong with it."""
        reader = self._pages()._reader_of(token)
        request.update_context(lang=self._pages()._language(reader, lang, request.best_lang))
        if reader is None:
            return self._answer('fluxforce_whatsapp.preferences_unknown', {}, status=404)
        if request.httprequest.method == 'POST':
            return self._keep(token, reader, choices)
        return self._answer('fluxforce_whatsapp.preferences_page', {
            **self._look(reader.company), 'token': token, 'saved': saved == '1',
            'number': self._pages()._masked(reader), 'rows': self._pages()._rows(reader)})

    def _keep(self, token, reader, choices):
        if not self._pages()._save(reader, choices, request.httprequest.remote_addr):
            return self._answer('fluxforce_whatsapp.preferences_busy', self._look(reader.company), status=429)
        # A reload of the page that follows sends nothing again.
        address = f'{PREFERENCES_ROUTE}/{token}?saved=1&lang={request.env.lang}'
        return request.redirect(address, code=303)

    def _pages(self):
        return request.env['fluxforce.whatsapp.preferences']

    def _look(self, company):
        colour = company.primary_color or ''
        colour = colour if COLOUR.fullmatch(colour) else DEFAULT_COLOUR
        return {'company': company, 'colour': colour, 'ink': self._ink(colour)}

    def _ink(self, colour):
        """:return: black or white, whichever reads better on a colour (luminance as in WCAG, without its curve)."""
        red, green, blue = (int(colour[start:start + 2], 16) for start in (1, 3, 5))
        return '#000000' if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 140 else '#ffffff'

    def _answer(self, template, values, status=200):
        language = request.env['res.lang'].sudo()._get_data(code=request.env.lang)  # sudo: res.lang - public data
        values = {
            'doctype': Markup('<!DOCTYPE html>'), 'title': request.env._('WhatsApp preferences'),
            'company': None, 'colour': DEFAULT_COLOUR, 'ink': '#ffffff', 'token': '', 'direction': language.direction,
            'html_lang': request.env.lang.replace('_', '-'), 'current_lang': request.env.lang,
            'languages': request.env['res.lang'].sudo().get_installed(), **values}  # sudo: res.lang - as above
        return request.render(template, values, status=status, headers=HEADERS)
