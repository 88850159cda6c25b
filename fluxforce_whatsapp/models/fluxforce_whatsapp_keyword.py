from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..policy.keywords import Keyword, Matcher, normalise


class FluxforceWhatsappKeyword(models.Model):
    """A word that, alone in a message, stops what a company sends to who wrote it, or lifts that stop."""

    _name = 'fluxforce.whatsapp.keyword'
    _description = 'WhatsApp Stop or Start Word'
    _order = 'kind desc, language, word, id'
    _rec_name = 'word'

    word = fields.Char(
        required=True,
        help='One or more words, alone in a message. Case, accents, punctuation and emoji make no difference.')
    kind = fields.Selection([('stop', 'Stop'), ('start', 'Start')], required=True, default='stop')
    language = fields.Char(
        size=8,
        help='Code of the language, for example "es"; it need not be installed. The answer is given in it where the '
             'language of the person is not known.')
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', index=True, help='Empty: for all companies.')
    compared = fields.Char(compute='_compute_compared', store=True, help='Technical: what is compared with a message.')

    _once = models.UniqueIndex("(compared, COALESCE(language, ''), COALESCE(company_id, 0))",
                               'This word is already there.')

    @api.depends('word')
    def _compute_compared(self):
        for keyword in self:
            keyword.compared = normalise(keyword.word)

    @api.constrains('word')
    def _check_word(self):
        if any(not normalise(keyword.word) for keyword in self):
            raise ValidationError(self.env._('Word: enter at least one letter or digit.'))

    @api.model
    def _matcher(self, company):
        """:return: the words that count for a company's accounts. :rtype: policy.keywords.Matcher"""
        # sudo: keyword - what stops does not depend on who reads the message
        keywords = self.sudo().search(Domain('company_id', 'in', (False, company.id)))
        return Matcher([Keyword(keyword.word, keyword.kind, keyword.language or '') for keyword in keywords])
