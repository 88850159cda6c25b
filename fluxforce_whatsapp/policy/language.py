"""In which of a template's languages a person is written to. [own; at Meta each language is a template of its own]

Codes are those of Meta (``es``, ``es_MX``, ``zh_HK``) and of Odoo (``es_419``, ``sr@latin``): both begin with the
language.
"""

from dataclasses import dataclass

#: Languages whose regions do not read each other's script.
_APART = {'zh'}


@dataclass(frozen=True)
class Choice:
    """:ivar code: the language chosen, of those offered. :ivar is_theirs: whether the person reads it."""

    code: str
    is_theirs: bool


def choose(wanted, offered, otherwise):
    """Choose the language for one person.

    The person's own with its region; else the same language without a region; else the same language of another region,
    the first by its code; else the one that was picked for all.

    :param wanted: the person's language, '' for one nobody knows: then the one picked is right
    :param offered: codes in which the template may be sent
    :param otherwise: code of the one that was picked
    :rtype: Choice
    """
    if not wanted:
        return Choice(otherwise, True)
    if wanted in offered:
        return Choice(wanted, True)
    language = language_of(wanted)
    same = [code for code in sorted(offered) if language_of(code) == language]
    if language in same:
        return Choice(language, True)
    if same and language not in _APART:
        return Choice(otherwise if otherwise in same else same[0], True)
    return Choice(otherwise, False)


def language_of(code):
    """:return: the language of a code, without region, script or variant: ``es`` of ``es_419``."""
    return (code or '').replace('@', '_').replace('-', '_').split('_')[0]
