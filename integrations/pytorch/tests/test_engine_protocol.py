"""What the engine makes of requests that are late, wrong, hostile or too large."""

import io
import os
import struct
import threading

import pytest
import torch

import cases
from engine_client import Client, Failed, Run, whole
from safetensors.torch import load_file
from seats_trace.engine import _loading
from seats_trace.engine._engine import Cancelled
from seats_trace.engine._server import Server, failure
from seats_trace.engine._wire import Closed, Malformed, Refused, frame, read_frame, tensors_of

GOLDEN = cases.GOLDEN / "qwen2_5_av"
OPTIONS = ("--model", GOLDEN / "checkpoint", "--device-map", "cpu", "--threads", 1)


@pytest.fixture(scope="module")
def engine():
    with Client(*OPTIONS) as client:
        yield client


@pytest.fixture
def run(engine):
    case = cases.Case(GOLDEN)
    return Run(engine, case, load_file(case.directory / "expected.safetensors"))


@pytest.mark.parametrize("versions", [(7, 9), (None, 1), ("1", "1"), (0, 0)])
def test_an_unknown_version_is_refused_with_those_that_are_spoken(versions):
    hello, sink = frame({"op": "hello", "id": 3, "oldest": versions[0], "newest": versions[1]}), io.BytesIO()
    assert Server(Scripted, io.BytesIO(hello), sink).run() == 2
    sink.seek(0)
    answer, _ = read_frame(sink)
    assert (answer["id"], answer["ok"], answer["kind"], answer["newest"]) == (3, False, "version", 1)


def test_unknown_keys_are_passed_over(engine):
    assert engine.ask("memory", colour="blue")[0]["rss_bytes"] > 0


def test_the_end_of_the_stream_ends_the_process():
    client = Client(*OPTIONS)
    assert client.close() == 0


@pytest.mark.parametrize("data", [
    struct.pack("<IQ", (1 << 24) + 1, 0), struct.pack("<IQ", 2, (1 << 31) + 1), struct.pack("<IQ", 2, 0) + b"[]",
    struct.pack("<IQ", 4, 0) + b"{{{{", struct.pack("<IQ", 2, 3) + b"{}abc", struct.pack("<IQ", 9, 0) + b'{"op":1}\n',
    b"GET / HTTP/1.1\r\n\r\n", struct.pack("<IQ", 100, 0) + b"{", b"abc",
], ids=["header", "payload", "list", "json", "rest", "op", "http", "cut", "short"])
def test_bytes_that_are_no_frame_end_the_engine_with_a_sentence(data):
    code, answers = session(Scripted(), data)
    assert code == 2 and len(answers) == 1
    assert not answers[0]["ok"] and answers[0]["kind"] == "refused" and len(answers[0]["error"]) > 20


def test_a_first_request_that_is_not_hello_ends_the_engine():
    sink = io.BytesIO()
    assert Server(Scripted, io.BytesIO(frame({"op": "layer", "id": 1})), sink).run() == 2
    sink.seek(0)
    assert read_frame(sink)[0]["kind"] == "refused"


@pytest.mark.parametrize("config, word", [
    ('{"model_type": "llama"}', "llama"), ('{"model_type": "qwen3_vl", "auto_map": {"AutoModel": "x.Y"}}', "auto_map"),
    ("{", "config.json"),
])
def test_a_checkpoint_that_cannot_be_run_is_refused_by_its_name(tmp_path, config, word):
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(Refused, match=word):
        _loading.load(tmp_path)
    hello, sink = frame({"op": "hello", "id": 1, "oldest": 1, "newest": 1}), io.BytesIO()
    assert Server(lambda: _loading.load(tmp_path), io.BytesIO(hello), sink).run() == 1
    sink.seek(0)
    assert read_frame(sink)[0]["kind"] == "refused"


