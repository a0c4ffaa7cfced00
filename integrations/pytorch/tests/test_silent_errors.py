"""What a trace must not get wrong without saying so."""

import types

import pytest
import torch

import cases
import seats_trace
from methods import PatchedDecoder, PatchedLayer, merged, picked, tokens_of
from pruning import HookPruner
from seats_trace._memory import Memory
from seats_trace._model import find_parts, weights
from traces import HostClock, read, traced


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


@pytest.fixture
def model(video_and_sound):
    return video_and_sound.model()


@pytest.fixture
def inputs(video_and_sound):
    return video_and_sound.inputs()


# Times

@pytest.mark.parametrize("slow", ["vision", "audio"])
def test_selection_before_layer_1_begins_when_the_last_encoder_has_ended(model, inputs, path, monkeypatch, slow):
    clock = HostClock(monkeypatch)
    encoder = getattr(find_parts(model), slow)
    clock.passes(encoder.blocks[0] if slow == "vision" else encoder.layers[0], 300)
    HookPruner(model, {1: 0.8})
    found = traced(model, inputs, path)
    encoders = found.steps[0]
    assert encoders[f"{slow}_ms"] == encoders["ms"] == 300_000
    assert found.step(0)["selection_ms"] == 0


def test_the_encoders_time_has_its_parts(model, inputs, path, monkeypatch):
    clock = HostClock(monkeypatch)
    clock.passes(find_parts(model).vision.blocks[0], 2)
    clock.passes(find_parts(model).audio.layers[0], 3)
    step = traced(model, inputs, path).steps[0]
    assert (step["ms"], step["vision_ms"], step["audio_ms"]) == (5000, 2000, 3000)


@pytest.mark.parametrize("drops", [False, True])
def test_time_between_two_layers_is_written_whether_or_not_tokens_are_dropped(model, inputs, path, monkeypatch, drops):
    clock = HostClock(monkeypatch)
    clock.passes(find_parts(model).layers[5], 0.2)
    if drops:
        HookPruner(model, {6: 0.5})
    found = traced(model, inputs, path)
    step = found.step(5)
    assert step["selection_ms" if drops else "rest_ms"] == pytest.approx(200)
    assert ("rest_ms" in step) is not drops and ("selection_ms" in step) is drops


def test_what_the_recorder_does_is_in_no_time(model, inputs, path, monkeypatch):
    clock = HostClock(monkeypatch)
    work = seats_trace._survivors.fingerprints

    def slowly(rows):
        clock.seconds += 1000
        return work(rows)

    monkeypatch.setattr("seats_trace._survivors.fingerprints", slowly)
    HookPruner(model, {1: 0.8, 3: 0.7})
    found = traced(model, inputs, path)
    assert clock.seconds >= 4000
    assert all(value == 0 for step in found.steps for name, value in step.items() if name.endswith("ms"))


# The user's run

def test_a_generate_of_the_users_own_is_put_back(model, inputs, path):
    stock = type(model).generate

    def short(self, **kwargs):
        return stock(self, **{**kwargs, "max_new_tokens": 2, "min_new_tokens": 2})

    model.generate = own = types.MethodType(short, model)
    found = traced(model, inputs, path, tokens=5)
    assert vars(model)["generate"] is own
    assert len(found.event("answer")["token_ids"]) == 2


def test_a_generate_that_is_set_while_recording_stays(model, inputs, path):
    def run(model, inputs):
        model.generate = replacement
        return None

    replacement = lambda **_: None
    traced(model, inputs, path, run)
    assert vars(model)["generate"] is replacement


# Memory

def test_bytes_of_keys_and_values_are_those_left_after_the_drop(model, inputs, path):
    """As SEATS does, the method takes what it drops from the caches of the layers that have run."""
    pruner = HookPruner(model, {4: 0.5})
    layers = find_parts(model).layers

    def crop(_module, args, kwargs):
        cache = kwargs.get("past_key_values") or kwargs.get("past_key_value")
        if 4 in pruner.kept and args[0].shape[1] > 1:
            at = torch.tensor(pruner.kept[4])
            for layer in cache.layers[:3]:
                layer.keys, layer.values = layer.keys[:, :, at], layer.values[:, :, at]

    layers[3].register_forward_pre_hook(crop, with_kwargs=True)
    found = traced(model, inputs, path)
    per_token = 2 * 4 * found.event("run")["model"]["kv_width"]
    kept = len(pruner.kept[4])
    assert [found.step(layer)["kv_bytes"] for layer in (1, 2, 3, 4)] == [
        252 * per_token, 2 * 252 * per_token, 3 * kept * per_token, 4 * kept * per_token]


