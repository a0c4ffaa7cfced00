"""The other side of an engine, in Python: a process, frames, and the golden cases as it is given them."""

import itertools
import json
import os
import struct
import subprocess
import sys
import threading

import torch

import cases
from seats_trace.engine._engine import Engine

TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "u32": torch.uint32, "u8": torch.uint8}
NAMES = {value: key for key, value in TYPES.items()}


class Failed(Exception):
    def __init__(self, header):
        super().__init__(header.get("error"))
        self.header = header

    @property
    def kind(self):
        return self.header["kind"]


class Client:
    """Starts an engine and speaks with it."""

    def __init__(self, *arguments, hello=True, environment=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "seats_trace.engine", *map(str, arguments)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cases.ROOT / "integrations" / "pytorch",
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(cases.ROOT / "integrations" / "pytorch"),
                 **(environment or {})})
        self.errors = []
        threading.Thread(target=lambda: self.errors.extend(self.process.stderr), daemon=True).start()
        self.numbers, self.states = itertools.count(1), itertools.count(1)
        self.facts = self.ask("hello", oldest=1, newest=1)[0] if hello else None

    def fresh(self):
        return next(self.states)

    def send(self, op, tensors=None, **header):
        number = next(self.numbers)
        self.write({"op": op, "id": number, **header}, tensors)
        return number

    def write(self, header, tensors=None):
        parts, stated = [], []
        for name, tensor in (tensors or {}).items():
            tensor = tensor.contiguous()
            stated.append([name, NAMES[tensor.dtype], list(tensor.shape)])
            parts.append(tensor.numpy().tobytes())
        head = json.dumps({**header, **({"tensors": stated} if stated else {})}).encode()
        self.raw(struct.pack("<IQ", len(head), sum(map(len, parts))) + head + b"".join(parts))

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self):
        """The next answer; signs of life are passed over."""
        header, tensors = self._receive()
        while "beat" in header:
            header, tensors = self._receive()
        return header, tensors

    def _receive(self):
        start = self.process.stdout.read(12)
        if len(start) < 12:
            raise EOFError(b"".join(self.errors).decode())
        head, body = struct.unpack("<IQ", start)
        header, payload = json.loads(self.process.stdout.read(head)), self.process.stdout.read(body)
        tensors, at = {}, 0
        for name, dtype, shape in header.get("tensors", []):
            size = TYPES[dtype].itemsize * torch.Size(shape).numel()
            part = bytearray(payload[at : at + size])
            tensors[name] = torch.frombuffer(part, dtype=TYPES[dtype]).reshape(shape) if size else torch.empty(shape)
            at += size
        assert at == len(payload)
        return header, tensors

    def ask(self, op, tensors=None, **header):
        number = self.send(op, tensors, **header)
        answer, made = self.receive()
        assert answer["id"] == number, answer
        if not answer["ok"]:
            raise Failed(answer)
        return answer, made

    def close(self):
        """The exit code after the end of the stream."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        code = self.process.wait(60)
        self.process.stdout.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.close()


class Local:
    """An engine in this process, asked as a client asks one in another: without the seconds that its start takes."""

    def __init__(self, loaded):
        self.engine, self.states = Engine(loaded), itertools.count(1)
        self.facts = self.ask("hello")[0]

    def fresh(self):
        return next(self.states)

    def ask(self, op, tensors=None, **header):
        return self.engine.answer(op, header, tensors or {})


def whole(numbers):
    return torch.tensor(list(numbers), dtype=torch.uint32)


class Run:
    """A golden case on an engine: prompt, media and layers, one after the other."""

    def __init__(self, client, case, expected):
        self.client, self.case = client, case
        inputs = case.inputs()
        ids = inputs["input_ids"][0]
        config = json.loads((case.checkpoint / "config.json").read_text())
        thinker = config.get("thinker_config", config)
        self.pieces, tensors, places = [], {}, []
        for kind, pixels in (("video", "pixel_values_videos"), ("audio", "input_features")):
            if pixels not in inputs:
                continue
            at = next(thinker[key] for key in (f"{kind}_token_id", f"{kind}_token_index") if key in thinker)
            piece = {"kind": kind}
            if kind == "video":
                piece["grid"] = inputs["video_grid_thw"][0].tolist()
                tensors[f"piece{len(self.pieces)}"] = inputs[pixels]
            else:
                frames = int(inputs["feature_attention_mask"].sum())
                tensors[f"piece{len(self.pieces)}"] = inputs[pixels][0, :, :frames]
            places.append((ids == at).nonzero()[:, 0].to(torch.uint32))
            self.pieces.append(piece)
        self.places, self.count = places, len(ids)
        self.is_text = torch.ones(len(ids), dtype=torch.bool)
        for place in places:
            self.is_text[place.long()] = False
        self.positions = expected["prompt.position_ids"].float()
        self.prompt, self.media, embedded = client.fresh(), client.fresh(), client.fresh()
        client.ask(
            "prompt", {"ids": ids.to(torch.uint32), "positions": self.positions,
                       **{f"at{index}": place for index, place in enumerate(places)}},
            prompt=self.prompt, pieces=[piece["kind"] for piece in self.pieces])
        self.encoded = client.ask("encode", tensors, media=self.media, pieces=self.pieces)[0]["pieces"]
        client.ask("embed", prompt=self.prompt, media=self.media, output=embedded)
        self.embedded, self.present, self.keys = embedded, list(range(len(ids))), []
        self.hidden = embedded

    def piece(self, kind):
        return next(index for index, piece in enumerate(self.pieces) if piece["kind"] == kind)

    def layer(self, number, rows=None, outputs=None, **tensors):
        output, keys = self.client.fresh(), self.client.fresh()
        made, _ = self.client.ask(
            "layer", {**({} if rows is None else {"rows": whole(rows)}), **tensors}, layer=number, prompt=self.prompt,
            media=self.media, input=self.hidden, output=output, keys=keys,
            **({} if outputs is None else {"outputs": outputs}))
        self.present = self.present if rows is None else [self.present[row] for row in rows]
        self.hidden = output
        self.keys[number - 1 :] = [keys]
        return made

    def scores(self, number):
        query = max(row for row, at in enumerate(self.present) if self.is_text[at])
        return self.client.ask(
            "relevance", {"queries": whole([query])}, layer=number, prompt=self.prompt,
            input=self.hidden)[1]["scores"]

    def rows(self):
        return self.client.ask("rows", input=self.hidden)[1]["hidden"]

    def keep(self, positions):
        """Rows of the state that holds all of `positions`."""
        at = {position: row for row, position in enumerate(self.present)}
        return [at[position] for position in positions]

    def logits(self, row):
        return self.client.ask("logits", input=self.hidden, row=row)[1]["logits"]

    def answer(self, logits, count):
        state = self.client.fresh()
        self.client.ask(
            "decoder", {"positions": whole(self.present)}, layers=self.keys, output=state,
            next_position=float(self.positions.max()) + 1)
        tokens = [int(logits.argmax())]
        while len(tokens) < count:
            after = self.client.fresh()
            made = self.client.ask("token", input=state, output=after, token=tokens[-1], release=[])[1]["logits"]
            tokens.append(int(made.argmax()))
            state = after
        return tokens
