"""The engine on the golden cases: encoders, layers, scores, answers and going on from the middle."""

import json

import pytest
import torch
from safetensors.torch import load_file

from engine_client import Client, Run
from seats_trace.engine import _loading

GRIDS, SECONDS = 2, 2


@pytest.fixture(scope="module")
def engine(case):
    with Client("--model", case.checkpoint, "--device-map", "cpu", "--dtype", "float32", "--threads", 1) as client:
        yield client


@pytest.fixture(scope="module")
def expected(case):
    return load_file(case.directory / "expected.safetensors")


@pytest.fixture(scope="module")
def seats(case):
    return json.loads((case.directory / "expected_seats.json").read_text()), load_file(
        case.directory / "expected_seats.safetensors")


@pytest.fixture
def run(engine, case, expected):
    return Run(engine, case, expected)


def near(made, wanted, absolute, relative):
    assert made.shape == wanted.shape
    assert torch.allclose(made.float(), wanted.float(), atol=absolute, rtol=relative), (made - wanted).abs().max()


def test_facts_name_the_model_and_what_runs_it(engine, case):
    facts = engine.facts
    assert facts["protocol"] == 1 and facts["model"]["layers"] == case.facts["num_layers"]
    assert facts["compute"] == "float32" and facts["devices"] == ["cpu"] and len(facts["fingerprint"]) == 64
    assert {"torch", "transformers", "python"} <= facts["versions"].keys()


def test_files_of_the_checkpoint_come_as_they_are(engine, case):
    files = engine.ask("files")[1]
    assert "config.json" in files and not any(name.endswith("safetensors") for name in files)
    for name, content in files.items():
        assert content.numpy().tobytes() == (case.checkpoint / name).read_bytes()


def test_encoders_give_the_published_features_and_attention(engine, run, case, expected):
    for name, kind in (("vision", "video"), ("audio", "audio")):
        if f"{name}.encoder_output" not in expected:
            continue
        piece = run.piece(kind)
        near(engine.ask("features", media=run.media, piece=piece)[1]["features"],
             expected[f"{name}.encoder_output"], 1e-4, 1e-4)
        if kind == "video":
            window = GRIDS * run.pieces[piece]["grid"][1] * run.pieces[piece]["grid"][2]
        else:
            window = SECONDS * (26 if case.is_qwen3 else 50)
        near(engine.ask("attention", media=run.media, piece=piece, window=window)[1]["attention"],
             expected[f"{name}.attention_mean"], 1e-4, 1e-4)
        near(engine.ask("keys", media=run.media, piece=piece)[1]["keys"],
             expected[f"{name}.attention_key_mean"], 1e-4, 1e-4)


def test_distances_are_those_of_the_features(engine, run):
    features = engine.ask("features", media=run.media, piece=0)[1]["features"]
    made = engine.ask("distances", media=run.media, piece=0, window=24)[1]["distances"]
    unit = features / features.norm(dim=-1, keepdim=True)
    parts = [1 - rows @ rows.T for rows in unit.split(24)]
    wanted = torch.cat([part[tuple(torch.triu_indices(len(part), len(part)))] for part in parts])
    near(made, wanted, 1e-6, 0)


def test_the_prompt_is_embedded_as_published(run, expected):
    near(run.rows(), expected["llm.inputs_embeds"], 1e-4, 1e-4)


def test_a_full_run_gives_the_published_answer(run, case, expected):
    layers = case.facts["num_layers"]
    for number in range(1, layers):
        made = run.layer(number)
        assert made["attention_ms"] >= 0 and made["feed_forward_ms"] > 0 and made["tokens"] == run.count
        wanted, rows = expected[f"full.hidden_states.{number - 1}"], run.rows()
        if f"vision.deepstack.{number - 1}" in expected:
            # Published are the states before the inner features of pictures are added.
            rows[run.places[run.piece("video")].long()] -= expected[f"vision.deepstack.{number - 1}"]
        near(rows if len(wanted) == len(rows) else rows[expected["full.hidden_positions"].long()], wanted, 2e-3, 1e-3)
    run.layer(layers, outputs=1)
    logits = run.logits(0)
    near(logits, expected["full.logits_last"], 1e-3, 1e-3)
    assert run.answer(logits, 8) == expected["full.generated_ids"].tolist()