def test_peak_memory_is_not_what_another_run_held(monkeypatch):
    highest, resident = [1000], [10]
    monkeypatch.setattr(Memory, "_highest", lambda self: highest[0])
    monkeypatch.setattr("seats_trace._memory._resident", lambda: resident[0])
    memory = Memory()
    resident[0] = 700
    memory.sample()
    resident[0] = 20
    assert memory.peak() == 700
    highest[0] = 1500
    assert memory.peak() == 1500


# Survivors

def test_merged_tokens_with_new_positions_are_counted_and_not_named(video_and_sound, model, inputs, path):
    text, video, audio = tokens_of(video_and_sound)
    groups = [video[i : i + 2] for i in range(40, 60, 2)] + [audio[i : i + 3] for i in range(100, 130, 3)]
    gone = {p for group in groups for p in group}
    keep = sorted(set(range(252)) - gone - set(video[20:40]))
    PatchedDecoder(model, {1: merged(keep, groups)})
    found = traced(model, inputs, path)
    step = found.step(0)
    assert found.recorder.failure is None and "drop" not in step
    assert step["leaving"]["text"] == len(text)
    assert sum(step["leaving"].values()) == len(keep) + len(groups)
    assert found.said(f"{len(groups)} of", "merged")
    assert found.step(10)["leaving"] == step["leaving"]
    assert found.events("answer")


@pytest.mark.parametrize("layer", [1, 4])
def test_survivors_out_of_order_with_new_positions_are_the_right_ones(video_and_sound, model, inputs, path, layer):
    text, video, audio = tokens_of(video_and_sound)
    front, behind = [p for p in text if p < video[0]], [p for p in text if p > video[0]]
    order = front + audio[::4] + video[::-2] + behind
    PatchedDecoder(model, {layer: picked(order)})
    found = traced(model, inputs, path)
    step = found.step(layer - 1)
    assert step["drop"]["kept"] == sorted(order)
    assert step["leaving"] == {"text": len(text), "video": len(video[::-2]), "audio": len(audio[::4])}
    assert found.said("another order")


@pytest.mark.parametrize("where", ["entry", "middle", "exit"])
def test_a_layer_that_prunes_inside_itself_is_recovered_exactly(video_and_sound, model, inputs, path, where):
    text, video, audio = tokens_of(video_and_sound)
    keep = sorted(text + video[::3] + audio[1::2])
    PatchedLayer(model, 4, keep, where)
    found = traced(model, inputs, path)
    assert found.recorder.failure is None, found.recorder.failure
    assert found.step(4)["drop"]["kept"] == keep
    assert sum(found.step(4)["entering"].values()) == 252
    assert all(sum(found.step(layer)["entering"].values()) == len(keep) for layer in range(5, 11))
    assert [step for step in found.steps if "drop" in step] == [found.step(4)]
    assert "executed_flops" not in found.step(4)
    assert found.events("answer")


def test_tokens_masked_instead_of_dropped_are_mentioned(video_and_sound, model, inputs, path):
    _, video, _ = tokens_of(video_and_sound)

    def mask(_module, args, kwargs):
        if args[0].shape[1] > 1:
            changed = kwargs["attention_mask"].clone()
            changed[..., torch.tensor(video)] = torch.finfo(changed.dtype).min
            return args, {**kwargs, "attention_mask": changed}

    for layer in find_parts(model).layers[2:]:
        layer.register_forward_pre_hook(mask, with_kwargs=True)
    found = traced(model, inputs, path)
    assert found.said("From layer 3 on", "60 of 252", "masked")
    assert not traced(video_and_sound.model(), inputs, path).said("masked")


def test_a_new_order_of_the_same_tokens_is_mentioned(model, inputs, path):
    PatchedDecoder(model, {5: picked([*range(20), *range(200, 19, -1), *range(201, 252)])})
    found = traced(model, inputs, path)
    assert found.said("another order") and not any("drop" in step for step in found.steps)


def test_copies_in_the_place_of_dropped_tokens_are_mentioned(model, inputs, path):
    order = list(range(252))
    order[100:105] = [30, 31, 32, 33, 34]
    PatchedDecoder(model, {5: picked(order)})
    found = traced(model, inputs, path)
    assert found.said("5 of 252", "copied") and not any("drop" in step for step in found.steps)


