"""How often templates may be made and changed at Meta, and when a deleted name is free again.

Moments are naive UTC. What was done in WhatsApp Manager is not known here; Meta refuses what goes beyond.
"""

from datetime import timedelta

#: New templates of one account in an hour. [M26:templates, 2026-03-12]
CREATIONS_PER_HOUR = 100
#: Changes of one approved template; a rejected or paused one may be changed at any time. [M26:templates, 2026-03-12]
EDITS_PER_DAY, EDITS_PER_MONTH = 1, 10
HOUR, DAY, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)
#: For so long a deleted name and language cannot be used again. [M26:templates, 2026-03-12]
NAME_BLOCKED = timedelta(days=30)
_EDITABLE = ('APPROVED', 'REJECTED', 'PAUSED')


def creation_from(creations, now):
    """Tell from when on the next template may be created.

    :param list creations: moments of creations of the account
    :param datetime now: now
    :return: the moment, None if it may be at once
    """
    return _free_from(creations, CREATIONS_PER_HOUR, HOUR, now)


def edit_from(edits, now):
    """Tell from when on an approved template may be changed again.

    :param list edits: moments of its changes while it was approved
    :param datetime now: now
    :return: the moment, None if it may be at once
    """
    moments = (_free_from(edits, EDITS_PER_DAY, DAY, now), _free_from(edits, EDITS_PER_MONTH, MONTH, now))
    return max(filter(None, moments), default=None)


def edits_left(edits, now):
    """:return: how many changes of an approved template are left in its 30 days."""
    return max(EDITS_PER_MONTH - sum(moment > now - MONTH for moment in edits), 0)


def name_from(deleted_at, now):
    """:return: the moment from when on a deleted name may be used again, None if it is free."""
    free = deleted_at + NAME_BLOCKED
    return free if free > now else None


def may_edit(status):
    """:return: whether Meta lets a template of this status be changed."""
    return status in _EDITABLE


def _free_from(moments, limit, span, now):
    recent = sorted(moment for moment in moments if moment > now - span)
    return recent[-limit] + span if len(recent) >= limit else None
