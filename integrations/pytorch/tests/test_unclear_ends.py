"""Runs that are recorded as far as they can be, and what is said of those that cannot."""

import pathlib
import threading
from fractions import Fraction

import numpy as np
import pytest
import torch

from methods import PatchedDecoder, picked, tokens_of
from pruning import HookPruner
from seats_trace._model import find_parts
from traces import traced


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


@pytest.fixture
def model(video_and_sound):
    return video_and_sound.model()


@pytest.fixture
def inputs(video_and_sound):
    return video_and_sound.inputs()


def whole_embeddings(model, inputs):
    """Embeddings of the prompt with the encoders' outputs, as the first layer is handed them."""
    held = {}
    handle = find_parts(model).decoder.register_forward_pre_hook(
        lambda _, args, kwargs: held.setdefault("x", (kwargs["inputs_embeds"], kwargs["position_ids"])) and None,
        with_kwargs=True)
    with torch.no_grad():
        model(**inputs)
    handle.remove()
    return held["x"]


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("positions", [True, False])
def test_embeddings_that_were_pruned_before_generate_are_a_drop_before_layer_1(
        video_and_sound, model, inputs, path, seen, positions):
    """`seen`: whether the encoders ran while recording."""
    text, video, audio = tokens_of(video_and_sound)
    keep = sorted(text + video[::2] + audio[1::3])
    at = torch.tensor(keep)
    before = None if seen else whole_embeddings(model, inputs)

    def run(model, inputs):
        embeddings, places = before
        more = {"position_ids": places[-3:][..., at]} if positions else {}
        return model.generate(
            inputs_embeds=embeddings[:, at], attention_mask=torch.ones(1, len(keep), dtype=torch.long), max_new_tokens=3,
            min_new_tokens=3, do_sample=False, **more)

    def with_encoders(model, inputs):
        nonlocal before
        parts = find_parts(model)
        merge = lambda name, **given: getattr(getattr(model, name, None) and model or model.model, name)(**given)
        sound = merge("get_audio_features", input_features=inputs["input_features"],
                      feature_attention_mask=inputs["feature_attention_mask"])
        film = merge("get_video_features", pixel_values_videos=inputs["pixel_values_videos"],
                     video_grid_thw=inputs["video_grid_thw"])
        embeddings = model.get_input_embeddings()(inputs["input_ids"]).clone()
        rows = lambda made: getattr(made, "pooler_output", None) if getattr(made, "pooler_output", None) is not None else (
            getattr(made, "last_hidden_state", made))
        flat = lambda made: torch.cat(list(made)) if isinstance(made, (tuple, list)) else made.reshape(-1, made.shape[-1])
        embeddings[0, video], embeddings[0, audio] = flat(rows(film)), flat(rows(sound))
        before = embeddings, known
        assert parts
        return run(model, inputs)

    known = whole_embeddings(model, inputs)[1]
    found = traced(model, inputs, path, with_encoders if seen else run)
    assert found.recorder.failure is None, found.recorder.failure
    assert len(found.tokens["modality"]) == 252 and len(found.tokens["t"]) == 252
    step = found.step(0)
    assert sum(step["leaving"].values()) == len(keep) and step["leaving"]["text"] == len(text)
    assert found.event("answer")["token_ids"] == found.output[0].tolist()
    if seen:
        assert step["drop"]["kept"] == keep
    elif "drop" in step:
        assert positions
    else:
        assert found.said("only the counts")


def test_embeddings_alone_are_refused_in_one_sentence(model, path):
    found = traced(model, {}, path, lambda model, _: model.generate(inputs_embeds=torch.randn(1, 9, 48), max_new_tokens=2))
    assert "inputs_embeds alone" in str(found.recorder.failure) and found.output.shape[0] == 1