# The answer

def test_the_answer_is_whole_without_a_cache(model, inputs, path):
    found = traced(model, inputs, path, tokens=6, run=lambda model, inputs: model.generate(
        **inputs, max_new_tokens=6, min_new_tokens=6, do_sample=False, use_cache=False))
    answer = found.event("answer")
    assert answer["token_ids"] == found.output[0, 252:].tolist() and answer["complete"]
    assert len(found.events("token")) == 5


def loop(model, inputs, cached, choose, tokens=4):
    """A user's own loop over the text model and the head."""
    parts = find_parts(model)
    embeddings = model.get_input_embeddings()
    ids, states, made = inputs["input_ids"], None, []
    for step in range(tokens):
        fed = ids if not cached or step == 0 else ids[:, -1:]
        out = parts.decoder(inputs_embeds=embeddings(fed), past_key_values=states, use_cache=cached)
        states = out.past_key_values
        made.append(choose(parts.head(out.last_hidden_state[:, -1:])[0, -1]))
        ids = torch.cat([ids, torch.tensor([made[-1:]])], dim=1)
    return made


@pytest.mark.parametrize("cached", [True, False])
def test_the_answer_of_a_loop_over_the_text_model_is_whole(model, inputs, path, cached):
    found = traced(model, inputs, path, lambda model, inputs: loop(model, inputs, cached, lambda x: int(x.argmax())))
    answer = found.event("answer")
    assert answer["token_ids"] == found.output and answer["complete"]


def test_a_loop_that_does_not_take_the_most_likely_token_is_not_guessed_at(model, inputs, path):
    run = lambda model, inputs: loop(model, inputs, True, lambda x: int(x.topk(2).indices[1]))
    found = traced(model, inputs, path, run)
    answer = found.event("answer")
    assert answer["token_ids"] == found.output[:-1] and answer["complete"] is False
    assert found.said("last token", "not known")


def test_a_loop_whose_tokens_are_not_seen_has_no_answer(model, inputs, path):
    table = model.get_input_embeddings().weight

    def run(model, inputs):
        parts, states, fed = find_parts(model), None, inputs["input_ids"]
        for _ in range(3):
            out = parts.decoder(inputs_embeds=table[fed], past_key_values=states, use_cache=True)
            states = out.past_key_values
            fed = parts.head(out.last_hidden_state[:, -1:]).argmax(-1)

    found = traced(model, inputs, path, run)
    assert not found.events("answer") and found.said("answer is left out")
    assert len(found.steps) == 13


def test_a_wrapper_that_passes_on_attributes_is_not_taken_for_the_thinker(model, inputs, path):
    """As FSDP does: `wrapper.module.generate` is the thinker's."""

    class Wrapper(torch.nn.Module):
        def __init__(self, module):
            super().__init__()
            self.module = module

        def __getattr__(self, name):
            try:
                return super().__getattr__(name)
            except AttributeError:
                return getattr(self.module, name)

    wrapper = Wrapper(model)
    found = traced(wrapper, inputs, path, tokens=6, run=lambda wrapper, inputs: wrapper.module.generate(
        **inputs, max_new_tokens=6, min_new_tokens=6, do_sample=False))
    assert found.event("answer")["token_ids"] == found.output[0, 252:].tolist()


@pytest.mark.parametrize("drafts", ["prompt_lookup_num_tokens", "assistant_model"])
def test_draft_tokens_are_not_taken_for_the_prompt(video_and_sound, model, inputs, path, drafts):
    value = 3 if drafts == "prompt_lookup_num_tokens" else video_and_sound.model()
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}

    def run(model, inputs):
        return model.generate(**inputs, max_new_tokens=4, do_sample=False, **{drafts: value})

    expected = run(video_and_sound.model(), text)
    found = traced(model, text, path, run)
    assert torch.equal(found.output, expected)
    assert not found.events("run") and drafts in str(found.recorder.failure)


def test_a_prompt_in_several_parts_is_not_taken_for_drops(model, inputs, path):
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}
    found = traced(model, text, path, lambda model, inputs: model.generate(
        **inputs, max_new_tokens=3, do_sample=False, prefill_chunk_size=5))
    assert not found.steps and "several parts" in str(found.recorder.failure)