def test_requests_that_make_no_sense_are_refused_and_change_nothing(engine, run):
    count = run.count
    bad = [
        ("layer", {}, dict(layer=0)), ("layer", {}, dict(layer=99)), ("layer", {}, dict(layer=True)),
        ("layer", {"rows": whole([3, 2])}, {}), ("layer", {"rows": whole([0, count])}, {}),
        ("layer", {"rows": whole([])}, {}), ("layer", {}, dict(outputs=count + 1)), ("layer", {}, dict(input=10**9)),
        ("layer", {}, dict(input=run.media)), ("layer", {}, dict(output=run.media)), ("layer", {}, dict(output="x")),
        ("layer", {"changed": torch.zeros(1, 3), "changed_rows": whole([0])}, {}),
        ("layer", {"changed": torch.zeros(1, 48), "changed_rows": whole([count])}, {}),
    ]
    before = run.rows()
    for op, tensors, header in bad:
        made = dict(layer=1, prompt=run.prompt, media=run.media, input=run.hidden, output=engine.fresh(),
                    keys=engine.fresh())
        with pytest.raises(Failed) as failed:
            engine.ask(op, tensors, **{**made, **header})
        assert failed.value.kind == "refused", (op, header, str(failed.value))
    with pytest.raises(Failed, match="no operation"):
        engine.ask("__class__")
    with pytest.raises(Failed):
        engine.ask("token", input=run.hidden, output=engine.fresh(), token=1)
    with pytest.raises(Failed):
        engine.ask("prompt", {"ids": whole([10**6]), "positions": torch.zeros(3, 1)}, prompt=engine.fresh())
    assert torch.equal(run.rows(), before)
    assert run.layer(1)["tokens"] == count


def test_requests_may_be_sent_ahead_and_are_answered_in_order(engine, run):
    states = [engine.fresh() for _ in range(12)]
    sent, before = [], run.hidden
    for number in range(1, 7):
        output, keys = states[2 * number - 2 : 2 * number]
        sent.append(engine.send(
            "layer", layer=number, prompt=run.prompt, media=run.media, input=before, output=output, keys=keys))
        before = output
    answers = [engine.receive()[0] for _ in sent]
    assert [answer["id"] for answer in answers] == sent
    assert all(answer["ok"] for answer in answers)
    assert [answer["layer"] for answer in answers] == list(range(1, 7))


def test_a_request_that_waits_is_cancelled_before_it_begins(engine, run):
    states = [engine.fresh() for _ in range(200)]
    sent, before = [], run.hidden
    for index in range(100):
        output, keys = states[2 * index : 2 * index + 2]
        sent.append(engine.send(
            "layer", layer=1, prompt=run.prompt, media=run.media, input=run.hidden, output=output, keys=keys))
    for number in sent:
        engine.write({"op": "cancel", "of": number})
    kinds = [engine.receive()[0].get("kind", "done") for _ in sent]
    assert set(kinds) <= {"done", "cancelled"} and kinds.count("cancelled") > 0
    assert kinds == sorted(kinds, key=lambda kind: kind == "cancelled")
    assert run.layer(1)["tokens"] == run.count


def test_a_cancel_is_heeded_between_the_blocks_of_an_encoder():
    from seats_trace.engine import _media
    from seats_trace._model import find_parts

    case = cases.Case(GOLDEN)
    parts, inputs, seen = find_parts(case.model()), case.inputs(), []

    def check():
        seen.append(1)
        if len(seen) == 2:
            raise Cancelled

    with pytest.raises(Cancelled), torch.inference_mode():
        _media.encode(parts, "video", inputs["pixel_values_videos"], inputs["video_grid_thw"][0].tolist(), check)
    assert len(seen) == 2
    assert not any(module._forward_pre_hooks for module in parts.vision.modules())


class Scripted:
    """An engine whose operations are given."""

    def __init__(self, **operations):
        self.states, self.operations, self.check = {}, operations, None

    def answer(self, op, header, tensors):
        return ({}, {}) if op == "hello" else self.operations[op](header)