@pytest.mark.parametrize("wrapper", ["DataParallel", "DistributedDataParallel"])
def test_data_parallel_wrappers_are_watched(model, inputs, path, wrapper, tmp_path):
    started = False
    if wrapper == "DistributedDataParallel":
        store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
        torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
        started = True
    try:
        wrapped = getattr(torch.nn.parallel, wrapper)(model)
        found = traced(wrapped, inputs, path, lambda wrapped, inputs: wrapped.module.generate(
            **inputs, max_new_tokens=3, min_new_tokens=3, do_sample=False))
    finally:
        if started:
            torch.distributed.destroy_process_group()
    assert found.recorder.failure is None, found.recorder.failure
    assert found.event("answer")["token_ids"] == found.output[0, 252:].tolist()


def test_a_wrapper_that_is_called_itself_is_watched(model, inputs, path):
    found = traced(torch.nn.parallel.DataParallel(model), inputs, path, lambda wrapped, inputs: wrapped(**inputs).logits)
    assert found.recorder.failure is None, found.recorder.failure
    assert found.event("answer")["token_ids"] == [int(found.output[0, -1].argmax())]


@pytest.mark.parametrize("layer", [1, 5])
def test_survivors_out_of_order_that_keep_their_positions_are_the_right_ones(
        video_and_sound, model, inputs, path, layer):
    text, video, audio = tokens_of(video_and_sound)
    order = [p for p in text if p < video[0]] + audio[5::7] + video[::-3] + [p for p in text if p > video[0]]
    PatchedDecoder(model, {layer: picked(order)}, numbers=lambda _: torch.tensor(order))
    found = traced(model, inputs, path)
    assert found.recorder.failure is None, found.recorder.failure
    assert found.step(layer - 1)["drop"]["kept"] == sorted(order)
    assert found.said("another order") and len(found.steps) == 13 and found.events("answer")


@pytest.mark.parametrize("layer", [1, 5])
def test_inserted_tokens_leave_the_counts(video_and_sound, model, inputs, path, layer):
    text, video, audio = tokens_of(video_and_sound)
    keep = sorted(text + video[::2] + audio)
    order = keep[:20] + [-1, -1, -1] + keep[20:]
    PatchedDecoder(model, {layer: picked(order)})
    found = traced(model, inputs, path)
    assert found.recorder.failure is None, found.recorder.failure
    step = found.step(layer - 1)
    assert "drop" not in step and found.said("3 of", "inserted")
    assert sum(step["leaving"].values()) in range(len(keep), len(order) + 1)
    assert len(found.steps) == 13 and found.events("answer")


def test_a_prompt_that_is_partly_cached_is_refused_in_one_sentence(model, inputs, path):
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}
    with torch.no_grad():
        states = model(**{name: value[:, :9] for name, value in text.items()}, use_cache=True).past_key_values
    found = traced(model, text, path, lambda model, inputs: model.generate(
        **inputs, past_key_values=states, max_new_tokens=2, do_sample=False))
    assert found.output.shape == (1, 16)
    assert "9 tokens of the prompt are in past_key_values already" in str(found.recorder.failure)
    assert len(found.warnings) == 1


def test_a_compiled_model_is_a_warning(model, inputs, path):
    model.forward = torch.compile(model.forward, backend="eager")
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}
    with torch.no_grad():
        expected = model(**text).logits
    found = traced(model, text, path, lambda model, inputs: model(**inputs).logits)
    assert torch.allclose(found.output, expected)
    if found.recorder.failure is not None:
        assert "compiled" in str(found.recorder.failure) and len(found.warnings) == 1
        assert found.said("compiled") and found.lines[-1]["event"] == "end"
    else:
        assert len(found.steps) == 13


def test_a_block_in_which_nothing_runs_is_a_warning(model, inputs, path):
    found = traced(model, inputs, path, lambda *_: None)
    assert "nothing was generated" in str(found.recorder.failure) and len(found.warnings) == 1


