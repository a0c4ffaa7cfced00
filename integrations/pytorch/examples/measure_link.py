"""Measures what each key of seats-top costs over a link: bytes each way, and milliseconds until the last answer.

    python measure_link.py GRIDS [COMMAND …]      GRIDS: temporal grids of 16 × 16 tokens, with a second of sound each

COMMAND starts an engine, such as `python slow_link.py 25 100 python -m seats_trace.engine --model DIR --random-weights 2`.
Sends what the program sends for these keys, for a model with two layers and a drop after the first.
"""

import itertools
import json
import os
import struct
import subprocess
import sys
import time

import torch

GRIDS, COMMAND = int(sys.argv[1]), sys.argv[2:]
TEXT, GRID, SECOND = 40, 256, 25
TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "u32": torch.uint32, "u8": torch.uint8}
NAMES = {value: key for key, value in TYPES.items()}
engine = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
numbers, traffic = itertools.count(1), [0, 0]


def send(op, tensors=None, **header):
    stated, parts, number = [], [], next(numbers)
    for name, tensor in (tensors or {}).items():
        stated.append([name, NAMES[tensor.dtype], list(tensor.shape)])
        parts.append(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    head = json.dumps({"op": op, "id": number, **header, **({"tensors": stated} if stated else {})}).encode()
    data = b"".join([struct.pack("<IQ", len(head), sum(map(len, parts))), head, *parts])
    traffic[0] += len(data)
    engine.stdin.write(data)
    engine.stdin.flush()
    return number


def receive(number):
    """The tensors of the answer to a request, and the milliseconds that the engine itself took."""
    while True:
        head, body = struct.unpack("<IQ", engine.stdout.read(12))
        header, payload = json.loads(engine.stdout.read(head)), engine.stdout.read(body)
        traffic[1] += 12 + head + body
        if header.get("id") == number:
            if not header["ok"]:
                sys.exit(header["error"])
            own = sum(header.get(key, 0) for key in ("ms", "attention_ms", "feed_forward_ms"))
            return payload, own + sum(piece["ms"] for piece in header.get("pieces", []))


def key(name, requests):
    """Sends requests at once, waits for the answers, and prints what they cost."""
    traffic[:], start = [0, 0], time.perf_counter()
    sent = [send(op, tensors, **header) for op, tensors, header in requests]
    own = sum(receive(number)[1] for number in sent)
    took = (time.perf_counter() - start) * 1000
    print(f"{name:44} up {traffic[0]:>12,} down {traffic[1]:>12,} {took:10.0f} ms, of it the engine {own:8.0f} ms", flush=True)


def whole(values):
    return torch.as_tensor(values, dtype=torch.uint32)


seconds = GRIDS
video = torch.arange(TEXT // 2, TEXT // 2 + GRIDS * GRID)
audio = torch.arange(len(video) + TEXT // 2, len(video) + TEXT // 2 + seconds * SECOND)
tokens = len(video) + len(audio) + TEXT
ids = torch.ones(tokens, dtype=torch.uint32)
positions = torch.arange(tokens, dtype=torch.float32).expand(3, tokens).contiguous()
patches = torch.randint(0, 256, (GRIDS * GRID * 4, 1176), dtype=torch.uint8)
levels = torch.linspace(-1.8, 2.1, 256).expand(3, 256).contiguous()
mel = torch.randn(128, seconds * 100)
state = itertools.count(100)
prompt, media, embedded = (next(state) for _ in range(3))
print(f"{tokens} tokens: {len(video)} of video, {len(audio)} of sound; load {os.getloadavg()[0]:.1f}")
key("start: hello, files", [("hello", None, dict(oldest=1, newest=1)), ("files", None, {})])
key("clip: prompt, patches, Stage I of SEATS", [
    ("prompt", {"ids": ids, "positions": positions, "at0": whole(audio), "at1": whole(video)},
     dict(prompt=prompt, pieces=["audio", "video"])),
    ("encode", {"piece0": mel, "piece1": patches, "levels1": levels},
     dict(media=media, pieces=[{"kind": "audio"}, {"kind": "video", "grid": [GRIDS, 32, 32]}])),
    ("embed", None, dict(prompt=prompt, media=media, output=embedded)),
    *[(op, None, dict(media=media, piece=piece, window=window)) for op, piece, window in (
        ("distances", 1, 2 * GRID), ("attention", 1, 2 * GRID * 4), ("distances", 0, 2 * SECOND), ("attention", 0, 100))]])


def rows(share, count):
    return whole(torch.arange(0, count, max(1, round(1 / share))))


def layer(number, before, left=None, **header):
    made = dict(layer=number, prompt=prompt, media=media, input=before, output=next(state), keys=next(state), **header)
    return ("layer", {} if left is None else {"rows": left}, made), made["output"], made["keys"]


first, second = rows(0.1, tokens), None
one, out, keys1 = layer(1, embedded, first)
key("n, d: a layer and the relevance after it", [
    one, ("relevance", {"queries": whole([len(first) - 1])}, dict(layer=1, prompt=prompt, input=out))])
half = rows(0.5, len(first))
two, last, keys2 = layer(2, out, half, outputs=1)
key("n, space: the last layers and the logits", [two, ("logits", None, dict(input=last, row=0))])
decoder = next(state)
tokens_sent = [("decoder", {"positions": first[half.long()]}, dict(layers=[keys1, keys2], output=decoder, next_position=tokens))]
before = decoder
for number in range(9):
    after = next(state)
    tokens_sent.append(("token", None, dict(input=before, output=after, best=2, **({"token": 5} if number == 0 else {}))))
    before = after
key("answer of ten tokens", tokens_sent)
third = rows(1 / 3, len(first))
two, last, _ = layer(2, out, third, outputs=1)
key("+, -: other survivors after layer 1", [two, ("logits", None, dict(input=last, row=0))])
one, out, _ = layer(1, embedded, rows(0.2, tokens))
two, last, _ = layer(2, out, outputs=1)
key("+, - at Stage I: other survivors", [one, two, ("logits", None, dict(input=last, row=0))])
# VisionZip: keys of the last encoder layer, and merges as weights.
left = rows(0.2, tokens)
merged = whole(torch.arange(0, len(left), 4))
sources = whole(torch.arange(tokens)[: len(merged) * 4])
one, out, _ = layer(1, embedded, left)
one[1].update(merged_rows=merged, merged_counts=whole([4] * len(merged)), merged_sources=sources,
              merged_weights=torch.full((len(sources),), 0.25))
two, last, _ = layer(2, out, outputs=1)
key("another method: VisionZip", [
    ("keys", None, dict(media=media, piece=0)), ("keys", None, dict(media=media, piece=1)), one, two,
    ("logits", None, dict(input=last, row=0))])
key("another method: one that reads features", [
    ("features", None, dict(media=media, piece=0)), ("features", None, dict(media=media, piece=1))])
print("p, and keys that only show: nothing is sent")
engine.stdin.close()
