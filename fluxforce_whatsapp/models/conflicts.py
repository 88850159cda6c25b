"""Transactions that meet each other, and work beside others: which errors mean that, and the one way to go on."""
import logging

from psycopg2 import errors

from odoo.exceptions import ConcurrencyError

_logger = logging.getLogger(__name__)

# Not all of ``OperationalError``: PostgreSQL's "limit exceeded" and "out of resources" are among those and would come
# back at every try.
CONFLICTS = (
    errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable, ConcurrencyError)
TRIES = 5


def beside(env, work, failure):
    """Do what is good to have but must never undo what it stands beside: a failure of it is logged and forgotten.

    :param work: a function without arguments.
    :param str failure: what to log if it fails.
    :raise: a conflict, which is the caller's to repeat.
    """
    try:
        with env.cr.savepoint():
            work()
    except CONFLICTS:
        raise
    except Exception:
        _logger.exception(failure)


def again_on_conflict(env, work):
    """Do something that may meet another transaction, anew if it does.

    Everything in the open transaction is lost with each try, so the caller must have committed what came before.

    :param env: whose cursor it is about.
    :param work: a function without arguments; it is flushed, not committed, unless it commits itself.
    :return: what ``work`` returns.
    :raise: the conflict, after ``TRIES`` tries.
    """
    for attempt in range(1, TRIES + 1):
        try:
            result = work()
            env.flush_all()
            return result
        except CONFLICTS:
            if attempt == TRIES:
                raise
            _logger.info('WhatsApp met another transaction, trying again')
            env.cr.rollback()  # clears the caches as well
