"""Running other programs and saying in one line why they failed."""
import subprocess

from .report import Stop


def check(command, problem, remedy='', **kwargs):
    """Run a command quietly.

    :param list command: program and arguments.
    :param str problem: what to tell the user if it fails; the end of its output is added.
    :raise Stop: if the command fails or does not exist.
    :return: its standard output.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **kwargs)
    except FileNotFoundError as error:
        raise Stop(f'{problem}: {command[0]} is not installed.', remedy) from error
    if done.returncode:
        tail = '\n'.join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise Stop(f'{problem}:\n{tail}', remedy)
    return done.stdout
