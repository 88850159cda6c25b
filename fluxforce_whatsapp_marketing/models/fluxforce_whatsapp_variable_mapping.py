import re
from urllib.parse import urlsplit

from odoo import api, fields, models

from odoo.addons.fluxforce_whatsapp.cloud_api.addresses import suffix

from ..const import CODE_FOLLOWS, LINK_ROUTE


class FluxforceWhatsappVariableMapping(models.AbstractModel):
    """A value may be a link of each person's own, whose clicks are counted."""

    _inherit = 'fluxforce.whatsapp.variable.mapping'

    source = fields.Selection(selection_add=[('link', 'Link whose clicks are counted')],
                              ondelete={'link': 'set default'})

    # ------------------------------------------------------------
    # WHAT IS WRONG WITH IT
    # ------------------------------------------------------------

    def _find_problem_link(self):
        if self.kind != 'text':
            label = dict(self._fields['source']._description_selection(self.env)).get(self.source)
            return self.env._('"%(source)s" does not fit here. Choose another value.', source=label)
        return self._find_problem_target() or self._find_problem_prefix()

    def _find_problem_target(self):
        if not self.constant:
            return '' if self.env['fluxforce.whatsapp.portal']._has_page(self._model()) else self.env._(
                '%(model)s has no page for customers. Write the address that opens into the column Text.',
                model=self._model_label())
        return '' if self._is_web_address(self.constant) else self.env._(
            '"%(text)s" is no web address. Write one that begins with https:// into the column Text.',
            text=self.constant)

    @api.model
    def _is_web_address(self, text):
        """:return: whether it leads to a page of the web, and to nothing else a browser might do."""
        try:
            parts = urlsplit(text.strip())
        except ValueError:
            return False
        return parts.scheme in ('http', 'https') and bool(parts.hostname) and not re.search(r'\s', text.strip())

    def _find_problem_prefix(self):
        if not self._is_in_button():
            return ''
        address, prefix = self._link_address(''), self._mapped_prefix()
        if prefix and suffix(address, prefix) is not None:
            return ''
        return self.env._(
            'the button\'s address begins with "%(prefix)s", links whose clicks are counted with "%(address)s". Have a '
            'button approved whose address is "%(address)s{{1}}".', prefix=prefix, address=address)

    def _is_in_button(self):
        return 'button' in (self.key or '').split(':')

    # ------------------------------------------------------------
    # VALUE
    # ------------------------------------------------------------

    @api.model
    def _link_address(self, code):
        """:return: the whole address with a code."""
        return f'{self.get_base_url()}{LINK_ROUTE}/{code}'

    def _read_link(self, record, reading):
        """:return: the address, for a button its end, with a mark in the place of the code: that is made for a message
            only, see ``fluxforce.whatsapp.link``"""
        if self._find_problem_link():
            return ''
        address = self._link_address(CODE_FOLLOWS.format(self.id))
        return suffix(address, self._mapped_prefix()) if self._is_in_button() else address
