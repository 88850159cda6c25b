"""Names that more than one file needs."""

# Where tracked addresses lead; short, because it stands in messages and in buttons Meta has approved.
LINK_ROUTE = '/w'
# Stands in a value for the code of a person's own link until the message is written: what only looks ahead makes none.
CODE_FOLLOWS = 'for-this-person-{}-'
