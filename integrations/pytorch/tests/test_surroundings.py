"""Wrappers, offloading, several processes."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
import torch

import cases


def test_a_model_around_the_thinker_is_watched(video_and_sound, traced):
    class Whole(torch.nn.Module):
        def __init__(self, thinker):
            super().__init__()
            self.thinker, self.config = thinker, thinker.config

        def generate(self, **inputs):
            return self.thinker.generate(**inputs)

    lines, output = traced(Whole(video_and_sound.model()), video_and_sound)
    answer = next(line for line in lines if line.get("event") == "answer")
    assert answer["token_ids"] == output[0, -4:].tolist()


def test_layers_that_accelerate_moves_are_watched(video_and_sound, traced, tmp_path):
    accelerate = pytest.importorskip("accelerate")
    plain, _ = traced(video_and_sound.model(), video_and_sound)
    model = video_and_sound.model()
    accelerate.cpu_offload(model, execution_device=torch.device("cpu"))
    lines, _ = traced(model, video_and_sound)
    timeless = lambda lines: [
        {key: value for key, value in line.items() if key in ("step", "layer", "entering", "leaving", "kv_bytes", "token_ids")}
        for line in lines if line.get("event") in ("step", "answer")
    ]
    assert timeless(lines) == timeless(plain)


@pytest.mark.parametrize("all_ranks, files", [(False, ["run.jsonl"]), (True, ["run.jsonl", "run.rank1.jsonl"])])
def test_ranks_write_apart(tmp_path, all_ranks, files):
    script = tmp_path / "ranks.py"
    script.write_text(textwrap.dedent(f"""
        import torch, torch.distributed, cases, seats_trace
        torch.set_num_threads(1)
        torch.distributed.init_process_group("gloo")
        case = cases.Case(cases.GOLDEN / "qwen2_5_video_only")
        model, inputs = case.model(), case.inputs()
        with torch.no_grad(), seats_trace.record(model, inputs, r"{tmp_path}/run.jsonl", all_ranks={all_ranks}) as r:
            model.generate(**inputs, max_new_tokens=2, do_sample=False)
        assert r.failure is None, r.failure
        torch.distributed.destroy_process_group()
    """))
    here = cases.ROOT / "integrations" / "pytorch"
    paths = os.pathsep.join([str(here), str(here / "tests")])
    subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone", str(script)],
        check=True, env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}, capture_output=True)
    assert sorted(path.name for path in tmp_path.glob("*.jsonl")) == files
    for name in files:
        assert json.loads((tmp_path / name).read_text().splitlines()[-1])["event"] == "end"
