"""What the recorder reads of each layer's next token and attention, against eager transformers."""

import json

import pytest
import torch

import cases
import seats_trace
from seats_trace._model import find_parts

LETTERS = {"T": "text", "I": "image", "V": "video", "A": "audio"}


def lens_line(lines):
    found = [line for line in lines if line.get("event") == "lens"]
    assert len(found) == 1
    names = [line.get("event") for line in lines]
    head = next(at for at, line in enumerate(lines) if line.get("step") == "head")
    assert names.index("lens") > head
    return found[0]


def test_the_lens_equals_eager_transformers(traced, case):
    model = case.model()
    lines, _ = traced(model, case, lens="full")
    found, run = lens_line(lines), next(line for line in lines if line.get("event") == "run")
    with torch.no_grad():
        made = model(**case.inputs(), output_hidden_states=True, output_attentions=True, use_cache=False)
        parts, layers = find_parts(model), case.facts["num_layers"]
        states = [state[0, -1] for state in made.hidden_states]
        logs = parts.head(torch.stack([parts.norm(state) for state in states[1:layers]] + [states[layers]])).log_softmax(-1)
    assert [layer["layer"] for layer in found["layers"]] == list(range(1, layers + 1))
    letters = run["tokens"]["modality"]
    for layer, log, weights in zip(found["layers"], logs, made.attentions):
        said, looked = layer["would_say"], layer["looks_at"]
        best = log.exp().topk(5)
        assert torch.allclose(torch.tensor([one["probability"] for one in said["best"]]), best.values, atol=1e-4)
        assert abs(said["entropy"] + float((log.exp() * log).sum())) < 1e-3
        assert abs(said["kl"] - float((logs[-1].exp() * (logs[-1] - log)).sum())) < 1e-3
        last = weights[0, :, -1]
        for letter, name in LETTERS.items():
            if letter not in letters:
                continue
            shares = last[:, [at for at, other in enumerate(letters) if other == letter]].sum(-1)
            assert torch.allclose(torch.tensor(looked["heads"][name]), shares, atol=1e-4)
            assert abs(looked["mean"][name] - float(shares.mean())) < 1e-4
            assert abs(looked["most"][name] - float(shares.max())) < 1e-4
        assert abs(sum(looked["mean"].values()) - 1) < 1e-4


def test_the_lens_does_not_change_the_run_or_what_hooks_see(case, tmp_path):
    model = case.model()
    parts, calls = find_parts(model), []
    watched = [parts.norm, parts.head, parts.layers[0].input_layernorm, parts.layers[0].self_attn.q_proj]
    handles = [module.register_forward_hook(lambda *_, at=at: calls.append(at)) for at, module in enumerate(watched)]
    seen = []
    for lens in (None, "summary"):
        calls.clear()
        with torch.no_grad(), seats_trace.record(model, case.inputs(), tmp_path / "run.jsonl", lens=lens) as recorder:
            output = model.generate(**case.inputs(), max_new_tokens=3, do_sample=False)
        assert recorder.failure is None
        seen.append((list(calls), output.tolist()))
    assert seen[0] == seen[1]
    for handle in handles:
        handle.remove()


def test_without_a_cache_what_layers_look_at_is_left_out_and_said(case, tmp_path):
    model, path = case.model(), tmp_path / "run.jsonl"
    with torch.no_grad(), seats_trace.record(model, case.inputs(), path, lens="summary"):
        model(**case.inputs(), use_cache=False)
    found = lens_line([json.loads(line) for line in path.read_text().splitlines()])
    assert found["notes"] and all("looks_at" not in layer and "would_say" in layer for layer in found["layers"])


def test_an_unknown_choice_is_a_warning_and_not_recorded(video_and_sound, tmp_path):
    model = video_and_sound.model()
    with pytest.warns(UserWarning, match="lens"):
        with seats_trace.record(model, video_and_sound.inputs(), tmp_path / "run.jsonl", lens="all"):
            pass
