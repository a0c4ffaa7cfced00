"""What the user adds: settings, scores, a full run, and what a trace says of who wrote it."""

import json
import platform

import pytest
import torch
import transformers

import seats_trace
from pruning import HookPruner
from seats_trace._model import find_parts
from traces import read, traced


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


@pytest.fixture
def model(video_and_sound):
    return video_and_sound.model()


@pytest.fixture
def inputs(video_and_sound):
    return video_and_sound.inputs()


def test_the_header_names_the_run_and_the_versions(model, inputs, path, tmp_path):
    headers = [traced(model, inputs, file).lines[0] for file in (path, tmp_path / "other.jsonl")]
    assert headers[0]["versions"] == {
        "python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__}
    assert len({header["run_id"] for header in headers}) == 2
    assert headers[0]["writer"] == f"seats_trace {seats_trace.__version__}"


def test_settings_are_written_as_given(model, inputs, path):
    settings = {"video_ratio": 0.3, "drop_layers": [4, 6, 7], "late_layer": 9, "encoder_scale": 1.4}
    found = traced(model, inputs, path, method="mine", settings=settings)
    assert found.event("run")["settings"] == {**settings, "method": "mine"}
    assert "settings" not in traced(model, inputs, path).event("run")


def test_a_full_run_is_written_from_its_trace(model, inputs, path, tmp_path, video_and_sound):
    whole = traced(model, inputs, tmp_path / "full.jsonl")
    HookPruner(model, {3: 0.5})
    found = traced(model, inputs, path, full=tmp_path / "full.jsonl")
    full = found.event("full")
    layers = [whole.step(layer) for layer in range(1, 11)]
    assert full["layer_ms"] == [step["ms"] for step in layers]
    assert full["prefill_ms"] == pytest.approx(sum(full["layer_ms"]) + whole.steps[-1]["ms"])
    assert full["kv_bytes"] == layers[-1]["kv_bytes"]
    assert full["answer"]["token_ids"] == whole.event("answer")["token_ids"]
    again = traced(model, inputs, path, full=whole.recorder)
    assert again.event("full")["layer_ms"] == full["layer_ms"]
    given = traced(model, inputs, path, full={"prefill_ms": 3.5})
    assert given.event("full")["prefill_ms"] == 3.5


@pytest.mark.parametrize("fault, words", [
    ("pruned", "dropped tokens"), ("other", "another prompt"), ("text", "not a trace"), ("missing", "No such file"),
    ("itself", "the file to write")])
def test_what_is_no_full_run_is_left_out_and_mentioned(model, inputs, path, tmp_path, fault, words):
    source = tmp_path / "full.jsonl"
    if fault == "text":
        source.write_text("hello\n")
    elif fault == "other":
        traced(model, {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}, source)
    elif fault in ("pruned", "itself"):
        source = path if fault == "itself" else source
        pruner = HookPruner(model, {3: 0.5})
        traced(model, inputs, source)
        pruner.close()
    before = source.read_text() if source.exists() else None
    found = traced(model, inputs, path, full=source)
    assert not found.events("full")
    assert any(words in text for text in found.warnings)
    assert before is None or source.read_text() == before
    assert (found.recorder.failure is not None) == (fault == "itself")
    assert not any(str(tmp_path) in text for text in found.messages)


@pytest.mark.parametrize("layer", [1, 4])
def test_scores_stand_beside_the_drop(model, inputs, path, layer):
    held = {}

    def score(_module, args, kwargs):
        states = kwargs["inputs_embeds"] if layer == 1 else args[0]
        if states.shape[1] > 1:
            held["values"] = states.norm(dim=-1)
            held["recorder"].scores(layer - 1, held["values"])

    # Where the rows are whole: in front of the method, which prunes on the way into the decoder or a layer.
    scored = find_parts(model).decoder if layer == 1 else find_parts(model).layers[layer - 1]
    scored.register_forward_pre_hook(score, with_kwargs=True)
    HookPruner(model, {layer: 0.5})
    with torch.no_grad():
        held["recorder"] = recorder = seats_trace.record(model, inputs, path)
        with recorder:
            model.generate(**inputs, max_new_tokens=2, do_sample=False)
    step = next(s for s in read(path) if s.get("drop"))
    assert step["drop"]["scores"] == pytest.approx(held["values"][0].tolist())
    assert recorder.failure is None


@pytest.mark.parametrize("values", [[1.0, 2.0], "nan"])
def test_scores_that_do_not_fit_are_left_out_and_mentioned(model, inputs, path, values):
    def score(_module, args, kwargs):
        if args[0].shape[1] > 1:
            recorder.scores(3, torch.full((1, 252), float("nan")) if values == "nan" else values)

    find_parts(model).layers[3].register_forward_pre_hook(score, with_kwargs=True)
    HookPruner(model, {4: 0.5})
    with torch.no_grad(), seats_trace.record(model, inputs, path) as recorder:
        model.generate(**inputs, max_new_tokens=2, do_sample=False)
    lines = read(path)
    assert recorder.failure is None
    assert "scores" not in next(s for s in lines if s.get("drop"))["drop"]
    assert any("left out" in line.get("text", "") for line in lines)


def test_scores_never_raise_whenever_they_come(model, inputs, path):
    recorder = seats_trace.record(model, inputs, path)
    recorder.scores(3, [1.0])
    with torch.no_grad(), recorder:
        recorder.scores(3, object())
        model.generate(**inputs, max_new_tokens=2, do_sample=False)
        recorder.scores("x", None)
    recorder.scores(3, [1.0])
    assert recorder.failure is None


def test_work_and_memory_stand_in_every_step(case, tmp_path):
    found = traced(case.model(), case.inputs(), tmp_path / "run.jsonl")
    count = case.facts["n_prompt_tokens"]
    model = case.model()
    parts = find_parts(model)
    text = parts.config.get_text_config()
    assert all(step["rss_bytes"] > 0 for step in found.steps)
    head = found.steps[-1]
    assert head["executed_flops"] % (2 * text.hidden_size * text.vocab_size) == 0
    width = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    pairs = count * (count + 1) / 2
    attention = sum(module.in_features * module.out_features for module in parts.layers[0].self_attn.modules()
                    if isinstance(module, torch.nn.Linear))
    if case.is_qwen3:
        mlp = 3 * text.num_experts_per_tok * text.hidden_size * text.moe_intermediate_size + text.hidden_size * text.num_experts
    else:
        mlp = 3 * text.hidden_size * text.intermediate_size
    wanted = 2 * count * (attention + mlp) + 4 * pairs * text.num_attention_heads * width
    assert found.step(3)["executed_flops"] == wanted


def test_preprocessing_time_is_written(model, inputs, path):
    assert traced(model, inputs, path, preprocessing_ms=12.5).event("run")["preprocessing_ms"] == 12.5


def test_no_value_is_waited_for_between_the_prompt_and_the_answer(model, inputs, path, monkeypatch):
    """Whatever the hooks read of a tensor has come through Fetch, which knows when it is there."""
    fetched, read_elsewhere, depth = set(), [], []
    make = seats_trace._clock.Fetch.__init__

    def remember(self, tensor):
        depth.append(1)
        make(self, tensor)
        depth.pop()
        fetched.add(self._host)

    def watch(name):
        stock = getattr(torch.Tensor, name)

        def watched(tensor, *args, **kwargs):
            inside = recorder.state == "prefill" and recorder.announced and recorder.clock._entered is not None
            if inside and not depth and not any(tensor is host or tensor._base is host for host in fetched):
                read_elsewhere.append(name)
            return stock(tensor, *args, **kwargs)

        return watched

    monkeypatch.setattr(seats_trace._clock.Fetch, "__init__", remember)
    recorder = seats_trace.record(model, inputs, path)
    for name in ("tolist", "item", "cpu", "numpy", "__bool__", "__int__", "__float__", "__index__", "nonzero"):
        monkeypatch.setattr(torch.Tensor, name, watch(name))
    HookPruner(model, {1: 0.8, 3: 0.6, 5: 0.5})
    with torch.no_grad(), recorder:
        model.generate(**inputs, max_new_tokens=3, do_sample=False)
    assert recorder.failure is None and fetched
    assert not read_elsewhere


def test_lines_wait_for_what_is_behind_and_keep_their_order(model, inputs, path, monkeypatch):
    """As on a GPU that is behind: nothing has come until the run is over."""
    HookPruner(model, {1: 0.8, 3: 0.6, 5: 0.5})
    plain = traced(model, inputs, path)
    monkeypatch.setattr(seats_trace._clock.Fetch, "is_ready", lambda self: False)
    HookPruner(model, {})
    late = traced(model, inputs, path)
    strip = lambda lines: [
        {key: value for key, value in line.items() if key in ("event", "step", "layer", "drop", "leaving", "id", "text")}
        for line in lines]
    assert len(strip(late.lines)) == len(strip(plain.lines))
    assert [line.get("event") for line in late.lines] == [line.get("event") for line in plain.lines]


def test_lines_are_json_objects_on_lines_of_their_own(model, inputs, path):
    found = traced(model, inputs, path, clip={"title": "a\nb\u2028\ud800\x9b31m\u202egreen\x1b[2J\x7f"})
    data = path.read_bytes()
    assert found.event("run")["clip"]["title"] == "a\nb\u2028\ufffd\x9b31m\u202egreen\x1b[2J\x7f"
    assert not any(mark in data.decode() for mark in "\u2028\x9b\u202e\x1b\x7f")
    assert data.endswith(b"\n") and all(isinstance(json.loads(line), dict) for line in data.decode().split("\n")[:-1])
