from babel import Locale, UnknownLocaleError

from odoo import models
from odoo.tools import get_lang

from ..cloud_api import const as meta
from ..policy.language import choose


class FluxforceWhatsappTemplate(models.Model):
    """The languages of a template: at Meta each is a template of its own under the same name."""

    _inherit = 'fluxforce.whatsapp.template'

    def _siblings(self):
        """:return: the template and those of its other languages that may be sent about the same records."""
        self = self._origin
        return self | self.search([
            ('account_id', '=', self.account_id.id), ('name', '=', self.name), ('model_id', '=', self.model_id.id),
            ('status', '=', meta.TEMPLATE_STATUS_SENDABLE), ('may_send', '=', True), ('id', '!=', self.id)])

    def _barred_languages(self, languages):
        """:return: set of those of some languages that people read in which the user may not send the template."""
        self = self._origin
        barred = self.search([
            ('account_id', '=', self.account_id.id), ('name', '=', self.name), ('model_id', '=', self.model_id.id),
            ('status', '=', meta.TEMPLATE_STATUS_SENDABLE), ('may_send', '=', False)]) if languages else self.browse()
        by_code = {template.language: template for template in barred}
        return {language for language in languages if choose(language, by_code, self.language).is_theirs}

    def _choices(self, languages, siblings=None):
        """Choose for each of some languages, see :mod:`policy.language`.

        :param languages: of people, as Odoo has them; '' for one nobody knows
        :param siblings: as of :meth:`_siblings`, if the caller has them; only ``self`` for "everybody the same"
        :return: by language, (template, whether a person with that language reads it)
        """
        by_code = {sibling.language: sibling for sibling in (self if siblings is None else siblings)}
        by_code[self.language] = self
        choices = {language: choose(language or '', by_code, self.language) for language in set(languages)}
        return {language: (by_code[choice.code], choice.is_theirs) for language, choice in choices.items()}

    def _language_words(self, code):
        """:return: a language in the user's words: "Spanish (es)"."""
        try:
            name = Locale.parse(code, sep='_').get_display_name(Locale.parse(get_lang(self.env).code))
        except (ValueError, UnknownLocaleError):
            name = None
        return f'{name} ({code})' if name else code or ''
