"""What a consent is for.

Meta's current template category decides which one a template needs [S26:templates/template-categorization, 2026-09-11]:
always the category Meta holds, never the one asked for.
"""

MARKETING = 'marketing'
UTILITY = 'utility'
AUTHENTICATION = 'authentication'
#: A conversation the person began; no template category maps to it.
CARE = 'care'

PURPOSES = {
    MARKETING: 'Marketing',
    UTILITY: 'Service updates',
    AUTHENTICATION: 'Sign-in codes',
    CARE: 'Conversation',
}

_BY_CATEGORY = {'MARKETING': MARKETING, 'UTILITY': UTILITY, 'AUTHENTICATION': AUTHENTICATION}


def purpose_of_category(category):
    """Map Meta's template category to a purpose.

    :param category: e.g. ``MARKETING``, in any case
    :return: a code of ``PURPOSES``, or None for a category nobody knows: the gate refuses it then
    :rtype: str | None
    """
    return _BY_CATEGORY.get(category.upper()) if isinstance(category, str) else None
