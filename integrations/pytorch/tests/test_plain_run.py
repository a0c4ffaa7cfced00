"""What a trace says of a run that drops nothing."""

import json

import pytest
import torch
from safetensors.torch import load_file


def events(lines, name):
    return [line for line in lines if line.get("event") == name]


def test_the_prompt_is_the_published_one(case, traced):
    lines, _ = traced(case.model(), case)
    expected = load_file(case.directory / "expected.safetensors")
    tokens = events(lines, "run")[0]["tokens"]
    assert lines[0]["schema"] == "seats-top/trace/1"
    assert tokens["ids"] == expected["prompt.input_ids"].tolist()
    assert torch.equal(torch.tensor([tokens[axis] for axis in "thw"]).float(), expected["prompt.position_ids"].float())
    assert tokens["modality"].count("V") == case.facts.get("n_video_tokens", 0)
    assert tokens["modality"].count("A") == case.facts.get("n_audio_tokens", 0)


def test_every_step_is_there_and_nothing_is_dropped(case, traced):
    lines, _ = traced(case.model(), case)
    steps = events(lines, "step")
    layers = case.facts["num_layers"]
    assert [step["step"] for step in steps] == ["encoders", "stage1"] + ["layer"] * layers + ["head"]
    assert [step.get("layer") for step in steps[2:-1]] == list(range(1, layers + 1))
    assert all("drop" not in step and step["entering"] == step["leaving"] for step in steps)
    assert all(step["ms"] > 0 for step in steps if step["step"] in ("layer", "head"))
    kv = [step["kv_bytes"] for step in steps[2:-1]]
    model = events(lines, "run")[0]["model"]
    assert kv == [n * 2 * 4 * model["kv_width"] * case.facts["n_prompt_tokens"] for n in range(1, layers + 1)]


def test_the_answer_is_what_was_generated(case, traced):
    lines, output = traced(case.model(), case, tokens=8)
    expected = load_file(case.directory / "expected.safetensors")
    answer = events(lines, "answer")[0]
    assert answer["token_ids"] == output[0, case.facts["n_prompt_tokens"] :].tolist()
    assert answer["token_ids"] == expected["full.generated_ids"].tolist()
    best = expected["full.logits_last"].topk(5)
    assert [top["id"] for top in answer["top_logits"]] == best.indices.tolist()
    assert [top["logit"] for top in answer["top_logits"]] == pytest.approx(best.values.tolist(), abs=1e-3)
    assert [line["id"] for line in events(lines, "token")] == answer["token_ids"][:-1]
    assert lines[-1]["event"] == "end" and lines[-1]["peak_memory_bytes"] > 0


def test_a_decoding_loop_of_ones_own_is_seen_too(video_and_sound, tmp_path):
    import seats_trace

    case, path = video_and_sound, tmp_path / "loop.jsonl"
    model, inputs = case.model(), case.inputs()
    with torch.no_grad(), seats_trace.record(model, inputs, path) as recorder:
        out = model(**inputs, use_cache=True)
        ids = [int(out.logits[0, -1].argmax())]
        for step in range(2):
            at = torch.tensor([inputs["input_ids"].shape[1] + step])
            out = model(
                input_ids=torch.tensor([ids[-1:]]), past_key_values=out.past_key_values, cache_position=at,
                position_ids=at.expand(3, 1, 1), attention_mask=torch.ones(1, int(at) + 1, dtype=torch.long))
            ids.append(int(out.logits[0, -1].argmax()))
    assert recorder.failure is None
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert events(lines, "answer")[0]["token_ids"] == ids


def test_the_model_is_left_as_it_was(video_and_sound, traced):
    model = video_and_sound.model()
    before = {name for name in vars(model)}
    traced(model, video_and_sound)
    assert {name for name in vars(model)} == before
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in model.modules())
