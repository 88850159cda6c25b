"""What is undone takes along what was to happen after the commit."""
from contextlib import contextmanager


@contextmanager
def undone_with_hooks(cr):
    """A savepoint that is rolled back on an error, and with it what was to be called after the commit.

    Odoo keeps such calls over a savepoint: a webhook that was asked for by what is undone, and again by what is done
    instead, would be called twice. [odoo/sql_db.py, Savepoint; base/models/ir_actions.py, _run_action_webhook]
    """
    hooks = (cr.postcommit, cr.postrollback)
    marks = [(len(queue), set(queue.data)) for queue in hooks]
    try:
        with cr.savepoint():
            yield
    except BaseException:
        for queue, (count, names) in zip(hooks, marks, strict=True):
            _forget(queue, count, names)
        raise


def _forget(queue, count, names):
    """Take out what was added to a queue of calls since, also the data they were to work on."""
    while len(queue) > count:
        queue._funcs.pop()
    for name in set(queue.data) - names:
        del queue.data[name]
