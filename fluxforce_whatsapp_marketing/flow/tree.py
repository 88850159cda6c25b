"""How the steps of a campaign hang together: what may follow what, and what excludes what."""

BEGIN, DONE, DATE = 'begin', 'done', 'date'
DELIVERED, NOT_DELIVERED = 'delivered', 'not_delivered'
READ, NOT_READ = 'read', 'not_read'
REPLIED, NOT_REPLIED = 'replied', 'not_replied'
BUTTON = 'button'
CLICKED, NOT_CLICKED = 'clicked', 'not_clicked'
FAILED, OPTED_OUT = 'failed', 'opted_out'
YES, NO = 'yes', 'no'
VARIANT = 'variant'

#: Types that write to the person; what follows them may wait for what the person does.
MESSAGE_TYPES = frozenset({'whatsapp'})
#: Types that reach the person at all, by whatever way: not after somebody wants no more.
REACHING_TYPES = frozenset({'whatsapp', 'email', 'sms'})
#: What a message is answered with, or not.
AFTER_MESSAGE = (DELIVERED, NOT_DELIVERED, READ, NOT_READ, REPLIED, NOT_REPLIED, BUTTON, CLICKED, NOT_CLICKED, FAILED,
                 OPTED_OUT)
#: Of each of these and what it denies only one happens to somebody: whichever came first. A button is a reply.
DENIES = {
    NOT_DELIVERED: frozenset({DELIVERED}),
    NOT_READ: frozenset({READ}),
    NOT_REPLIED: frozenset({REPLIED, BUTTON}),
    NOT_CLICKED: frozenset({CLICKED}),
}


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


def words_of(text):
    """:return: the words somebody listed, separated by commas, as they are compared; in their order, each once."""
    return tuple(dict.fromkeys(word for word in (folded(part) for part in (text or '').split(',')) if word))


def folded(text):
    """:return: a text as it is compared: without case, without spaces around and in a row."""
    return ' '.join((text or '').casefold().split())