def test_a_prompt_in_several_parts_of_an_own_loop_is_not_taken_for_drops(model, inputs, path):
    ids = inputs["input_ids"][:, :14]

    def run(model, inputs):
        states = None
        for part in inputs["input_ids"].split(5, dim=1):
            states = model(input_ids=part, past_key_values=states, use_cache=True).past_key_values

    found = traced(model, {"input_ids": ids}, path, run)
    assert not found.steps and "several parts" in str(found.recorder.failure)


def test_embeddings_in_several_parts_are_not_taken_for_drops(model, inputs, path):
    table = model.get_input_embeddings().weight

    def run(model, inputs):
        states = None
        for part in inputs["input_ids"].split(100, dim=1):
            states = find_parts(model).decoder(
                inputs_embeds=table[part], past_key_values=states, use_cache=True).past_key_values

    found = traced(model, {"input_ids": inputs["input_ids"]}, path, run)
    assert "several parts" in str(found.recorder.failure) and found.warnings
    assert found.events("rewind") or not found.steps


@pytest.mark.parametrize("known", [True, False])
def test_a_prompt_whose_parts_all_reach_the_head_is_not_taken_for_drops(model, inputs, path, known):
    table = model.get_input_embeddings()

    def run(model, inputs):
        parts, states = find_parts(model), None
        for part in inputs.split(100, dim=1):
            out = parts.decoder(inputs_embeds=table(part), past_key_values=states, use_cache=True)
            states = out.past_key_values
            parts.head(out.last_hidden_state)

    ids = inputs["input_ids"]
    found = traced(model, {"input_ids": ids} if known else {}, path, lambda model, _: run(model, ids))
    assert "several parts" in str(found.recorder.failure)
    assert found.events("rewind") or not found.steps


def test_another_prompt_after_the_first_is_left_out(model, inputs, path):
    texts = [{name: inputs[name][:, :length] for name in ("input_ids", "attention_mask")} for length in (14, 11)]
    found = traced(model, texts[0], path, lambda model, _: [model(**text).logits for text in texts])
    assert found.recorder.failure is None, found.recorder.failure
    assert found.event("answer")["token_ids"] == [int(found.output[0][0, -1].argmax())]


def test_a_static_cache_holds_what_was_put_into_it(video_and_sound, model, inputs, path, tmp_path):
    HookPruner(model, {})
    plain = traced(video_and_sound.model(), inputs, tmp_path / "plain.jsonl")
    try:
        found = traced(video_and_sound.model(), inputs, path, lambda model, inputs: model.generate(
            **inputs, max_new_tokens=3, min_new_tokens=3, do_sample=False, cache_implementation="static"))
    except Exception as error:
        pytest.skip(f"transformers cannot do it here: {error}")
    assert [s["kv_bytes"] for s in found.steps] == [s["kv_bytes"] for s in plain.steps]
    assert not found.said("masked")


# Media

def with_images(model, images):
    """A text prompt around pictures of 4 × 4 patches, 4 tokens each."""
    config = find_parts(model).config
    token = getattr(config, "image_token_index", None) or config.image_token_id
    start, end = 609, 610
    ids = [1, 2, 3]
    for _ in range(images):
        ids += [start, *[token] * 4, end]
    ids = torch.tensor([ids + [4, 5, 6]])
    torch.manual_seed(5)
    return {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": torch.randn(16 * images, 1176),
        "image_grid_thw": torch.tensor([[1, 4, 4]] * images),
    }


def test_images_are_a_modality_of_their_own(model, path):
    found = traced(model, with_images(model, 2), path)
    assert found.tokens["modality"] == "TTT" + "TIIIIT" * 2 + "TTT"
    assert found.step(1)["entering"] == {"text": 10, "video": 0, "audio": 0, "image": 8}
    assert found.tokens["row"][4:8] == [0, 0, 1, 1] and found.tokens["column"][4:8] == [0, 1, 0, 1]


@pytest.mark.parametrize("layer", [1, 4])
def test_dropping_images_is_no_removal_of_video_and_sound(model, path, layer):
    inputs = with_images(model, 2)
    keep = [p for p, token in enumerate(inputs["input_ids"][0].tolist()) if token not in (612,)][:-1]
    HookPruner(model, {layer: lambda present: [p for p in present if p in keep or p == present[-1] or p % 3 == 0]})
    found = traced(model, inputs, path)
    step = found.step(layer - 1)
    assert step["drop"]["kind"] == ("stage1" if layer == 1 else "prune")
    assert step["leaving"]["text"] == 10 and step["leaving"]["image"] < 8


