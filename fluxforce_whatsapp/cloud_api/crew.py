"""Threads that each do one piece of work at a time.

Not ``concurrent.futures.ThreadPoolExecutor``: it queues the work before it starts a thread, so where none can be
started it raises although the work will be done. A message would count as not sent and go out all the same.
"""

import queue
import threading

#: Bytes of a thread's stack: the system's usual 8 MiB times hundreds of threads exceed what Odoo allows a worker
#: (``limit_memory_hard`` counts reserved memory). [own]
STACK_BYTES = 1024 * 1024
#: The size is set for the whole process, so one at a time.
_STACK_LOCK = threading.Lock()


class Crew:
    """Threads that are started when they are needed and kept until :meth:`dismiss`. Used by one thread.

    :param str name: of the threads
    """

    def __init__(self, name):
        self._name = name
        self._threads = []
        self._work = queue.SimpleQueue()

    def __len__(self):
        return len(self._threads)

    def grow_to(self, size):
        """Have so many threads, fewer where the system gives no more. :return: whether there are so many."""
        while len(self._threads) < size:
            thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            if not _start(thread):
                return False
            self._threads.append(thread)
        return True

    def give(self, work, *args):
        """Have ``work(*args)`` done by the first thread that is free. It must not raise."""
        self._work.put((work, args))

    def dismiss(self):
        """Let everything that was given be done, and end the threads."""
        for _thread in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _serve(self):
        while task := self._work.get():
            work, args = task
            work(*args)


def _start(thread):
    with _STACK_LOCK:
        usual = threading.stack_size(STACK_BYTES)
        try:
            thread.start()
        except (RuntimeError, MemoryError):
            return False
        finally:
            threading.stack_size(usual)
    return True
