"""What is told of a failure while something that people wrote is being handled."""
import logging

import psycopg2

_logger = logging.getLogger(__name__)


def log_failure(what, error):
    """Log a failure. PostgreSQL's own errors quote the row they are about, so of those only the headline is told.

    :param str what: in words, without anything that people wrote.
    :return: the failure in words, to be kept beside what it is about.
    """
    if isinstance(error, psycopg2.Error):
        reason = f'{type(error).__name__}: {error.diag.message_primary or ""}'
        _logger.error('%s: %s', what, reason)
    else:
        reason = f'{type(error).__name__}: {error}'
        _logger.error(what, exc_info=error)
    return reason
