"""Cursor paging as Graph does it."""

import base64
import binascii
from urllib.parse import urlencode

from .errors import GraphError

DEFAULT_LIMIT = 25


def page_of(call, items, maximum):
    """Return (items of the page, `paging` object); items need an `id`."""
    limit = _limit(call.request.query.get('limit'), maximum)
    after, before = call.request.query.get('after'), call.request.query.get('before')
    if before and not after:
        end = _position(items, before)
        start = max(0, end - limit)
    else:
        start = _position(items, after) + 1 if after else 0
        end = start + limit
    page = items[start:end]
    if not page:
        return page, {}
    paging = {'cursors': {'before': _cursor(page[0]), 'after': _cursor(page[-1])}}
    if end < len(items):
        paging['next'] = _link(call, limit, after=paging['cursors']['after'])
    if start > 0:
        paging['previous'] = _link(call, limit, before=paging['cursors']['before'])
    return page, paging


def _limit(text, maximum):
    if text is None:
        return DEFAULT_LIMIT
    if not text.isdigit() or int(text) < 1:
        raise GraphError(100, message='(#100) Param limit must be an integer greater than 0')
    return min(int(text), maximum)


def _cursor(item):
    return base64.urlsafe_b64encode(f'c:{item["id"]}'.encode()).decode().rstrip('=') + 'ZD'


def _position(items, cursor):
    """Return the index of the item a cursor stands for; a cursor of an item that is gone is bad, too."""
    try:
        text = cursor.removesuffix('ZD')
        wanted = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4)).decode().removeprefix('c:')
    except (binascii.Error, UnicodeDecodeError, ValueError):
        wanted = ''
    for position, item in enumerate(items):
        if item['id'] == wanted:
            return position
    raise GraphError(131059)


def _link(call, limit, **cursor):
    query = {key: value for key, value in call.request.query.items()
             if key not in ('after', 'before', 'limit', 'access_token')}
    return f'{call.base_url}{call.request.path}?{urlencode({**query, "limit": limit, **cursor})}'
