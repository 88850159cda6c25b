"""Which database errors mean: begin the transaction anew, it met another one.

Not all of ``OperationalError``: PostgreSQL's "limit exceeded" and "out of resources" are among those and would come
back at every try.
"""
from psycopg2 import errors

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)
