"""Traces of runs that the program itself never makes, read by it."""

import csv
import io
import subprocess

import pytest
import torch

from methods import PatchedDecoder, merged, picked, tokens_of
from pruning import HookPruner
from test_same_as_the_program import PROGRAM
from test_silent_errors import with_images
from test_unclear_ends import padded
from traces import traced

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")


def images(case, model):
    HookPruner(model, {1: 0.7, 4: 0.6})
    return with_images(model, 2), {}


def counts_only(case, model):
    text, video, audio = tokens_of(case)
    groups = [video[i : i + 2] for i in range(40, 60, 2)]
    PatchedDecoder(model, {3: merged(sorted(set(range(252)) - {p for g in groups for p in g}), groups)})
    return case.inputs(), {}


def inserted(case, model):
    PatchedDecoder(model, {3: picked([*range(20), -1, -1, *range(20, 252)])}, lambda count: torch.arange(count).clamp(max=251))
    return case.inputs(), {}


def row_of_a_batch(case, model):
    return padded(case.inputs(), [14, 9]), {"sample": 1}


def with_everything(case, model):
    HookPruner(model, {1: 0.7, 4: 0.6})
    full = {"prefill_ms": 12.5, "layer_ms": [1.25] * 10}
    return case.inputs(), {"settings": {"video_ratio": 0.3, "audio_ratio": 0.5}, "full": full, "preprocessing_ms": 3.0}


@pytest.mark.parametrize("prepare", [images, counts_only, inserted, row_of_a_batch, with_everything])
def test_every_step_of_the_trace_is_in_the_ledger(video_and_sound, tmp_path, prepare):
    model, path = video_and_sound.model(), tmp_path / "run.jsonl"
    inputs, options = prepare(video_and_sound, model)
    found = traced(model, inputs, path, method="mine", processor=video_and_sound.tokenizer, **options)
    assert found.recorder.failure is None, found.recorder.failure
    outcome = subprocess.run([PROGRAM, "export", path, "--to", "csv"], capture_output=True, text=True)
    assert outcome.returncode == 0 and outcome.stderr == "", outcome.stderr
    rows = list(csv.DictReader(io.StringIO(outcome.stdout)))
    assert len(rows) == len(found.steps)
    for row, step in zip(rows, found.steps):
        for side, prefix in (("entering", ""), ("leaving", "left_")):
            counts = dict(step[side])
            # The ledger's text has the images in it.
            counts["text"] += counts.pop("image", 0)
            assert {name: int(row[prefix + name]) for name in counts} == counts


def test_no_line_of_a_prompt_with_images_is_passed_over(video_and_sound, tmp_path):
    model, path = video_and_sound.model(), tmp_path / "run.jsonl"
    traced(model, with_images(model, 1), path)
    outcome = subprocess.run([PROGRAM, "export", path, "--to", "markdown"], capture_output=True, text=True)
    assert outcome.returncode == 0 and not outcome.stderr
