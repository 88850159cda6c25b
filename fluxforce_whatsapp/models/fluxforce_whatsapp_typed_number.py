from odoo import api, models

from ..policy.typed_number import Problem, problem_of, shape_problem


class FluxforceWhatsappTypedNumber(models.AbstractModel):
    """Reads the numbers people type, and says what is wrong with those that cannot be right."""

    _name = 'fluxforce.whatsapp.typed.number'
    _description = 'WhatsApp Number as Typed'

    @api.model
    def _phone(self, typed, country):
        """:param str typed: as entered. :param country: whose number it is if it has no country code, may be empty.
        :return: E.164, '' if it cannot be right."""
        if not typed or shape_problem(typed):
            return ''
        return self.env['res.partner']._phone_format(number=typed, country=country) or ''

    @api.model
    def _hint(self, typed, country):
        """:return: what is wrong with a number that cannot be right and how to mend it, with the number."""
        region = (country or self.env.company.country_id).code or ''
        # The phone library of the server may know less than Odoo, which has refused it.
        problem = problem_of(typed, region) or Problem.IMPOSSIBLE
        return f'{typed.strip()}: {self._hints()[problem]}'

    def _hints(self):
        return {
            Problem.TWO_NUMBERS: self.env._('there are two numbers in one field; leave one of them'),
            Problem.LETTERS: self.env._('there are letters in it; leave only the number'),
            Problem.EXTENSION: self.env._(
                'an extension behind a switchboard has no WhatsApp; enter the number without it'),
            Problem.NO_COUNTRY: self.env._(
                'the country is missing; begin with + and the country code, or set the country of the contact'),
            Problem.TOO_SHORT: self.env._('digits are missing'),
            Problem.TOO_LONG: self.env._(
                'there are too many digits; a number of another country begins with + and its country code'),
            Problem.IMPOSSIBLE: self.env._(
                'there is no such number; look at the prefix, and at the country code if it is of another country'),
        }
