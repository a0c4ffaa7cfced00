"""Whatever happens to the recorder, the user's run goes on, and the recorder says what happened."""

import copy
import io
import os
import subprocess
import sys
import textwrap
import warnings

import pytest
import torch

import cases
import seats_trace
from seats_trace._model import find_parts
from traces import check_trace, read, traced


@pytest.fixture
def model(video_and_sound):
    return video_and_sound.model()


@pytest.fixture
def inputs(video_and_sound):
    return video_and_sound.inputs()


def answers(model, inputs, found):
    """Whether the run gave what it gives without a recorder."""
    with torch.no_grad():
        plain = model.generate(**inputs, max_new_tokens=3, min_new_tokens=3, do_sample=False)
    return torch.equal(found.output, plain)


class Full(io.StringIO):
    """A file that takes a number of lines."""

    def __init__(self, lines, error):
        super().__init__()
        self.left, self.error = lines, error

    def write(self, text):
        self.left -= 1
        if self.left < 0:
            raise self.error
        return super().write(text)


@pytest.mark.parametrize("lines", [0, 1, 2, 5, 14, 17, 20])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("I/O operation on closed file")])
def test_a_file_that_takes_no_more_ends_the_recording_only(model, inputs, lines, error):
    found = traced(model, inputs, Full(lines, error))
    assert answers(model, inputs, found)
    assert found.recorder.failure is not None and len(found.warnings) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_ends_the_recording_only(model, inputs):
    found = traced(model, inputs, "/dev/full")
    assert answers(model, inputs, found)
    assert isinstance(found.recorder.failure, OSError) and len(found.warnings) == 1


def test_a_closed_pipe_ends_the_recording_only(model, inputs):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as file:
        found = traced(model, inputs, file)
        assert answers(model, inputs, found)
        assert isinstance(found.recorder.failure, BrokenPipeError) and len(found.warnings) == 1
        # What could not be written is still in its buffer.
        with pytest.raises(BrokenPipeError):
            file.close()


def test_a_reader_that_leaves_does_not_change_how_the_program_ends(tmp_path):
    """As `python evaluate.py | seats-top replay --follow -` after `q`."""
    script = tmp_path / "evaluate.py"
    script.write_text(textwrap.dedent("""
        import sys, torch, cases, seats_trace
        torch.set_num_threads(1)
        case = cases.Case(cases.GOLDEN / "qwen2_5_video_only")
        model, inputs = case.model(), case.inputs()
        with torch.no_grad(), seats_trace.record(model, inputs, sys.stdout) as recorder:
            print("began", file=sys.stderr)
            sys.stdin.readline()
            model.generate(**inputs, max_new_tokens=2, do_sample=False)
        print(type(recorder.failure).__name__, file=sys.stderr)
    """))
    here = cases.ROOT / "integrations" / "pytorch"
    paths = os.pathsep.join([str(here), str(here / "tests")])
    run = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script)], env={**os.environ, "PYTHONPATH": paths}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert "schema" in run.stdout.readline()
    run.stdout.close()
    run.stdin.write("\n")
    run.stdin.close()
    said = run.stderr.read()
    assert run.wait() == 0, said
    assert "BrokenPipeError" in said and "Exception ignored" not in said


@pytest.mark.parametrize("path", ["nowhere/run.jsonl", ".", "a\0b", 3.5, None])
def test_a_path_that_cannot_be_written_ends_the_recording_only(model, inputs, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    found = traced(model, inputs, path)
    assert answers(model, inputs, found)
    assert found.recorder.failure is not None and len(found.warnings) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("tokens", [1, 3])
def test_logits_that_are_not_finite_leave_a_trace_without_them(model, inputs, tmp_path, value, tokens):
    model.lm_head.weight.data[7] = value
    found = traced(model, inputs, tmp_path / "run.jsonl", tokens=tokens)
    assert found.recorder.failure is None
    answer = found.event("answer")
    assert "top_logits" not in answer and answer["token_ids"] == found.output[0, 252:].tolist()
    assert found.said("not finite") and found.warnings


def test_a_model_of_another_make_is_a_warning(tmp_path):
    path = tmp_path / "run.jsonl"
    with pytest.warns(UserWarning, match="Linear has no thinker.*Qwen2.5-VL or Qwen3-VL"):
        with seats_trace.record(torch.nn.Linear(1, 1), {}, path) as recorder:
            pass
    assert isinstance(recorder.failure, seats_trace.UnsupportedModel)
    lines = read(path)
    assert [line.get("event") for line in lines] == [None, "message", "end"]


@pytest.mark.parametrize("thing", [None, "model", 3])
def test_what_is_no_model_is_a_warning(tmp_path, thing):
    with pytest.warns(UserWarning, match="has no thinker"):
        with seats_trace.record(thing, None, tmp_path / "run.jsonl") as recorder:
            pass
    assert recorder.failure is not None


@pytest.mark.parametrize("options", [
    {"clip": 3}, {"clip": ["title"]}, {"settings": 3}, {"sample": "x"}, {"sample": 5}, {"sample": -1}, {"full": "nowhere"},
    {"full": 3.5}, {"processor": object()}, {"inputs": None}, {"inputs": 3}])
def test_odd_options_do_not_end_the_run(model, inputs, tmp_path, options):
    plain = {"inputs": inputs, **options}
    with warnings.catch_warnings(record=True), torch.no_grad():
        warnings.simplefilter("always")
        with seats_trace.record(model, plain.pop("inputs"), tmp_path / "run.jsonl", **plain):
            output = model.generate(**inputs, max_new_tokens=2)
    assert output.shape[1] > 252
    check_trace(read(tmp_path / "run.jsonl"))


HOOKS = ["_called", "_decodes", "_encodes", "_encoded", "_embeds", "_arrives", "_enters", "_norms", "_attends", "_attended",
         "_thinks", "_leaves", "_ends", "_heads", "_generate_begins", "_generated", "_finish"]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_mistake_in_any_hook_ends_the_recording_only(model, inputs, tmp_path, monkeypatch, hook):
    def broken(self, *_):
        raise RuntimeError("a mistake of the recorder")

    wrapped = getattr(getattr(seats_trace.Recorder, hook), "__wrapped__", None)
    if wrapped is None:
        monkeypatch.setattr(seats_trace.Recorder, hook, broken)
    else:
        states = ("waiting", "prefill", "decoding", "done")
        monkeypatch.setattr(seats_trace.Recorder, hook, seats_trace._hooks.guarded(*states)(broken))
    found = traced(model, inputs, tmp_path / "run.jsonl", check=False)
    assert answers(model, inputs, found)
    assert "a mistake of the recorder" in str(found.recorder.failure) and len(found.warnings) == 1
    assert found.said("a mistake of the recorder") and found.lines[-1]["event"] == "end"
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in model.modules())
    assert "generate" not in vars(model)