def test_the_last_rows_alone_equal_those_of_a_whole_layer(run):
    run.layer(1)
    before = run.hidden
    run.layer(2)
    whole = run.rows()
    run.hidden = before
    run.layer(2, outputs=3)
    near(run.rows(), whole[-3:], 1e-5, 1e-5)


def drops(name, facts, tensors):
    """Positions left, by the layer after which they are chosen; 0 is Stage I."""
    made = {0: tensors[f"{name}.stage1.kept_indices"].tolist()}
    for index, drop in enumerate(facts["drops"]):
        made[drop["after_layer_1based"]] = tensors[f"{name}.drop{index}.kept_indices"].tolist()
    if f"{name}.late.kept_indices" in tensors:
        made[facts["late"]["after_layer_1based"]] = tensors[f"{name}.late.kept_indices"].tolist()
    return made


def test_every_pruned_run_gives_the_published_scores_and_answer(engine, case, expected, seats):
    cases, tensors = seats
    assert cases
    for name, facts in cases.items():
        run = Run(engine, case, expected)
        left = drops(name, facts, tensors)
        indices = {drop["after_layer_1based"]: index for index, drop in enumerate(facts["drops"])}
        rows = run.keep(left[0])
        for number in range(1, case.facts["num_layers"] + 1):
            assert len(rows) == facts["seq_len_per_layer"][number - 1]
            run.layer(number, rows)
            if number in indices and f"{name}.drop{indices[number]}.scores" in tensors:
                near(run.scores(number), tensors[f"{name}.drop{indices[number]}.scores"], 2e-5, 1e-3)
            rows = run.keep(left.get(number, run.present))
        logits = run.logits(rows[-1])
        run.present = [run.present[row] for row in rows]
        near(logits, tensors[f"{name}.logits_last"], 1e-3, 1e-3)
        assert run.answer(logits, 8) == tensors[f"{name}.generated_ids"].tolist(), name


def test_going_on_with_other_survivors_equals_a_fresh_run(engine, case, expected):
    def after(start, kept):
        for number in (3, 4):
            start.layer(number, start.keep(kept) if number == 3 else None)
        return start.rows()

    run = Run(engine, case, expected)
    run.layer(1)
    run.layer(2)
    middle = run.hidden
    after(run, [at for at in range(run.count) if at % 3])
    run.hidden, run.present = middle, list(range(run.count))
    kept = [at for at in range(run.count) if at % 4 or at > run.count - 5]
    again = after(run, kept)
    fresh = Run(engine, case, expected)
    fresh.layer(1)
    fresh.layer(2)
    assert torch.equal(again, after(fresh, kept))


def test_changed_rows_enter_a_layer_in_the_place_of_their_own(engine, run):
    rows = run.rows()
    start = run.hidden
    run.layer(1, changed=rows[5:7].contiguous(), changed_rows=torch.tensor([5, 6], dtype=torch.uint32))
    same = run.rows()
    run.hidden = start
    run.layer(1)
    near(run.rows(), same, 1e-6, 0)
    run.hidden = start
    run.layer(1, changed=rows[5:7].contiguous() * 2 + 1, changed_rows=torch.tensor([5, 6], dtype=torch.uint32))
    assert not torch.allclose(run.rows()[5:7], same[5:7])


def test_released_states_are_gone(engine, run):
    run.layer(1)
    engine.ask("release", release=[run.hidden])
    with pytest.raises(Exception, match="no state"):
        run.rows()


def test_random_weights_have_the_type_and_the_layers_that_are_asked_for(video_and_sound):
    loaded = _loading.load(video_and_sound.checkpoint, "bfloat16", "cpu", random_layers=3)
    assert len(loaded.parts.layers) == 3
    assert loaded.description["dtype"] == "bfloat16"
    assert loaded.parts.rotary.inv_freq.dtype == torch.float32
