"""What an engine says to compare.py."""

import json
import sys
import time


def timed(work):
    """Seconds that `work` takes, of wall and of all threads of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def serve(facts, answer):
    """Prints the engine's facts, then answers every token count on standard input by `answer`."""
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(int(line))), flush=True)
