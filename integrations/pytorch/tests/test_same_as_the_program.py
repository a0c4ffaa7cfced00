"""The trace of a plain run here, and the one that seats-top writes of the same clip."""

import json
import os
import pathlib
import subprocess

import pytest

import cases

PROGRAM = pathlib.Path(os.environ.get("SEATS_TOP") or cases.ROOT / ".build" / "debug" / "seats-top")
MEASURED = {
    "at", "ms", "selection_ms", "attention_ms", "feed_forward_ms", "ms_per_token", "rss_bytes",
    "vision_ms", "audio_ms", "rest_ms"}
# Worked out by the program; not measured here.
FLOPS = {"reference_flops", "executed_flops", "feed_forward_flops", "selection_flops"}


def program_trace(case, path, tokens):
    outcome = subprocess.run(
        [PROGRAM, "report", case.clip, "--model", case.checkpoint, "--method", "full", "--record", path,
         "--max-new-tokens", str(tokens), "--ignore-eos", "--format", "json"],
        capture_output=True, text=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    assert outcome.returncode == 0, outcome.stderr
    return [json.loads(line) for line in path.read_text().splitlines()]


def events(lines, name):
    return [line for line in lines if line.get("event") == name]


def without(line, keys):
    return {key: value for key, value in line.items() if key not in keys and value is not None}


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")
def test_all_but_the_times_is_equal(case, traced, tmp_path):
    theirs = program_trace(case, tmp_path / "program.jsonl", tokens=6)
    ours, _ = traced(case.model(), case, tokens=6)

    run, other = events(ours, "run")[0], events(theirs, "run")[0]
    # What each calls the model; and the type weights are stored in, against the one they were loaded as.
    names = {"name", "architecture", "dtype", "family"}
    assert run["model"]["family"] == other["model"].get("family", run["model"]["family"])
    assert without(run["model"], names) == without(other["model"], names)
    # What draws depend on is a hash of the media as the program read them.
    assert without(run["tokens"], {"content_hash"}) == without(other["tokens"], {"content_hash"})
    assert_media_equal(run["media"], other["media"])
    assert [without(step, MEASURED | FLOPS) for step in events(ours, "step")] == [
        without(step, MEASURED | FLOPS) for step in events(theirs, "step")]

    answer, expected = events(ours, "answer")[-1], events(theirs, "answer")[-1]
    for key in ("text", "token_ids"):
        assert answer[key] == expected[key]
    for best, wanted in zip(answer["top_logits"], expected["top_logits"], strict=True):
        assert (best["id"], best["text"]) == (wanted["id"], wanted["text"])
        assert best["logit"] == pytest.approx(wanted["logit"], abs=1e-3)
    assert [line["id"] for line in events(ours, "token")] == [line["id"] for line in events(theirs, "token")]


def assert_media_equal(media, other):
    import base64

    assert media.keys() == {key for key, value in other.items() if value is not None}
    assert media["text"] == other["text"]
    for name, samples in (("video", "rgb"), ("audio", "levels")):
        if name not in media:
            continue
        assert without(media[name], {samples}) == pytest.approx(without(other[name], {samples}))
        mine, wanted = (base64.b64decode(side[name][samples]) for side in (media, other))
        # A level may round the other way.
        assert len(mine) == len(wanted) and max(abs(a - b) for a, b in zip(mine, wanted)) <= 1
