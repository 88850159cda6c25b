"""How the steps of a campaign hang together: what may follow what."""

BEGIN, DONE, DATE = 'begin', 'done', 'date'
DELIVERED, NOT_DELIVERED = 'delivered', 'not_delivered'
READ, NOT_READ = 'read', 'not_read'
REPLIED, NOT_REPLIED = 'replied', 'not_replied'
BUTTON = 'button'
CLICKED, NOT_CLICKED = 'clicked', 'not_clicked'
FAILED, OPTED_OUT = 'failed', 'opted_out'
YES, NO = 'yes', 'no'
VARIANT = 'variant'

MESSAGE_TYPES = frozenset({'whatsapp'})
#: What a message is answered with, or not.
AFTER_MESSAGE = (DELIVERED, NOT_DELIVERED, READ, NOT_READ, REPLIED, NOT_REPLIED, BUTTON, CLICKED, NOT_CLICKED, FAILED,
                 OPTED_OUT)


def triggers_after(parent_type):
    """Tell how a step may begin.

    :param parent_type: type of the step it follows, or a false value for none
    :return: triggers, the usual one first
    :rtype: tuple[str]
    """
    if not parent_type:
        return BEGIN, DATE
    if parent_type == 'condition':
        return YES, NO
    if parent_type == 'split':
        return (VARIANT,)
    if parent_type in MESSAGE_TYPES:
        return (DONE, *AFTER_MESSAGE, DATE)
    return DONE, DATE