def test_removal_is_of_what_was_there(video_and_sound, model, inputs, path):
    text, _, _ = tokens_of(video_and_sound)
    HookPruner(model, {3: lambda _: text, 5: lambda present: present[2:]})
    found = traced(model, inputs, path)
    assert [found.step(layer)["drop"]["kind"] for layer in (2, 4)] == ["remove", "prune"]


def test_two_videos_with_sound_have_one_time_line(video_and_sound, model, inputs, path):
    ids = inputs["input_ids"][0].tolist()
    text, video, audio = tokens_of(video_and_sound)
    first, last = video[0] - 2, audio[-1] + 3
    media = ids[first:last]
    twice = torch.tensor([ids[:first] + media + media + ids[last:]])
    double = {
        "input_ids": twice, "attention_mask": torch.ones_like(twice), "use_audio_in_video": True,
        **{name: torch.cat([inputs[name]] * 2) for name in (
            "pixel_values_videos", "video_grid_thw", "video_second_per_grid", "input_features", "feature_attention_mask")},
    }
    found = traced(model, double, path)
    assert found.recorder.failure is None, found.recorder.failure
    tokens = found.tokens
    seconds = {letter: [s for s, m in zip(tokens["seconds"], tokens["modality"]) if m == letter] for letter in "VA"}
    single = traced(video_and_sound.model(), inputs, path).tokens
    length = max(5 * 1.0, 132 / 25)
    for letter in "VA":
        once = [s for s, m in zip(single["seconds"], single["modality"]) if m == letter]
        assert seconds[letter] == pytest.approx(once + [s + length for s in once])
    shown = found.event("run")["media"]
    assert shown["video"]["times"] == 10 and shown["audio"]["tokens"] == 264
    assert tokens["tokens_per_grid"] == 12


def test_videos_of_two_sizes_have_no_pictures_and_that_is_said(video_and_sound, model, inputs, path):
    config = find_parts(model).config
    def chunk(count):
        return [609, *[config.video_token_id if hasattr(config, "video_token_id") else 613] * count, 610]

    ids = torch.tensor([[1, 2, *chunk(4), *chunk(6), 3]])
    found = traced(model, {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values_videos": torch.randn(40, 1176),
        "video_grid_thw": torch.tensor([[1, 4, 4], [1, 4, 6]]), "video_second_per_grid": torch.tensor([1.0, 1.0]),
    }, path)
    assert found.recorder.failure is None, found.recorder.failure
    assert "video" not in found.event("run")["media"] and found.said("pictures are left out")
    assert "tokens_per_grid" not in found.tokens


def vision_language_model():
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    config = Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 300, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 4, "num_attention_heads": 4,
            "num_key_value_heads": 2, "max_position_embeddings": 512, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
            "rope_scaling": {"type": "mrope", "rope_type": "default", "mrope_section": [1, 1, 2]}},
        vision_config={
            "depth": 2, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "out_hidden_size": 32, "patch_size": 14,
            "window_size": 56, "fullatt_block_indexes": [1]},
        image_token_id=290, video_token_id=291, vision_start_token_id=292, vision_end_token_id=293)
    torch.manual_seed(7)
    return Qwen2_5_VLForConditionalGeneration._from_config(config, attn_implementation="eager").eval()


def newer_vision_language_model():
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    config = Qwen3VLConfig(
        text_config={
            "vocab_size": 300, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 4, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 512, "bos_token_id": 1, "eos_token_id": 2,
            "pad_token_id": 0, "rope_theta": 10000.0,
            "rope_scaling": {"rope_type": "default", "mrope_section": [2, 1, 1], "mrope_interleaved": True}},
        vision_config={
            "depth": 2, "hidden_size": 32, "intermediate_size": 40, "num_heads": 2, "out_hidden_size": 32, "patch_size": 14,
            "num_position_embeddings": 64, "deepstack_visual_indexes": [0, 1]},
        image_token_id=290, video_token_id=291, vision_start_token_id=292, vision_end_token_id=293)
    torch.manual_seed(7)
    return Qwen3VLForConditionalGeneration._from_config(config, attn_implementation="eager").eval()


