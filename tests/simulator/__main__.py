"""Run the simulator: python -m tests.simulator --port 8480 --control-port 8481."""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import signal

from aiohttp import web

from .app import graph_server
from .control import control_app
from .state import Simulator

PARENT_CHECK_SECONDS = 0.5
SHUTDOWN_SECONDS = 0.5
BACKLOG = 1024
# a ledger of 100,000 messages is no garbage: looking through it again and again would stall every answer
GC_THRESHOLDS = (100_000, 50, 100)


def arguments():
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog='python -m tests.simulator', description=__doc__)
    parser.add_argument('--host', default='127.0.0.1')
    parser.add_argument('--port', type=int, default=8480, help='Graph port, 0 = any free one')
    parser.add_argument('--control-port', type=int, default=8481, help='control port, 0 = any free one')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--latency', type=float, default=0.0, help='seconds one Graph call takes')
    parser.add_argument('--parent-pid', type=int, default=0, help='end when this process has ended')
    return parser.parse_args()


async def serve(args):
    """Listen on both ports until a signal comes or the parent has gone."""
    sim = Simulator(args.seed, {'latency': args.latency})
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    graph, graph_port = await _listen(web.ServerRunner(graph_server(sim), shutdown_timeout=SHUTDOWN_SECONDS),
                                      args.host, args.port)
    control, control_port = await _listen(
        web.AppRunner(control_app(sim), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS),
        args.host, args.control_port)
    addresses = _addresses(args.host, graph_port, control_port)
    sim.graph_url = addresses['graph_url']
    print(json.dumps(addresses), flush=True)
    heartbeat = asyncio.create_task(sim.heartbeat.beat())
    await _wait(stop, args.parent_pid)
    heartbeat.cancel()
    sim.schedule.clear()
    await sim.webhooks.close()
    await sim.visits.close()
    await asyncio.gather(graph.cleanup(), control.cleanup())


def _addresses(host, graph_port, control_port):
    return {'port': graph_port, 'control_port': control_port, 'graph_url': f'http://{host}:{graph_port}',
            'control_url': f'http://{host}:{control_port}', 'pid': os.getpid()}


async def _listen(runner, host, port):
    """Return (runner, actual port)."""
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
    return runner, runner.addresses[0][1]


async def _wait(stop, parent_pid):
    """Wait for the signal; look after the parent in between."""
    while not stop.is_set() and _alive(parent_pid):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), PARENT_CHECK_SECONDS)


def _alive(pid):
    """Tell whether a process is there; 0 = nobody to look after."""
    if not pid:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == '__main__':
    gc.set_threshold(*GC_THRESHOLDS)
    asyncio.run(serve(arguments()))
