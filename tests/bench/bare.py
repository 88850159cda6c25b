"""A bare pool of threads with ``requests``: what this machine can send without a queue, a gate and a memory."""
import os
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

from tests.faults.worker import fork
from tests.simulator.client import template
from tests.simulator.world import PHONE_ID, TOKEN

TIMEOUT_SECONDS = 60


def send(graph_url, count, connections):
    """Send ``count`` messages like ours, in a process of its own; what came of it is in the simulator's log.

    :return: seconds of user and system time that it took.
    """
    pid = fork(lambda: post_all(f'{graph_url}/v24.0/{PHONE_ID}/messages', bodies(count), connections))
    __, __, used = os.wait4(pid, 0)
    return used.ru_utime + used.ru_stime


def bodies(count):
    """The same as ours: people, template, values and a key as long."""
    return [template(values=(f'Customer {n}', 'S00042'), to=f'3353{n:07d}', biz_opaque_callback_data=f'bare-{n:019d}')
            for n in range(1, count + 1)]


def post_all(url, messages, connections):
    with requests.Session() as session, ThreadPoolExecutor(connections) as pool:
        session.mount('http://', HTTPAdapter(pool_maxsize=connections))
        session.headers['Authorization'] = f'Bearer {TOKEN}'
        list(pool.map(lambda body: session.post(url, json=body, timeout=TIMEOUT_SECONDS).json(), messages))