@pytest.mark.parametrize("layers", [{}, {1: 0.7}, {3: 0.6, 4: 0.7}])
def test_a_model_that_adds_pictures_between_layers_is_recorded_exactly(path, layers):
    """Deepstack features change states between layers; seconds are not known, and are left out."""
    model = newer_vision_language_model()
    pruner = HookPruner(model, layers)
    ids = torch.tensor([[5, 6, 292, *[290] * 4, 293, 7, 292, *[290] * 6, 293, 9]])
    inputs = {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values": torch.randn(40, 1176),
        "image_grid_thw": torch.tensor([[1, 4, 4], [1, 4, 6]])}
    if not cases.version.startswith("4."):
        inputs["mm_token_type_ids"] = (ids == 290).int()
    found = traced(model, inputs, path)
    assert found.recorder.failure is None, found.recorder.failure
    assert found.tokens["modality"] == "TTTIIIITTTIIIIIITT" and "seconds" not in found.tokens
    assert {layer: found.step(layer - 1)["drop"]["kept"] for layer in layers} == pruner.kept
    assert len([step for step in found.steps if "drop" in step]) == len(layers)
    assert found.event("answer")["token_ids"] == found.output[0, 18:].tolist()


def vision_language_inputs():
    ids = torch.tensor([[5, 6, 292, *[291] * 8, 293, 7, 8, 292, *[290] * 4, 293, 9]])
    torch.manual_seed(8)
    kinds = (ids == 290).int() + 2 * (ids == 291).int()
    made = {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "pixel_values_videos": torch.randn(32, 1176),
        "video_grid_thw": torch.tensor([[2, 4, 4]]), "second_per_grid_ts": [0.5], "pixel_values": torch.randn(16, 1176),
        "image_grid_thw": torch.tensor([[1, 4, 4]])}
    return made if cases.version.startswith("4.") else {**made, "mm_token_type_ids": kinds}


def test_a_vision_language_model_is_recorded_with_its_seconds(path):
    model = vision_language_model()
    pruner = HookPruner(model, {1: 0.8, 3: 0.7})
    found = traced(model, vision_language_inputs(), path)
    assert found.recorder.failure is None, found.recorder.failure
    tokens = found.tokens
    assert tokens["modality"] == "TTTVVVVVVVVTTTTIIIITT"
    assert [s for s, m in zip(tokens["seconds"], tokens["modality"]) if m == "V"] == [0] * 4 + [0.5] * 4
    assert len(tokens["t"]) == 21
    assert {layer: found.step(layer - 1)["drop"]["kept"] for layer in (1, 3)} == pruner.kept
    assert found.event("answer")["token_ids"] == found.output[0, 21:].tolist()
    assert found.event("run")["media"]["video"]["seconds_per_grid"] == 0.5


# Weights

def test_packed_weights_are_counted_unpacked_and_named():
    class Four(torch.nn.Parameter):
        pass

    class Packed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.in_features, self.out_features = 64, 32
            self.register_buffer("qweight", torch.zeros(8, 32, dtype=torch.int32))

    thinker = torch.nn.Module()
    thinker.config = types.SimpleNamespace()
    linear = torch.nn.Linear(64, 32, bias=False)
    packed = torch.nn.Parameter(torch.zeros(1024, 1, dtype=torch.uint8), requires_grad=False)
    packed.quant_state = types.SimpleNamespace(shape=torch.Size([32, 64]), quant_type="nf4")
    linear.weight = packed
    thinker.linear, thinker.norm = linear, torch.nn.LayerNorm(8)
    assert weights(thinker) == ("nf4", 2048 + 16)
    thinker.more = torch.nn.ModuleList([Packed(), Packed()])
    thinker.config.quantization_config = {"quant_method": "gptq", "bits": 4}
    assert weights(thinker) == ("gptq int4", 3 * 2048 + 16)


# One Recorder, one recording

def test_a_recorder_that_is_entered_again_leaves_its_trace_alone(model, inputs, path):
    with torch.no_grad():
        recorder = seats_trace.record(model, inputs, path)
        with recorder:
            model.generate(**inputs, max_new_tokens=2, min_new_tokens=2)
        before = path.read_text()
        with pytest.warns(UserWarning, match="records once"), recorder:
            model.generate(**inputs, max_new_tokens=2, min_new_tokens=2)
    assert path.read_text() == before and recorder.failure is not None
    assert not model._forward_pre_hooks


def test_a_recorder_that_is_entered_twice_at_once_records_the_outer_block(model, inputs, path):
    recorder = seats_trace.record(model, inputs, path)
    with torch.no_grad(), recorder:
        with pytest.warns(UserWarning, match="records once"), recorder:
            pass
        model.generate(**inputs, max_new_tokens=2, min_new_tokens=2)
    assert read(path)[-1]["event"] == "end" and "answer" in [line.get("event") for line in read(path)]
