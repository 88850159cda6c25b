"""Keys shared with Odoo core.

Community already reacts to ``whatsapp_message`` (who is notified, web push) and these are also the keys of Odoo's
proprietary module, which is why the manifest excludes it.
"""

MESSAGE_TYPE = 'whatsapp_message'
NOTIFICATION_TYPE = 'whatsapp'
#: Shown for a value of one of Meta's open enums that we do not know yet.
OTHER = 'OTHER'


def known(value, labels):
    """Fold a value of an open enum of Meta's into a selection.

    :param value: what Meta sent, may be None or unknown
    :param labels: mapping of the values the selection knows
    :return: the value itself, ``OTHER`` for an unknown one, False for an empty one
    """
    if not value:
        return False
    return value if value in labels else OTHER

# Address of the page on which a person decides what we may write; a signed token follows.
PREFERENCES_ROUTE = '/whatsapp/preferences'
