"""Free ports."""
import socket

from .report import Stop

HOST = '127.0.0.1'


def require_free(port, option):
    """:raise Stop: if something listens on ``port`` already; it is not ours to end."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((HOST, port)) == 0:
            raise Stop(f'Port {port} is taken by another program.', f'End that program yourself, or choose {option}.')


def free():
    """:return: a port nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
