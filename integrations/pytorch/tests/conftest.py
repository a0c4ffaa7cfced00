import json

import pytest
import torch

import cases
import seats_trace

torch.set_num_threads(1)
CASES = [path for path in sorted(cases.GOLDEN.glob("qwen*"))]


@pytest.fixture(scope="session", params=CASES, ids=lambda path: path.name)
def case(request):
    return cases.Case(request.param)


@pytest.fixture(scope="session")
def video_and_sound():
    return cases.Case(cases.GOLDEN / "qwen2_5_av")


@pytest.fixture
def traced(tmp_path):
    """Records a generation and gives the lines of its trace."""

    def run(model, case, tokens=4, path=tmp_path / "run.jsonl", **options):
        inputs = case.inputs()
        options.setdefault("processor", case.tokenizer)
        with torch.no_grad(), seats_trace.record(model, inputs, path, **options) as recorder:
            output = model.generate(**inputs, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False)
        assert recorder.failure is None, recorder.failure
        return [json.loads(line) for line in path.read_text().splitlines()], output

    return run
