"""How fast the outbox sends, beside Odoo core's SMS queue and a bare client."""
import math

from kit.report import step

from tests.faults.ground import lift_metas_limits, offline_ground
from tests.faults.judge import most_in_any_second

from . import bare, core_sms
from .meter import accepted_times, drain, per_second

LATENCY = 0.35
DATABASE = 'fluxforce_bench'


def send(server, quick):
    """template messages at 350 ms: core's SMS queue, a bare client with as many connections, and ours

    Rates are counted from the first to the last acceptance in the log of Meta's stand-in (core: from the first to the
    last answer), so the start of a process is left out and nothing else. CPU is user and system time of the sending
    process and its PostgreSQL backends, its start included. The fullest second slides. The bare client has as many
    connections as ours had at most, and at least what the limit needs at this latency: ours must not look good by
    having few. ``at_1000`` is the same with the higher throughput; core does not know limits, so it is measured once.
    """
    slow, fast, of_core = (160, 500, 10) if quick else (2_400, 10_000, 60)
    with offline_ground(server, DATABASE, LATENCY) as field:
        with step(f'{of_core} SMS by Odoo core'):
            core = per_second(core_sms.answer_times(server, field.simulator.graph_url, of_core))
        figures = one_pass(field, slow, 80, 'STANDARD', core, first=1)
        figures['at_1000'] = one_pass(field, fast, 1000, 'HIGH', core, first=1 + slow)
    return figures


def one_pass(field, count, limit, level, core, first):
    """:param str level: throughput of the number as Meta names it. :return: the figures of one limit."""
    field.free_account(throughput_level=level)
    lift_metas_limits(field.simulator)
    field.enqueue(count, first=first)
    with step(f'{count} messages by the outbox, at most {limit}/s'):
        done = drain(field)
    times = accepted_times(field)
    connections = max(done.connections, math.ceil(limit * LATENCY))
    with step(f'{count} messages by a bare client with {connections} connections'):
        bare_rate, bare_cpu = measure_bare(field, count, connections)
    ours = per_second(times)
    return {
        'messages': len(times), 'latency_ms': int(LATENCY * 1000), 'ours_per_s': round(ours, 1),
        'core_sms_per_s': round(core, 2), 'bare_client_per_s': round(bare_rate, 1),
        'ratio_to_core': round(ours / core, 1) if core else None,
        'ratio_to_bare': round(ours / bare_rate, 2) if bare_rate else None,
        'cpu_ms_per_message': round(1000 * done.cpu_s / count, 2),
        'bare_cpu_ms_per_message': round(1000 * bare_cpu / count, 2),
        'max_in_any_second': most_in_any_second(times), 'limit_per_s': limit, 'peak_mb': round(done.peak_mb),
        'connections': done.connections, 'bare_connections': connections,
    }


def measure_bare(field, count, connections):
    lift_metas_limits(field.simulator)  # with an empty log
    cpu = bare.send(field.simulator.graph_url, count, connections)
    return per_second(accepted_times(field)), cpu