@pytest.mark.parametrize("more", [{"num_beams": 3}, {"num_return_sequences": 2, "do_sample": True}])
def test_the_first_row_of_beams_and_of_several_answers_is_recorded(model, inputs, path, more):
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}
    torch.manual_seed(3)
    found = traced(model, text, path, lambda model, inputs: model.generate(
        **inputs, max_new_tokens=4, min_new_tokens=4, **{"do_sample": False, **more}))
    assert found.recorder.failure is None, found.recorder.failure
    assert found.event("answer")["token_ids"] == found.output[0, 14:].tolist()
    assert len(found.tokens["ids"]) == 14 and found.step(1)["entering"]["text"] == 14
    assert "batch" not in found.event("run")


def padded(inputs, lengths):
    """Text prompts of these lengths, the shorter ones padded on the left."""
    most = max(lengths)
    ids, mask = torch.full((len(lengths), most), 600), torch.zeros(len(lengths), most, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, most - length :] = inputs["input_ids"][0, row : row + length]
        mask[row, most - length :] = 1
    return {"input_ids": ids, "attention_mask": mask}


@pytest.mark.parametrize("sample", [0, 1, 2])
def test_a_row_of_a_batch_is_recorded_like_the_prompt_alone(model, inputs, path, tmp_path, sample):
    lengths = [14, 9, 12]
    batch = padded(inputs, lengths)
    found = traced(model, batch, path, sample=sample, tokens=4)
    alone = {name: batch[name][sample : sample + 1, 14 - lengths[sample] :] for name in batch}
    single = traced(model, alone, tmp_path / "single.jsonl", tokens=4)
    assert found.recorder.failure is None, found.recorder.failure
    run = found.event("run")
    assert (run["sample"], run["batch"]) == (sample, 3)
    assert found.tokens == single.tokens
    assert [step["entering"] for step in found.steps] == [step["entering"] for step in single.steps]
    assert found.event("answer")["token_ids"] == single.event("answer")["token_ids"] == found.output[sample, 14:].tolist()


def test_a_row_of_a_batch_with_media_has_its_own_media(video_and_sound, model, inputs, path):
    """Row 0 is text; row 1 is the clip."""
    ids = torch.full((2, 252), 600)
    mask = torch.zeros(2, 252, dtype=torch.long)
    ids[0, 240:], mask[0, 240:] = inputs["input_ids"][0, :12], 1
    ids[1], mask[1] = inputs["input_ids"][0], 1
    batch = {**inputs, "input_ids": ids, "attention_mask": mask}
    text, video, audio = tokens_of(video_and_sound)
    keep = sorted(text + video[::2] + audio[::3])

    def prune(_module, args, kwargs):
        if args[0].shape[1] > 1:
            at = torch.tensor(keep)
            return (args[0][:, at], *args[1:]), kwargs

    parts = find_parts(model)
    handle = parts.norm.register_forward_pre_hook(prune, with_kwargs=True)
    found = traced(model, batch, path, sample=1)
    handle.remove()
    assert found.recorder.failure is None, found.recorder.failure
    assert found.tokens["modality"].count("V") == 60 and found.tokens["modality"].count("A") == 132
    assert found.event("run")["media"]["video"]["times"] == 5
    assert found.step(10)["drop"]["kept"] == keep
    assert found.event("answer")["token_ids"] == found.output[1, 252:].tolist()
    first = traced(model, batch, path, sample=0)
    assert first.tokens["modality"] == "T" * 12 and "video" not in (first.event("run").get("media") or {})


@pytest.mark.parametrize("sample", [0, 1])
def test_rows_of_a_batch_with_a_clip_each_have_their_own(model, inputs, path, tmp_path, sample):
    second = {**inputs, "pixel_values_videos": inputs["pixel_values_videos"] * 0.5, "input_features": inputs["input_features"] + 0.1}
    batch = {
        name: torch.cat([inputs[name], second[name]]) for name, value in inputs.items() if isinstance(value, torch.Tensor)}
    batch["use_audio_in_video"] = True
    found = traced(model, batch, path, sample=sample)
    alone = traced(model, (inputs, second)[sample], tmp_path / "alone.jsonl")
    assert found.recorder.failure is None, found.recorder.failure
    assert found.tokens == alone.tokens and found.event("run")["media"] == alone.event("run")["media"]
    assert found.event("answer")["token_ids"] == found.output[sample, 252:].tolist()


