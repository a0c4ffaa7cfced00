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


def test_merged_rows_are_the_weighted_sums_of_rows_of_the_input(engine, run):
    rows, start = run.rows(), run.hidden
    kept = [at for at in range(run.count) if at not in (6, 7)]
    sums = {"merged_rows": [5, 2], "merged_counts": [3, 2], "merged_sources": [5, 6, 7, 2, 6]}
    weights = torch.tensor([0.5, 0.25, 2.0, 1.0, -1.0])
    run.layer(1, kept, merged_weights=weights, **{
        name: torch.tensor(value, dtype=torch.uint32) for name, value in sums.items()})
    merged = run.rows()
    run.hidden, run.present = start, list(range(run.count))
    changed = torch.stack([rows[5] * 0.5 + rows[6] * 0.25 + rows[7] * 2, rows[2] - rows[6]])
    run.layer(1, kept, changed=changed, changed_rows=torch.tensor([5, 2], dtype=torch.uint32))
    near(merged, run.rows(), 1e-5, 1e-5)


@pytest.mark.parametrize("change", [
    {"merged_rows": [5, 5]}, {"merged_rows": [10**6, 2]}, {"merged_counts": [3, 1]}, {"merged_counts": [5]},
    {"merged_sources": [5, 6, 7, 2, 10**6]}])
def test_sums_that_do_not_fit_are_refused(engine, run, change):
    sums = {"merged_rows": [5, 2], "merged_counts": [3, 2], "merged_sources": [5, 6, 7, 2, 6], **change}
    with pytest.raises(Exception, match="do not fit"):
        run.layer(1, merged_weights=torch.ones(5), **{
            name: torch.tensor(value, dtype=torch.uint32) for name, value in sums.items()})


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


def test_patches_as_bytes_give_what_their_numbers_give(engine, run, case):
    if "pixel_values_videos" not in case.inputs():
        return
    patches = case.inputs()["pixel_values_videos"]
    channels = patches.reshape(len(patches), 3, -1)
    codes, levels = torch.zeros(channels.shape, dtype=torch.uint8), torch.zeros(3, 256)
    for channel in range(3):
        values, at = channels[:, channel].unique(return_inverse=True)
        codes[:, channel], levels[channel, : len(values)] = at.to(torch.uint8), values
    media, piece = engine.fresh(), run.piece("video")
    engine.ask("encode", {"piece0": codes.reshape(patches.shape), "levels0": levels}, media=media,
               pieces=[run.pieces[piece]])
    made = engine.ask("features", media=media, piece=0)[1]["features"]
    assert torch.equal(made, engine.ask("features", media=run.media, piece=piece)[1]["features"])


def decoder(engine, run, case):
    layers = case.facts["num_layers"]
    for number in range(1, layers + 1):
        run.layer(number, outputs=1 if number == layers else None)
    state = engine.fresh()
    engine.ask("decoder", {"positions": torch.tensor(run.present, dtype=torch.uint32)}, layers=run.keys, output=state,
               next_position=float(run.positions.max()) + 1)
    return state, run.logits(0)


def test_tokens_requested_ahead_are_those_of_one_by_one(engine, run, case, expected):
    wanted = expected["full.generated_ids"].tolist()
    state, logits = decoder(engine, run, case)
    states = [state] + [engine.fresh() for _ in wanted[1:]]
    engine.send("token", input=states[0], output=states[1], token=wanted[0], best=2)
    for before, output in zip(states[1:], states[2:]):
        engine.send("token", input=before, output=output, best=2)
    made = [engine.receive() for _ in states[1:]]
    assert [header["token"] for header, _ in made] == wanted[:-1]
    assert [int(tensors["ids"][0]) for _, tensors in made] == wanted[1:]


def test_nothing_is_decoded_after_a_stop_token(engine, run, case, expected):
    wanted = expected["full.generated_ids"].tolist()
    state, _ = decoder(engine, run, case)
    first, second, third = (engine.fresh() for _ in range(3))
    engine.send("token", input=state, output=first, token=wanted[0], best=2)
    engine.send("token", input=first, output=second, best=2, stop=[wanted[1]])
    engine.send("token", input=second, output=third, best=2, stop=[wanted[1]])
    answers = [engine.receive()[0] for _ in range(3)]
    assert [answer.get("kind") for answer in answers] == [None, "cancelled", "refused"]
    # A caller may go on none the less.
    assert engine.ask("token", input=first, output=second, token=wanted[1], best=2)[0]["token"] == wanted[1]


def test_answers_that_branch_do_not_change_each_other(engine, run, case):
    state, _ = decoder(engine, run, case)

    def after(before, token):
        output = engine.fresh()
        return output, engine.ask("token", input=before, output=output, token=token)[1]["logits"]

    one, _ = after(state, 5)
    two, alone = after(one, 6)
    other, _ = after(one, 7)
    after(other, 8)
    assert torch.equal(after(one, 6)[1], alone)
    first, _ = after(state, 5)
    assert torch.equal(after(first, 6)[1], alone)


