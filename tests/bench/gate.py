"""What a decision of the gate costs, beside Odoo core's preparation of an SMS mailing to the same people."""
import time
from collections import Counter
from datetime import datetime, timezone

from kit.report import step

from tests.faults.ground import MARKETING, offline_ground

from . import core_mailing

DATABASE = 'fluxforce_bench_gate'
# Ten kinds of people, see CONSENTS and HISTORY; those of kind 7 have no number, those of 8 are American.
PEOPLE = """
    INSERT INTO res_partner (name, complete_name, ref, phone, phone_sanitized, active, type, lang, create_uid,
                             write_uid, create_date, write_date)
    SELECT name, name, 'gate-' || n, phone, phone, true, 'contact', 'en_US', 1, 1, now(), now()
      FROM (SELECT n, 'Customer ' || n AS name,
                   CASE n %% 10 WHEN 7 THEN NULL WHEN 8 THEN '+1202555' || lpad((n / 10 %% 10000)::text, 4, '0')
                   ELSE '+3363' || lpad(n::text, 7, '0') END AS phone
              FROM generate_series(1, {count}) AS n) AS people
"""
# Most agreed, some took it back, some never agreed, some agreed until yesterday.
CONSENTS = """
    INSERT INTO fluxforce_whatsapp_consent (partner_id, phone, company_id, purpose, decision, source, wording, given_at,
                                            expires_at, user_id, create_uid, write_uid, create_date, write_date)
    SELECT id, phone, 1, 'marketing', decision, 'form', 'Write to me.', now() - days * interval '1 day',
           CASE WHEN kind = 6 AND id %% 20 < 10 THEN now() - interval '1 day' END, 1, 1, 1, now(), now()
      FROM (SELECT id, phone, substring(ref from 6)::int %% 10 AS kind FROM res_partner WHERE ref LIKE 'gate-%%') person
      JOIN (VALUES ('given', 9), ('withdrawn', 2)) entry (decision, days) ON decision = 'given' OR kind = 4
     WHERE kind != 5
"""
# Some got all the marketing they may get, some could not be reached.
HISTORY = """
    INSERT INTO fluxforce_whatsapp_message
           (key, kind, account_id, company_id, number_id, template_id, purpose, priority, partner_id, phone, state,
            attempts, error_code, due_at, claimed_at, failed_at, create_uid, write_uid, create_date, write_date)
    SELECT 'gate-' || person.id || '-' || turn, 'template', number.account_id, number.company_id, number.id,
           template.id, 'marketing', 5, person.id, person.phone, CASE kind WHEN 1 THEN 'delivered' ELSE 'failed' END, 1,
           CASE kind WHEN 2 THEN 131026 END, moment, moment, CASE kind WHEN 2 THEN moment END, 1, 1, moment, moment
      FROM (SELECT id, phone, substring(ref from 6)::int %% 10 AS kind FROM res_partner WHERE ref LIKE 'gate-%%') person
     CROSS JOIN generate_series(1, 4) AS turn
     CROSS JOIN LATERAL (SELECT now() AT TIME ZONE 'utc' - turn * interval '1 day' AS moment) AS time
      JOIN fluxforce_whatsapp_number number ON number.phone_number_id = '560000000000001'
      JOIN fluxforce_whatsapp_template template ON template.name = 'welcome_offer'
     WHERE kind IN (1, 2) AND template.language IN ('en', 'en_US')
"""
RULES_ON = {'marketing_most': 4, 'marketing_days': 7, 'duplicate_hours': 24}


def gate(server, quick):
    """a decision about many mixed people, beside core's preparation of an SMS mailing to the same

    ``ms_per_recipient`` is the gate alone: it is given drafts and says who gets them, with all rules on.
    ``core_sms_prepare_ms_per_recipient`` is what ``mass_mailing_sms`` does before it writes its SMS: it finds the
    numbers, fills in the texts and says who gets them. ``with_drafts_ms_per_recipient`` is the same of ours, drafts
    made and judged, and ``ratio_with_drafts`` compares that. Wall time, the best of some turns; Odoo's caches are cold
    in each, the time zones of numbers are known from the first. ``queries`` are the gate's own for all of them.
    """
    count, turns = (500, 2) if quick else (10_000, 5)
    with offline_ground(server, DATABASE, latency=0) as field:
        with step(f'{count} people by Odoo core'):
            core = min(core_mailing.seconds(server, PEOPLE.format(count=count).replace('%%', '%'), turns))
        with step(f'{count} people by the gate'), field.env() as env:
            people = populate(env, count)
            measured = [measure(env, people) for _ in range(turns)]
    total, judge = (min(figures[n] for figures in measured) for n in (0, 1))
    return {
        'recipients': count, 'queries': measured[0][2], 'ms_per_recipient': per_head(judge, count),
        'core_sms_prepare_ms_per_recipient': per_head(core, count), 'ratio': round(judge / core, 2),
        'with_drafts_ms_per_recipient': per_head(total, count), 'ratio_with_drafts': round(total / core, 2),
        'verdicts': measured[0][3],
    }


def per_head(seconds, count):
    return round(1000 * seconds / count, 3)


def populate(env, count):
    for statement in (PEOPLE.format(count=count), CONSENTS, HISTORY):
        env.cr.execute(statement, ())
    people = env['res.partner'].search([('ref', 'like', 'gate-')], order='id')
    by_kind = {kind: people[kind::10] for kind in range(10)}  # the first one is number 1
    by_kind[8].company_id = env['res.company'].create({'name': 'Other'})
    env['phone.blacklist'].create([{'number': person.phone_sanitized} for person in by_kind[5] if person.id % 20 >= 10])
    account = env['fluxforce.whatsapp.account'].search([], limit=1)
    hour = datetime.now(timezone.utc).hour  # quiet hours are kept, but hide no other reason whenever this runs
    account.write({**RULES_ON, 'quiet_from': float((hour + 10) % 24), 'quiet_to': float((hour + 14) % 24)})
    env['fluxforce.whatsapp.identity'].create([{
        'account_id': account.id, 'partner_id': person.id, 'wa_id': person.phone_sanitized.lstrip('+'), 'blocked': True,
    } for person in by_kind[2][:20]])
    env['fluxforce.whatsapp.message']._enqueue(prepare(env, by_kind[9][:20]), log=False)  # the same text again
    env.flush_all()
    for table in ('res_partner', 'fluxforce_whatsapp_consent', 'fluxforce_whatsapp_message', 'phone_blacklist'):
        env.cr.execute(f'ANALYZE {table}')
    return people


def prepare(env, people):
    template = env['fluxforce.whatsapp.template'].search([('name', '=', MARKETING)], limit=1)
    number = env['fluxforce.whatsapp.number'].search([('phone_number_id', '=', '560000000000001')])
    return env['fluxforce.whatsapp.message']._prepare_drafts(people, template, number)


def measure(env, people):
    """:return: seconds for all, seconds of the gate, its queries, and how often it said what."""
    env.flush_all()
    env.invalidate_all()
    begun = time.perf_counter()
    drafts = prepare(env, people)
    written, queries = time.perf_counter(), env.cr.sql_log_count
    verdicts = env['fluxforce.whatsapp.gate']._judge(drafts)
    judged = time.perf_counter()
    reasons = Counter(verdict.reason or str(verdict.action) for verdict in verdicts)
    return judged - begun, judged - written, env.cr.sql_log_count - queries, dict(reasons)
