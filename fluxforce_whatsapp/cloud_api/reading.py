"""Reading values of odd forms: Meta writes ids, numbers and moments in more than one way, and leaves keys out."""

from datetime import datetime, timezone

from . import const

#: Seconds since 1970 beyond which a moment is meant in milliseconds: the year 5138. [own]
_MOST_SECONDS = 10**11
#: What a column of four bytes holds. [own]
_LARGEST_CODE = 2**31 - 1


def as_list(value):
    """:return: the list, empty for anything else."""
    return value if isinstance(value, list) else []


def as_dict(data, name):
    """:return: the object under a name, empty for anything else."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def string(data, name):
    """:return: the text under a name, '' for anything else."""
    value = data.get(name)
    return value if isinstance(value, str) else ''


def digits(data, name):
    """:return: the digits of a number with or without a leading +, '' for anything else."""
    value = id_text(data.get(name)).lstrip('+')
    return value if value.isascii() and value.isdigit() else ''


def id_text(value):
    """:return: an id as text, however it was written."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ''


def integer(value):
    """:return: a number written as such or as text, None for anything else and for what no database keeps."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18 else None


def code(value):
    """:return: an error code; None for anything else and for what is too large to be one."""
    number = integer(value)
    return number if number is not None and abs(number) <= _LARGEST_CODE else None


def to_datetime(value):
    """Read Meta's timestamp: seconds (some fields: milliseconds) since 1970, as text or number.

    :return: naive UTC, or None for anything odd
    :rtype: datetime | None
    """
    seconds = integer(value)
    if seconds is None or seconds <= 0:
        return None
    if seconds > _MOST_SECONDS:
        seconds //= 1000
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def clean(value, depth=0):
    """Take out of read JSON what no database keeps: NUL, and half characters, both of which an escape can bring in.

    :return: the same value, its texts cleaned
    :raises RecursionError: if it is nested too deep
    """
    if isinstance(value, str):
        return _clean_text(value)
    if depth > const.WEBHOOK_MAX_DEPTH:
        raise RecursionError
    if isinstance(value, list):
        return [clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_clean_text(name): clean(item, depth + 1) for name, item in value.items()}
    return value


def _clean_text(text):
    if text.isascii():
        return text.replace('\x00', '') if '\x00' in text else text
    return text.replace('\x00', '').encode('utf-8', 'replace').decode('utf-8')