def test_an_answer_outgrows_its_buffer(engine, run, case, monkeypatch):
    from seats_trace.engine._attention import GrowingKeys, Keys

    monkeypatch.setattr(GrowingKeys, "ROOM", 2)
    rows = torch.randn(1, 2, 9, 4)
    grown, whole = GrowingKeys.of(Keys(rows[:, :, :3], rows[:, :, :3] * 2)), Keys(rows[:, :, :3], rows[:, :, :3] * 2)
    for at in range(3, 9):
        grown = grown.copy()
        made = grown.update(rows[:, :, at : at + 1], rows[:, :, at : at + 1] * 2)
        wanted = whole.update(rows[:, :, at : at + 1], rows[:, :, at : at + 1] * 2)
        assert all(torch.equal(a, b) for a, b in zip(made, wanted))


@pytest.fixture(scope="module")
def eager(case):
    """Hidden states and attention weights of every layer in plain transformers, with eager attention."""
    with torch.no_grad():
        made = case.model()(**case.inputs(), output_hidden_states=True, output_attentions=True, use_cache=False)
        parts = _loading._model.find_parts(case.model())
        return [states[0] for states in made.hidden_states], [weights[0] for weights in made.attentions], parts


def lens(engine, run, case):
    """Runs all layers; states of the last row before each and after the last, and the keys of each."""
    taken = []

    def take():
        taken.append(engine.fresh())
        engine.ask("take", input=run.hidden, row=run.count - 1, output=taken[-1])

    take()
    for number in range(1, case.facts["num_layers"] + 1):
        run.layer(number)
        take()
    return taken


def test_the_lens_gives_what_the_head_makes_of_each_layer(engine, run, case, eager):
    hidden, _, parts = eager
    taken = lens(engine, run, case)
    layers = len(taken) - 1
    header, made = engine.ask("lens", inputs=taken[1:], best=5, final=layers - 1)
    assert header["ms"] >= 0 and made["ids"].shape == (layers, 5)
    with torch.no_grad():
        # Those of the last layer are given after the norm.
        rows = torch.cat([parts.norm(torch.stack([state[-1] for state in hidden[1:layers]])), hidden[layers][-1:]])
        logs = parts.head(rows).log_softmax(-1)
    near(made["probabilities"], logs.exp().topk(5).values, 1e-4, 1e-3)
    near(made["entropy"], -(logs.exp() * logs).sum(-1), 1e-3, 1e-3)
    near(made["kl"], (logs[-1].exp() * (logs[-1] - logs)).sum(-1), 1e-3, 1e-3)
    assert made["ids"][-1].tolist() == logs[-1].topk(5).indices.tolist()
    assert "kl" not in engine.ask("lens", inputs=taken[1:3], best=2)[1]


def test_looks_gives_the_attention_weights_of_eager_transformers(engine, run, case, eager):
    _, attentions, _ = eager
    taken = lens(engine, run, case)
    group = torch.zeros(run.count, dtype=torch.uint8)
    for index, place in enumerate(run.places):
        group[place.long()] = index + 1
    count = int(group.max()) + 1
    for number, weights in enumerate(attentions, 1):
        last = weights[:, -1]
        request = dict(layer=number, prompt=run.prompt, input=taken[number - 1], position=run.count - 1,
                       keys=run.keys[number - 1])
        shares = engine.ask("looks", {"group": group}, groups=count, **request)[1]["shares"]
        wanted = torch.stack([last[:, group == index].sum(-1) for index in range(count)], 1)
        near(shares, wanted, 1e-4, 1e-3)
        near(shares.sum(-1), torch.ones(len(shares)), 1e-5, 0)
        near(engine.ask("looks", head=1, **request)[1]["weights"], last[1], 1e-4, 1e-3)


def test_lens_requests_that_do_not_fit_are_refused(engine, run):
    state = engine.fresh()
    engine.ask("take", input=run.hidden, row=0, output=state)
    run.layer(1)
    request = dict(layer=1, prompt=run.prompt, input=state, position=run.count - 1, keys=run.keys[0])
    group = torch.zeros(run.count, dtype=torch.uint8)
    for op, tensors, header in [
        ("take", {}, dict(input=run.hidden, row=run.count, output=engine.fresh())),
        ("lens", {}, dict(inputs=[run.hidden], best=2)), ("lens", {}, dict(inputs=[], best=2)),
        ("lens", {}, dict(inputs=[state], best=0)), ("lens", {}, dict(inputs=[state], best=1, final=1)),
        ("looks", {"group": group[1:]}, dict(request, groups=1)), ("looks", {"group": group + 1}, dict(request, groups=1)),
        ("looks", {}, dict(request, head=10**4)), ("looks", {}, request),
        ("looks", {"group": group}, dict(request, groups=1, input=run.hidden)),
        ("looks", {"group": group}, dict(request, groups=1, position=run.count)),
    ]:
        with pytest.raises(Exception) as failed:
            engine.ask(op, tensors, **header)
        assert failed.value.kind == "refused", (op, header)
