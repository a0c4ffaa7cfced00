"""Methods made up at random: what a trace says of survivors is right, or it says that it does not know."""

import os
import random

import pytest
import torch

import cases
from methods import PatchedDecoder, tokens_of
from traces import traced

SEEDS = range(int(os.environ.get("SEATS_TRACE_SEEDS") or 8))
KINDS = ("drop", "shuffle", "merge", "blend", "insert", "copy")


class Change:
    """What a method does to the rows in front of a layer.

    - rows: the prompt position of each row before; None for one that is no token of the prompt.
    - places: the same with merged rows at the position of their first; None for inserted ones.
    - text: positions of text, which stays.
    """

    def __init__(self, rows, places, text, random):
        media = [i for i, position in enumerate(rows) if position not in text]
        keep = sorted(random.sample(media, random.randint(0, len(media))))
        gone = [i for i in media if i not in set(keep)]
        others = [i for i in range(len(rows)) if i not in set(media)]
        front, behind = [i for i in others if media and i < media[0]], [i for i in others if not media or i > media[0]]
        self.kind = random.choice(KINDS)
        if self.kind == "shuffle":
            random.shuffle(keep)
        # Each new row is the mean of these old ones; of none where it is inserted.
        self.sources = [[i] for i in (sorted(front + keep + behind) if self.kind == "drop" else front + keep + behind)]
        at = len(front) + len(keep)
        if self.kind == "merge":
            self.sources[at:at] = [gone[i : i + 2] for i in range(0, len(gone) - 1, 2)][:10]
        elif self.kind == "blend" and gone:
            self.sources = [[i, random.choice(gone)] if i in set(keep) and random.random() < 0.5 else [i] for [i] in self.sources]
        elif self.kind == "insert":
            self.sources[at:at] = [[]] * random.randint(1, 3)
        elif self.kind == "copy" and len(keep) > 1 and gone:
            self.sources[len(front)] = self.sources[at - 1]
        self.after = [rows[source[0]] if len(source) == 1 else None for source in self.sources]
        # Of a mean whose position is kept, that is where it counts.
        self.positions = [places[source[0]] if source else None for source in self.sources]
        self.values = torch.rand(len(self.sources), generator=torch.Generator().manual_seed(random.randint(0, 99)))

    def __call__(self, hidden):
        rows = [hidden[0, torch.tensor(source)].mean(0) if len(source) > 1 else hidden[0, source[0]] if source
                else torch.full_like(hidden[0, 0], float(value)) for source, value in zip(self.sources, self.values)]
        return torch.stack(rows)[None]

    def numbers(self, how):
        places, last = [], 0
        for position in self.positions:
            last = last if position is None else position
            places.append(last)
        renumbered = torch.arange(len(places)) + (7 if how == "shifted" else 0)
        return torch.tensor(places) if how == "kept" else renumbered


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["qwen2_5_av", "qwen3_av"])
def test_survivors_are_right_or_said_to_be_unknown(tmp_path, name, seed):
    case, chance = cases.Case(cases.GOLDEN / name), random.Random(seed)
    model, inputs, count = case.model(), case.inputs(), case.facts["n_prompt_tokens"]
    text, video, audio = map(set, tokens_of(case))
    # Qwen3 adds features of pictures between its first layers, which takes all of their tokens.
    layers = sorted(chance.sample(range(4 if case.is_qwen3 else 1, 10), chance.choice([1, 1, 2, 3])))
    how = chance.choice(["kept", "anew", "shifted"])
    changes, rows, places = {}, list(range(count)), list(range(count))
    for layer in layers:
        changes[layer] = Change(rows, places, text, chance)
        rows, places = changes[layer].after, changes[layer].positions
    PatchedDecoder(model, changes, {
        layer: lambda _, change=change: change.numbers(how).clamp(max=count - 1) for layer, change in changes.items()})
    found = traced(model, inputs, tmp_path / "run.jsonl", tokens=2)
    assert found.recorder.failure is None, found.recorder.failure
    for layer, change in changes.items():
        step = found.step(layer - 1)
        known = [position for position in change.after if position is not None]
        if "drop" in step:
            by_state = len(known) == len(change.after) and sorted(known) == step["drop"]["kept"]
            by_position = how == "kept" and None not in change.positions and sorted(change.positions) == step["drop"]["kept"]
            guessed = found.said("told apart by their order")
            assert len(set(step["drop"]["kept"])) == len(change.after)
            assert by_state or by_position or guessed, change.kind
        elif step["leaving"] != step["entering"]:
            assert found.said("only the counts"), change.kind
            for kind, positions in (("text", text), ("video", video), ("audio", audio)):
                assert step["leaving"][kind] >= min(len(set(known) & positions), step["entering"][kind])