def test_two_threads_leave_the_trace_of_the_first(model, inputs, path):
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}
    began, other_done = threading.Event(), threading.Event()
    main = threading.get_ident()

    def meet(_module, _args):
        if threading.get_ident() == main and not began.is_set():
            began.set()
            other_done.wait(60)

    find_parts(model).layers[3].register_forward_pre_hook(meet)
    outputs = []

    def other():
        began.wait(60)
        with torch.no_grad():
            outputs.append(model.generate(**text, max_new_tokens=5, min_new_tokens=5, do_sample=False))
        other_done.set()

    thread = threading.Thread(target=other)
    thread.start()
    found = traced(model, inputs, path)
    thread.join()
    assert found.recorder.failure is None, found.recorder.failure
    assert len(found.tokens["ids"]) == 252 and len(found.steps) == 13
    assert found.event("answer")["token_ids"] == found.output[0, 252:].tolist()
    assert outputs[0].shape == (1, 19)


def test_generation_in_a_thread_of_its_own_is_recorded(model, inputs, path):
    def run(model, inputs):
        made = []
        def work():
            with torch.no_grad():
                made.append(model.generate(**inputs, max_new_tokens=3, min_new_tokens=3, do_sample=False))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return made[0]

    found = traced(model, inputs, path, run)
    assert found.event("answer")["token_ids"] == found.output[0, 252:].tolist()


def test_a_clip_of_other_types_is_written_in_those_of_the_format(model, inputs, path):
    clip = {
        "title": pathlib.Path("clips/a.mp4"), "seconds": np.float32(5.5), "frames": torch.tensor(10), "question": b"what?",
        "answer": Fraction(1, 2), "choices": (np.str_("a"), 3), "extra": {"when": np.int64(3), 4: float("nan")},
        "source": None}
    found = traced(model, inputs, path, clip=clip, method=pathlib.Path("mine"), settings={"video_ratio": np.float64(0.25)})
    run = found.event("run")
    assert run["clip"] == {
        "title": "clips/a.mp4", "seconds": 5.5, "frames": 10, "question": "what?", "answer": "1/2", "choices": ["a", "3"],
        "extra": {"when": 3, "4": None}}
    assert run["settings"] == {"video_ratio": 0.25, "method": "mine"}


def test_only_the_first_generation_is_recorded(model, inputs, path):
    text = {name: inputs[name][:, :14] for name in ("input_ids", "attention_mask")}

    def run(model, inputs):
        first = model.generate(**inputs, max_new_tokens=3, min_new_tokens=3, do_sample=False)
        model.generate(**text, max_new_tokens=5)
        return first

    found = traced(model, inputs, path, run)
    assert found.event("answer")["token_ids"] == found.output[0, 252:].tolist()


def test_a_method_that_renumbers_after_an_exact_drop_stays_exact(model, inputs, path):
    pruner = HookPruner(model, {2: 0.6, 4: 0.5}, renumber=True)
    found = traced(model, inputs, path)
    assert {layer: found.step(layer - 1)["drop"]["kept"] for layer in (2, 4)} == pruner.kept




@pytest.mark.parametrize("clip, title", [("clips/a.mp4", "clips/a.mp4"), (pathlib.Path("a.mp4"), "a.mp4"), (3, "run.jsonl")])
def test_a_clip_that_is_no_dict_does_not_cost_the_recording(model, inputs, path, clip, title):
    found = traced(model, inputs, path, clip=clip)
    assert found.recorder.failure is None and found.event("run")["clip"] == {"title": title}
    assert found.said("facts of the clip are left out") == (clip == 3)


def test_sizes_that_a_model_does_not_state_are_left_out(model, inputs, path, monkeypatch):
    monkeypatch.setattr("seats_trace._recorder.describe", lambda *_: {}["hidden_size"])
    found = traced(model, inputs, path)
    assert found.recorder.failure is None and found.said("sizes of the model are left out")
    assert found.event("run")["model"]["layers"] == 10