def test_warnings_that_are_errors_do_not_end_the_run(model, inputs, tmp_path, capsys):
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("error", UserWarning)
        with seats_trace.record(model, inputs, tmp_path / "nowhere" / "run.jsonl") as recorder:
            output = model.generate(**inputs, max_new_tokens=2)
    assert recorder.failure is not None and output.shape[1] > 252
    assert "seats_trace stopped recording" in capsys.readouterr().err


def test_an_error_of_the_run_is_passed_on_and_noted(model, inputs, tmp_path):
    def fails(_module, _args):
        raise KeyError("of the user's")

    find_parts(model).layers[4].register_forward_pre_hook(fails)
    with pytest.raises(KeyError), torch.no_grad():
        with seats_trace.record(model, inputs, tmp_path / "run.jsonl"):
            model.generate(**inputs, max_new_tokens=2)
    lines = read(tmp_path / "run.jsonl")
    assert lines[-1]["kind"] == "error" and "KeyError" in lines[-1]["text"]
    assert "generate" not in vars(model)


def test_messages_hold_names_of_files_and_not_where_they_lie(model, inputs, tmp_path):
    def fails(_module, _args):
        (tmp_path / "missing.bin").read_bytes()

    find_parts(model).layers[4].register_forward_pre_hook(fails)
    with pytest.raises(FileNotFoundError), torch.no_grad():
        with seats_trace.record(model, inputs, tmp_path / "run.jsonl"):
            model.generate(**inputs, max_new_tokens=2)
    assert "missing.bin" in read(tmp_path / "run.jsonl")[-1]["text"]
    assert str(tmp_path) not in (tmp_path / "run.jsonl").read_text()


def test_a_trace_is_made_anew_under_its_name(model, inputs, tmp_path):
    """Whoever reads the trace that was there before keeps reading that."""
    path = tmp_path / "run.jsonl"
    traced(model, inputs, path)
    with path.open() as before:
        first = before.readline()
        traced(model, inputs, path)
        assert before.readline() and path.read_text().splitlines()[0] + "\n" != first
    assert [file.name for file in tmp_path.iterdir()] == ["run.jsonl"]


def test_a_model_that_is_copied_or_saved_while_it_is_recorded_is_no_hindrance(model, inputs, tmp_path):
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}

    def run(model, inputs):
        copied = copy.deepcopy(model)
        stored = io.BytesIO()
        torch.save(copied, stored)
        other = copied.generate(**text, max_new_tokens=5, min_new_tokens=5, do_sample=False)
        assert copied.generate.__self__ is copied and other.shape == (1, 19)
        return model.generate(**inputs, max_new_tokens=3, min_new_tokens=3, do_sample=False)

    found = traced(model, inputs, tmp_path / "run.jsonl", run)
    assert found.recorder.failure is None and answers(model, inputs, found)
    assert len(found.tokens["ids"]) == 252


def test_two_recorders_of_one_model_do_not_disturb_each_other(model, inputs, tmp_path):
    with torch.no_grad(), seats_trace.record(model, inputs, tmp_path / "a.jsonl") as outer:
        with seats_trace.record(model, inputs, tmp_path / "b.jsonl") as inner:
            model.generate(**inputs, max_new_tokens=2, min_new_tokens=2)
    assert outer.failure is inner.failure is None and "generate" not in vars(model)
    traces = [read(tmp_path / name) for name in ("a.jsonl", "b.jsonl")]
    assert [line.get("event") for line in traces[0]] == [line.get("event") for line in traces[1]]


def test_many_recordings_hold_no_memory(model, inputs, tmp_path):
    alive = []
    for index in range(3):
        with torch.no_grad(), seats_trace.record(model, inputs, tmp_path / f"{index}.jsonl") as recorder:
            model.generate(**inputs, max_new_tokens=2)
        alive.append(recorder)
    held = [value for recorder in alive for value in vars(recorder).values() if isinstance(value, torch.Tensor)]
    assert not held
