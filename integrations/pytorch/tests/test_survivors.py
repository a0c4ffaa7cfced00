"""Which tokens are left, whatever dropped them."""

import pytest
import torch

from pruning import HookPruner
from seats_trace._model import find_parts


def drops(lines):
    """layer that is entered next → the drop before it."""
    found = {}
    for line in lines:
        if line.get("event") == "step" and "drop" in line:
            found[1 if line["step"] == "stage1" else line["layer"] + 1] = line["drop"]
    return found


@pytest.mark.parametrize("renumber", [False, True])
def test_a_method_that_prunes_inside_hooks_is_recovered_exactly(case, traced, renumber):
    model = case.model()
    ids = case.inputs()["input_ids"][0].tolist()
    media = {model.config.video_token_id, model.config.audio_token_id}
    text = lambda present: [p for p in present if ids[p] not in media]
    late = case.facts["num_layers"]
    pruner = HookPruner(model, {1: 0.8, 3: 0.7, 4: 0.9, late: text}, renumber)
    lines, _ = traced(model, case, tokens=3, method="hooks")
    found = drops(lines)
    assert {layer: drop["kept"] for layer, drop in found.items()} == pruner.kept
    assert [found[layer]["kind"] for layer in (1, 3, 4, late)] == ["stage1", "prune", "prune", "remove"]
    steps = [line for line in lines if line.get("event") == "step"]
    assert sum(steps[-2]["entering"].values()) == len(pruner.kept[late])
    assert all(step.get("selection_ms", 0) >= 0 for step in steps)
    assert lines[1]["settings"]["method"] == "hooks"


def test_it_does_not_matter_which_hook_came_first(video_and_sound, tmp_path):
    import json

    import seats_trace

    case, path = video_and_sound, tmp_path / "late.jsonl"
    model, inputs = case.model(), case.inputs()
    with torch.no_grad(), seats_trace.record(model, inputs, path) as recorder:
        pruner = HookPruner(model, {3: 0.5})
        model.generate(**inputs, max_new_tokens=2, do_sample=False)
    assert recorder.failure is None
    assert drops(map(json.loads, path.read_text().splitlines()))[3]["kept"] == pruner.kept[3]


def test_tokens_that_were_merged_are_known_by_position(video_and_sound, traced):
    """Every embedding changes on the way in, so states say nothing."""
    model = video_and_sound.model()
    pruner = HookPruner(model, {1: 0.6, 5: 0.5})
    blur = find_parts(model).decoder.register_forward_pre_hook(
        lambda _, args, kwargs: (args, {**kwargs, "inputs_embeds": kwargs["inputs_embeds"] * 1.0001}), with_kwargs=True)
    lines, _ = traced(model, video_and_sound)
    blur.remove()
    shared = [line["text"] for line in lines if line.get("event") == "message"]
    found = drops(lines)
    assert found[5]["kept"] and len(found[1]["kept"]) == len(pruner.kept[1])
    tokens = lines[1]["tokens"]
    place = lambda kept: [(tokens["t"][p], tokens["h"][p], tokens["w"][p]) for p in kept]
    assert place(found[1]["kept"]) == place(pruner.kept[1])
    assert len(shared) >= 1 and "told apart by their order" in shared[0]
