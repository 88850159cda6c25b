"""Many values for one SQL statement.

A Python list becomes ``ARRAY['…', '…']``, which the driver quotes and PostgreSQL parses value by value; these become
one constant. For thousands of values that is most of what a statement costs.
"""


def int_array(values):
    """:param values: iterable of integers. :return: PostgreSQL's literal, for ``%s::int[]``."""
    return f'{{{",".join(map(str, values))}}}'


def text_array(values):
    """:param values: iterable of texts, none of them None. :return: PostgreSQL's literal, for ``%s::varchar[]``."""
    values = list(values)
    if not values:
        return '{}'
    # No text in PostgreSQL holds a null character, so it stands for the border of two until all else is escaped.
    text = '\0'.join(values).replace('\\', r'\\').replace('"', r'\"').replace('\0', '","')
    return f'{{"{text}"}}'
