"""Name, language, category, time to live: what stands around the components."""

import re

from . import limits
from .problem import Code, Problem

_NAME = re.compile(r'[a-z0-9_]+')


def name(template):
    """Lowercase letters, digits and underscores [M26:templates/overview]."""
    if not template.name:
        yield Problem('name', Code.NAME_MISSING)
    elif not _NAME.fullmatch(template.name):
        yield Problem('name', Code.NAME_CHARACTERS, details={'name': template.name})
    if len(template.name) > limits.NAME_MAX:
        yield Problem('name', Code.NAME_TOO_LONG, details={'length': len(template.name), 'limit': limits.NAME_MAX})


def name_taken(template, others):
    """One template per name and language [2388024]."""
    if template.name and any((other.name, other.language) == (template.name, template.language) for other in others):
        yield Problem('name', Code.NAME_TAKEN, details={'name': template.name, 'language': template.language})


def language(template):
    """Only languages of Meta's list [M26:templates/supported-languages]."""
    if not template.language:
        yield Problem('language', Code.LANGUAGE_MISSING)
    elif template.language not in limits.LANGUAGES:
        yield Problem('language', Code.LANGUAGE_UNKNOWN, details={'language': template.language})


def category(template):
    """One of three [S26:templates/template-categorization]."""
    if not template.category:
        yield Problem('category', Code.CATEGORY_MISSING)
    elif template.category not in limits.CATEGORIES:
        yield Problem('category', Code.CATEGORY_UNKNOWN, details={'category': template.category})


def parameter_format(template):
    """Variables are numbered, as without a word about it, or named [M26:templates/overview]."""
    if template.format not in ('', *limits.FORMATS):
        yield Problem('variables', Code.FORMAT_UNKNOWN, details={'format': template.format})


def ttl(template):
    """How long Meta tries to deliver, by category [S26:templates/time-to-live, 2026-09-11]."""
    seconds, bounds = template.ttl, limits.TTL.get(template.category)
    if seconds is None or bounds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        yield Problem('ttl', Code.TTL_NOT_A_NUMBER)
    elif seconds == limits.TTL_LONGEST and template.category in limits.TTL_LONGEST_IN:
        return
    elif not bounds[0] <= seconds <= bounds[1]:
        yield Problem('ttl', Code.TTL_OUT_OF_RANGE, details={
            'seconds': seconds, 'shortest': bounds[0], 'longest': bounds[1], 'category': template.category})
