"""How fast a number may send."""


def per_second(number_level, operator_limit):
    """Take the lowest of the limits that hold for a number.

    :param int number_level: messages per second Meta grants the number (its throughput level, or the fixed one of a
        number shared with the Business app) [S26:throughput, 2026-09-11]; nothing or below 1 means none
    :param operator_limit: messages per second the company itself allows; None or 0 for no limit of its own
    :return: messages per second, 0 or more
    :rtype: int
    """
    granted = max(int(number_level or 0), 0)
    return min(granted, int(operator_limit)) if operator_limit and operator_limit > 0 else granted
