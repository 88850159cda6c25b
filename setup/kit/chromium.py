"""The browser for browser tests: found, else installed with apt where that is permitted, else none."""
import functools
import os
import shutil
import subprocess

from .report import step

# The names Odoo looks for.
NAMES = ('google-chrome', 'chromium', 'chromium-browser', 'google-chrome-stable')
REASON = 'no Chromium was found and apt may not install one here. Install Chromium and run this again.'


def find():
    """:return: the path of a browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@functools.cache
def ensure():
    """:return: the path of a browser, installed now if need be; None if there is none to be had."""
    return find() or (install() and find())


def install():
    """:return: whether apt could install it. Never asks for a password."""
    if not shutil.which('apt-get') or (os.geteuid() and not sudo_without_password()):
        return False
    prefix = [] if os.geteuid() == 0 else ['sudo', '-n']
    environment = {**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'}
    with step('Chromium for the browser tests, with apt'):
        for action in (['update', '-qq'], ['install', '-y', '-qq', '--no-install-recommends', 'chromium']):
            done = subprocess.run([*prefix, 'apt-get', *action], env=environment, capture_output=True, check=False)
    return done.returncode == 0


def sudo_without_password():
    return bool(shutil.which('sudo')) and subprocess.run(
        ['sudo', '-n', 'true'], capture_output=True, check=False).returncode == 0