def session(engine, *requests):
    """Answers of a server to requests, read from a buffer."""
    hello = frame({"op": "hello", "id": 0, "oldest": 1, "newest": 1})
    source, sink = io.BytesIO(hello + b"".join(part if isinstance(part, bytes) else frame(part) for part in requests)), io.BytesIO()

    class Slow(io.BytesIO):
        """Ends only once everything is answered: the end of the stream cancels what waits."""

        def read(self, size=-1):
            data = source.read(size)
            if not data:
                done.wait(10)
            return data

    done = threading.Event()
    wanted = len([request for request in requests if isinstance(request, bytes) or request["op"] != "cancel"])
    count, write = [0], lambda data: sink.write(data) if b'"beat"' not in data else count.__setitem__(0, count[0] - 1)

    class Counting:
        @staticmethod
        def write(data):
            write(data)
            count[0] += 1
            if count[0] > wanted:
                done.set()

        @staticmethod
        def flush():
            pass

    code = Server(lambda: engine, Slow(), Counting).run()
    sink.seek(0)
    answers = []
    while True:
        try:
            answers.append(read_frame(sink)[0])
        except Closed:
            return code, answers[1:]


def test_out_of_memory_is_typed_and_the_engine_goes_on():
    def layer(_):
        raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")

    code, answers = session(
        Scripted(layer=layer, memory=lambda _: ({"rss_bytes": 1}, {})), {"op": "layer", "id": 1}, {"op": "memory", "id": 2})
    assert code == 0 and [answer["ok"] for answer in answers] == [False, True]
    assert answers[0]["kind"] == "memory" and "2.00 GiB" in answers[0]["error"] and "more" not in answers[0]["error"]


def test_errors_have_kinds():
    assert failure(Refused("no"))["kind"] == "refused"
    assert failure(Cancelled())["kind"] == "cancelled"
    assert failure(MemoryError())["kind"] == "memory"
    assert failure(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"))["kind"] == "memory"
    assert failure(ValueError("odd")) == {"ok": False, "kind": "internal", "error": "ValueError: odd"}


@pytest.mark.parametrize("stated", [
    "x", [["a", "f32"]], [["a", "f64", [1]]], [["a", "f32", [-1]]], [["a", "f32", [True]]], [["a", "f32", [2]]],
    [["a", "u8", [1]], ["a", "u8", [1]]], [["a", "u8", [1 << 31, 1 << 31]]], [[1, "u8", [4]]], [["a", "u8", 4]],
    [["a", "u8", [1] * 9]], [["a", "u8", [3]]], [["a", [], [4]]],
])
def test_tensors_that_do_not_fit_their_frame_are_malformed(stated):
    with pytest.raises(Malformed):
        tensors_of(stated, b"abcd")


def test_frames_are_read_as_they_were_written():
    tensors = {"a": torch.arange(6, dtype=torch.float32).reshape(2, 3), "b": torch.zeros(0, 4), "c": whole([7])}
    header, made = read_frame(io.BytesIO(frame({"op": "x"}, tensors)))
    assert header == {"op": "x"} and all(torch.equal(made[name], tensor) for name, tensor in tensors.items())


def test_what_libraries_print_does_not_reach_the_frames(tmp_path):
    noisy = tmp_path / "noisy.py"
    noisy.write_text(
        "import os, sys\nfrom seats_trace.engine import __main__ as main\n"
        "from seats_trace.engine import _engine\nhello = _engine.Engine.hello\n"
        "def loud(self, request):\n    print('on stdout'); os.write(1, b'on descriptor 1'); sys.stdout.flush()\n"
        "    return hello(self, request)\n_engine.Engine.hello = loud\nmain.main()\n")
    import subprocess
    import sys

    made = subprocess.run(
        [sys.executable, noisy, *map(str, OPTIONS)], input=frame({"op": "hello", "id": 1, "oldest": 1, "newest": 1}),
        capture_output=True, env={**os.environ, "PYTHONPATH": str(cases.ROOT / "integrations" / "pytorch")})
    stream, answers = io.BytesIO(made.stdout), []
    with pytest.raises(Closed):
        while True:
            answers.append(read_frame(stream)[0])
    assert [answer["id"] for answer in answers if "beat" not in answer] == [1]
    assert b"on stdout" in made.stderr and b"on descriptor 1" in made.stderr
