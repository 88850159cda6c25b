"""What old messages cost the new ones."""
import statistics
from contextlib import ExitStack

from kit.report import step

from tests.faults.ground import PEOPLE, offline_ground

from .meter import drain

# Old enough to count in no limit of today.
OLD = """
    INSERT INTO fluxforce_whatsapp_message
           (key, account_id, company_id, number_id, kind, template_id, purpose, priority, "values", body, partner_id,
            phone, wa_id, res_model, res_id, state, attempts, wamid, error_code, due_at, claimed_at, accepted_at,
            sent_at, delivered_at, create_uid, write_uid, create_date, write_date)
    SELECT 'old-' || n, number.account_id, number.company_id, number.id, 'template', template.id, 'utility', 2,
           '{"body:1": "Customer"}', 'Hi Customer, your order S00042 is on its way.', person, '+33530' || person,
           '33530' || person, 'res.partner', person, old.state, 1, 'wamid.old' || n,
           CASE WHEN old.state = 'failed' THEN 131026 END, moment, moment, moment, moment, moment, 1, 1, moment, moment
      FROM (SELECT n, (SELECT min(id) FROM res_partner WHERE ref LIKE 'outbox-%%') + n %% %(people)s AS person,
                   (ARRAY['delivered', 'read', 'read', 'failed'])[1 + n %% 4] AS state,
                   now() AT TIME ZONE 'utc' - interval '1 day' * (2 + 88 * random()) AS moment
              FROM generate_series(1, %(count)s) AS n) AS old
      JOIN fluxforce_whatsapp_number number ON number.phone_number_id = '560000000000001'
      JOIN fluxforce_whatsapp_template template ON template.name = 'order_update' AND template.language = 'en'
"""


def growth(server, quick):
    """cost of a message with few and with many old messages in the table

    Cost is the CPU time of the worker and its PostgreSQL backends per message for claim, send and record; the stand-in
    answers at once and reports nothing. The two databases take turns and medians are compared, so that what else goes
    on at the machine does not decide.
    """
    small, large, count, turns = (1_000, 20_000, 100, 2) if quick else (10_000, 1_000_000, 500, 7)
    with ExitStack() as stack:
        fields = {size: stack.enter_context(offline_ground(server, f'fluxforce_bench_{name}', latency=0))
                  for name, size in (('small', small), ('large', large))}
        for size, field in fields.items():
            fill(field, size)
        costs = {size: [] for size in fields}
        for turn in range(turns):
            for size, field in fields.items():
                costs[size].append(cost(field, count, first=1 + turn * count))
    medians = [statistics.median(costs[size]) for size in (small, large)]
    return {'small_ms': round(medians[0], 3), 'large_ms': round(medians[1], 3),
            'ratio': round(medians[1] / medians[0], 2), 'old': [small, large]}


def fill(field, size):
    with step(f'{size} old messages'):
        field.query(OLD, {'people': PEOPLE, 'count': size})
        field.query('VACUUM ANALYZE fluxforce_whatsapp_message')
        field.free_account(throughput_level='HIGH')


def cost(field, count, first):
    """:return: milliseconds of CPU per message."""
    field.enqueue(count, first=first)
    return 1000 * drain(field).cpu_s / count
