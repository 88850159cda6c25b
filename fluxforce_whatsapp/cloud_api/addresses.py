"""The approved address of a button, and what of a link is left to say after it."""


def url_prefix(components, key):
    """Find the fixed beginning of the address that a variable ends [M26:components]: Meta approved it, we only send
    what follows.

    :param list components: Meta's component list
    :param str key: of the variable, ``button:<index>:<name>`` or ``card:<index>:button:<index>:<name>``
    :return: the beginning, '' if there is no such button or it has none
    :rtype: str
    """
    steps = key.split(':')
    if steps[0] == 'card':
        components = _at(_part(components, 'CAROUSEL').get('cards'), steps[1]).get('components')
        steps = steps[2:]
    if len(steps) < 2 or steps[0] != 'button':
        return ''
    url = _at(_part(components, 'BUTTONS').get('buttons'), steps[1]).get('url')
    return url.split('{{', 1)[0] if isinstance(url, str) else ''


def suffix(link, prefix):
    """:return: what of a link follows the approved beginning; None if it does not begin so. :rtype: str | None"""
    return link[len(prefix):] if link.startswith(prefix) else None


def _part(components, kind):
    rows = components if isinstance(components, list) else []
    return next((row for row in rows if isinstance(row, dict) and str(row.get('type')).upper() == kind), {})


def _at(rows, index):
    row = rows[int(index)] if isinstance(rows, list) and index.isdigit() and int(index) < len(rows) else None
    return row if isinstance(row, dict) else {}
