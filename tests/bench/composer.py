"""What the composer costs for very many people: to open it, to hear what will happen, to queue in the background."""
import time

from kit.report import step

from odoo.tests import Form

from tests.faults.ground import UTILITY, offline_ground, salesperson

DATABASE = 'fluxforce_bench_composer'
COMPOSER, DISPATCH = 'fluxforce.whatsapp.composer', 'fluxforce.whatsapp.dispatch'


def composer(server, quick):
    """opening the composer on very many people, its summary, and queueing them in the background

    ``open_s`` is from the click in the list to a form with all it shows, without a template; ``template_s`` is choosing
    one, with the first person's message on the phone; ``summary_s`` is what will happen to all of them, with prices and
    languages. ``send_s`` is the click on Send: what the user waits for. ``queue_ms_per_recipient`` and
    ``queries_per_1000`` are of the scheduled action that queues them, commits counted. All with a salesperson's rights.
    """
    count = 1_000 if quick else 10_000
    with offline_ground(server, DATABASE, latency=0) as field:
        with field.env() as env:
            sales = salesperson(env)
            people = env['res.partner'].search([('ref', 'like', 'outbox-')], order='id', limit=count).ids
            env.cr.execute("UPDATE ir_cron SET active = false")
        with step(f'{count} people in the composer'):
            figures, composer_id = compose(field, sales, people)
        with step(f'{count} people queued in the background'):
            figures.update(send(field, sales, composer_id, count))
        figures['queued'] = field.count('queued')
    return {'recipients': count, **figures}


def compose(field, sales, people):
    """:return: what opening and asking cost, and the id of the composer."""
    with field.env() as root:
        env = root(user=sales, su=False)
        begun = time.perf_counter()
        action = env[COMPOSER].with_context(active_model='res.partner', active_ids=people)._open_for_selection()
        record = env[COMPOSER].browse(action['params']['composer_id'])
        root.cr.commit()
        root.invalidate_all()
        form = Form(record)  # reads all that the view shows
        opened = time.perf_counter()
        form.template_id = env['fluxforce.whatsapp.template'].search([('name', '=', UTILITY)], limit=1)
        chosen = time.perf_counter()
        form.save().ask()
        shown = Form(record).verdict
        told = time.perf_counter()
        assert f'{len(people)} of {len(people)} can be sent' in shown, shown
        return {'open_s': round(opened - begun, 2), 'template_s': round(chosen - opened, 2),
                'summary_s': round(told - chosen, 2)}, record.id


def send(field, sales, composer_id, count):
    """:return: what the click and the background cost."""
    with field.env() as root:
        begun = time.perf_counter()
        root(user=sales, su=False)[COMPOSER].browse(composer_id).action_send()
        root.cr.commit()
        clicked = time.perf_counter()
    with field.env() as env:
        queries, started = env.cr.sql_log_count, time.perf_counter()
        env[DISPATCH]._cron_run()
        seconds, queries = time.perf_counter() - started, env.cr.sql_log_count - queries
        dispatch = env[DISPATCH].search([], limit=1)
        assert (dispatch.state, dispatch.done_count) == ('done', count), (dispatch.state, dispatch.done_count)
    return {'send_s': round(clicked - begun, 2), 'queue_ms_per_recipient': round(1000 * seconds / count, 3),
            'queries_per_1000': round(1000 * queries / count)}
