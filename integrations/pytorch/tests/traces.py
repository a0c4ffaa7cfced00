"""Records a run, reads the trace, and holds it to the rules of docs/trace-format.md."""

import json
import math
import warnings
from dataclasses import dataclass, field

import torch

import seats_trace

LETTERS = {"T": "text", "V": "video", "A": "audio", "I": "image"}


@dataclass
class Traced:
    """A trace and how its recording ended."""

    lines: list
    output: object = None
    recorder: object = None
    warnings: list = field(default_factory=list)

    def events(self, name):
        return [line for line in self.lines if line.get("event") == name]

    def event(self, name):
        found = self.events(name)
        assert len(found) == 1, f"{len(found)} lines of {name}"
        return found[0]

    @property
    def tokens(self):
        return self.event("run")["tokens"]

    @property
    def steps(self):
        return self.events("step")

    def step(self, layer):
        """A layer by its number; 0 is Stage I."""
        return next(s for s in self.steps if s.get("layer", 0 if s["step"] == "stage1" else None) == layer)

    @property
    def messages(self):
        return [line["text"] for line in self.events("message")]

    def said(self, *words):
        return any(all(word in text for word in words) for text in self.messages)


def read(path):
    return [json.loads(line, parse_constant=_no_constant) for line in path.read_text().split("\n") if line]


def _no_constant(name):
    raise AssertionError(f"{name} is not JSON")


def traced(model, inputs, path, run=None, tokens=3, check=True, **options):
    """Records `run(model, inputs)`; a greedy generation of `tokens` tokens where it is left out."""
    run = run or (lambda model, inputs: model.generate(
        **inputs, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False))
    with warnings.catch_warnings(record=True) as caught, torch.no_grad():
        warnings.simplefilter("always")
        with seats_trace.record(model, inputs, path, **options) as recorder:
            output = run(model, inputs)
    lines = read(path) if hasattr(path, "read_text") and path.is_file() else []
    found = Traced(lines, output, recorder, [str(w.message) for w in caught if "seats_trace" in str(w.message)])
    if check and lines:
        check_trace(lines)
    return found


def check_trace(lines):
    """The rules that a reader holds a trace to."""
    assert lines[0]["schema"] == "seats-top/trace/1"
    run = next((line for line in lines if line.get("event") == "run"), None)
    if run is None:
        assert not [line for line in lines if line.get("event") in ("step", "token", "answer", "full")]
        return
    count = len(run["tokens"]["modality"])
    for name, column in run["tokens"].items():
        if isinstance(column, list):
            assert len(column) == count, name
    left = list(range(count))
    counts = _counts(run["tokens"]["modality"], left)
    for step in (line for line in lines if line.get("event") == "step"):
        entering, leaving = step["entering"], step["leaving"]
        assert entering == {name: counts[name] for name in entering}
        assert all(leaving[name] <= entering[name] for name in leaving)
        if "drop" in step:
            kept = step["drop"]["kept"]
            assert kept == sorted(set(kept)) and (left is None or set(kept) <= set(left))
            assert leaving == {name: _counts(run["tokens"]["modality"], kept)[name] for name in leaving}
            left = kept
        elif leaving != entering:
            left = None
        counts = {**counts, **leaving}
        for name, value in step.items():
            if isinstance(value, float):
                assert math.isfinite(value) and value >= 0, name


def _counts(modality, kept):
    return {name: sum(modality[position] == letter for position in kept) for letter, name in LETTERS.items()}


class HostClock:
    """Time that passes only where a test lets it; takes the place of the host's."""

    def __init__(self, monkeypatch):
        self.seconds = 0.0
        monkeypatch.setattr("seats_trace._clock.time.perf_counter", lambda: self.seconds)

    def passes(self, module, seconds):
        """Lets time pass whenever `module` is called with more than one token."""

        def wait(_module, _args, _kwargs):
            self.seconds += seconds

        return module.register_forward_pre_hook(wait, with_kwargs=True)
