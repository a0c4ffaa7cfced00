"""The engine on a GPU: the golden cases, what a GPU alone has (events, allocated memory), and out of memory."""

import pytest
import torch
from safetensors.torch import load_file

import cases
from engine_client import Client, Run, whole
from seats_trace.engine import _loading
from seats_trace.engine._engine import Engine
from seats_trace.engine._server import failure

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


@pytest.fixture(scope="module")
def pair():
    case = cases.Case(cases.GOLDEN / "qwen2_5_av")
    return case, load_file(case.directory / "expected.safetensors")


@pytest.mark.parametrize("name", ["qwen2_5_av", "qwen3_av"])
def test_a_full_run_gives_the_published_answer(name):
    case = cases.Case(cases.GOLDEN / name)
    expected = load_file(case.directory / "expected.safetensors")
    with Client("--model", case.checkpoint, "--dtype", "float32", "--device-map", "cuda:0") as client:
        assert client.facts["devices"] == ["cuda:0"] and client.facts["allocated_bytes"] > 0
        run = Run(client, case, expected)
        for number in range(1, case.facts["num_layers"]):
            made = run.layer(number)
            assert made["attention_ms"] > 0 and made["allocated_bytes"] > 0
        run.layer(case.facts["num_layers"], outputs=1)
        logits = run.logits(0)
        assert torch.allclose(logits, expected["full.logits_last"], atol=2e-3, rtol=2e-3)
        assert run.answer(logits, 8) == expected["full.generated_ids"].tolist()


def test_tokens_requested_ahead_are_those_of_one_by_one(pair):
    case, expected = pair
    wanted = expected["full.generated_ids"].tolist()
    with Client("--model", case.checkpoint, "--dtype", "float32", "--device-map", "cuda:0") as client:
        run, layers = Run(client, case, expected), case.facts["num_layers"]
        for number in range(1, layers + 1):
            run.layer(number, outputs=1 if number == layers else None)
        states = [client.fresh() for _ in wanted]
        client.send("decoder", {"positions": whole(run.present)}, layers=run.keys, output=states[0],
                    next_position=float(run.positions.max()) + 1)
        client.send("token", input=states[0], output=states[1], token=wanted[0], best=2)
        for before, output in zip(states[1:], states[2:]):
            client.send("token", input=before, output=output, best=2)
        made = [client.receive() for _ in states][1:]
        assert [int(tensors["ids"][0]) for _, tensors in made] == wanted[1:]
        assert all(header["ms"] > 0 for header, _ in made)


def test_released_states_give_their_memory_back(pair):
    case, expected = pair
    with Client("--model", case.checkpoint, "--device-map", "cuda:0") as client:
        run = Run(client, case, expected)
        before = client.ask("memory")[0]["allocated_bytes"]
        run.layer(1)
        assert client.ask("memory")[0]["allocated_bytes"] > before
        client.ask("release", release=[run.hidden, *run.keys])
        assert client.ask("memory")[0]["allocated_bytes"] <= before


def test_out_of_memory_is_typed_and_fewer_tokens_go_on(pair):
    case, _ = pair
    engine = Engine(_loading.load(case.checkpoint, "float32", "cuda:0"))
    count = 50_000
    tensors = {
        "ids": torch.ones(count, dtype=torch.uint32),
        "positions": torch.arange(count, dtype=torch.float32).expand(3, count).contiguous()}
    engine.answer("prompt", {"prompt": 1, "pieces": []}, tensors)
    engine.answer("encode", {"media": 2, "pieces": []}, {})
    engine.answer("embed", {"prompt": 1, "media": 2, "output": 3}, {})
    common = {"layer": 1, "prompt": 1, "media": 2, "input": 3}
    torch.cuda.set_per_process_memory_fraction(
        (torch.cuda.memory_reserved() + (256 << 20)) / torch.cuda.get_device_properties(0).total_memory)
    try:
        # Outputs are kept until they no longer fit.
        with pytest.raises(torch.cuda.OutOfMemoryError) as failed:
            for number in range(1000):
                engine.answer("layer", {**common, "output": 10 + 2 * number, "keys": 11 + 2 * number}, {})
        assert failure(failed.value)["kind"] == "memory"
        del failed
        states = len(engine.states)
        made, _ = engine.answer("layer", {**common, "output": 9001, "keys": 9002}, {"rows": whole(range(16))})
        assert made["tokens"] == 16 and len(engine.states) == states + 2
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
