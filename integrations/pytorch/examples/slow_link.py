"""Runs a command behind a link of stated delay and rate, without a network: for measuring, where tc has no netem.

    python slow_link.py MILLISECONDS MEGABITS COMMAND …      one way each; a round trip is twice as long
"""

import os
import queue
import subprocess
import sys
import threading
import time

delay, rate, command = float(sys.argv[1]) / 1000, float(sys.argv[2]) * 1e6 / 8, sys.argv[3:]
engine = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def link(source, sink, close):
    """Passes bytes on: each chunk leaves when the ones before have, and arrives `delay` after that."""
    waiting = queue.Queue()

    def arrive():
        while True:
            due, data = waiting.get()
            time.sleep(max(0, due - time.monotonic()))
            if not data:
                return close()
            view = memoryview(data)
            while view:
                view = view[os.write(sink, view) :]

    threading.Thread(target=arrive).start()
    free = time.monotonic()
    while True:
        data = os.read(source, 1 << 16)
        free = max(free, time.monotonic()) + len(data) / rate
        waiting.put((free + delay, data))
        if not data:
            return


threading.Thread(
    target=link, args=(sys.stdin.fileno(), engine.stdin.fileno(), engine.stdin.close), daemon=True).start()
link(engine.stdout.fileno(), sys.stdout.fileno(), lambda: os._exit(engine.wait()))
