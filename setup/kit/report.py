"""What the person at the terminal sees: progress on standard error, results on standard output."""
import contextlib
import signal
import sys
import time


class Stop(Exception):
    """The command cannot go on. Says what is missing and how to mend it."""

    def __init__(self, problem, remedy=''):
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def say(text):
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title):
    """Show that something slow has begun and, at its end, how many seconds it took."""
    say(f'… {title}')
    started = time.monotonic()
    yield
    say(f'✓ {title} ({time.monotonic() - started:.0f} s)')


def run(main):
    """Run a command's ``main()``; turn a :class:`Stop` into a readable message and exit code 2."""
    # Ended by another program or by Ctrl-C (which a shell in the background turns off): what was started ends too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return sys.exit(main())
    except Stop as stop:
        say(f'✗ {stop.problem}')
        if stop.remedy:
            say(f'  {stop.remedy}')
        return sys.exit(2)
    except KeyboardInterrupt:
        say('\nStopped.')
        return sys.exit(130)
