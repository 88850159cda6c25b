"""All checks of a template, in the order in which it is written."""

from itertools import chain

from . import advice, buttons, forms, head, kinds, parts
from .problem import ADVICE, Problem
from .reading import Template

_HEAD = (head.name, head.language, head.category, head.parameter_format, parts.components, forms.forms)
_OWN_TEXT = (parts.header, parts.body, parts.footer, buttons.buttons, kinds.offer, kinds.carousel, kinds.product)
_CODES = (kinds.authentication,)


def check(spec, others=()):
    """Find what Meta would refuse and what is to be thought about before a template is submitted.

    :param dict spec: Meta's creation form: name, language, category, parameter_format, components,
        message_send_ttl_seconds
    :param Iterable[dict] others: specs of the other templates of the account
    :return: errors first, each kind in the order of the message; never raises, whatever the form
    :rtype: list[Problem]
    """
    template, others = Template(spec), [Template(other) for other in others]
    rules = (*_HEAD, *(_CODES if template.is_authentication else _OWN_TEXT), head.ttl)
    found = [*chain.from_iterable(rule(template) for rule in rules), *head.name_taken(template, others)]
    found += _advice(template, others)
    return sorted(dict.fromkeys(found), key=lambda problem: problem.severity == ADVICE)


def _advice(template, others):
    return [Problem(part, code, ADVICE, details) for part, code, details in advice.advice(template, others)]


def errors(spec, others=()):
    """:return: of :func:`check`, what forbids to submit. :rtype: list[Problem]"""
    return [problem for problem in check(spec, others) if problem.severity != ADVICE]

