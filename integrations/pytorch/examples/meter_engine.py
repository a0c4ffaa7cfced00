"""Measures what an engine's requests cost on the wire: bytes each way, and milliseconds until the answer.

    seats-top report CLIP --engine "python meter_engine.py OUT.json ssh gpu python -m seats_trace.engine --model DIR"

Passes frames on unchanged, and writes a line to OUT.json for every request that was answered.
"""

import json
import struct
import subprocess
import sys
import threading
import time

out, command = sys.argv[1], sys.argv[2:]
engine = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
log, sent, lock = open(out, "w"), {}, threading.Lock()


def frames(source):
    while start := source.read(12):
        head, body = struct.unpack("<IQ", start)
        header = source.read(head)
        yield json.loads(header), start + header + source.read(body)


def upwards():
    for header, data in frames(sys.stdin.buffer):
        with lock:
            sent[header.get("id")] = (header["op"], len(data), time.perf_counter())
        engine.stdin.write(data)
        engine.stdin.flush()
    engine.stdin.close()


threading.Thread(target=upwards, daemon=True).start()
for header, data in frames(engine.stdout):
    now = time.perf_counter()
    with lock:
        found = sent.pop(header.get("id"), None)
    if found:
        own = sum(header.get(key, 0) for key in ("ms", "attention_ms", "feed_forward_ms"))
        own += sum(piece["ms"] for piece in header.get("pieces", []) if isinstance(piece, dict))
        print(json.dumps({"op": found[0], "up": found[1], "down": len(data), "ms": round((now - found[2]) * 1000, 2),
                          "own_ms": round(own, 2), "at": round(now, 4)}), file=log, flush=True)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
