"""Adapters and quantised weights in the engine, against what transformers answers with merged or decoded weights."""

import json
import shutil

import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

import cases
from engine_client import Local, Run
from seats_trace.engine import _loading
from seats_trace.engine._server import failure
from seats_trace.engine._wire import Refused

RUNS = cases.GOLDEN.parent / "quantised" / "runs"
NAMES = sorted(path.name for path in RUNS.iterdir())
ADAPTERS = [name for name in NAMES if "-lora-" in name]


def golden(name):
    return cases.Case(cases.GOLDEN / ("qwen2_5_av" if name.startswith("qwen2.5") else "qwen3_av"))


def expect_reference(client, case, name, tolerance):
    expected = json.loads((RUNS / name / "expected.json").read_text())
    run = Run(client, case, load_file(case.directory / "expected.safetensors"))
    layers = case.facts["num_layers"]
    for number in range(1, layers + 1):
        run.layer(number, outputs=1 if number == layers else None)
    logits = run.logits(0)
    for index, value in expected["top"]:
        assert abs(float(logits[int(index)]) - value) < tolerance, (name, index, float(logits[int(index)]), value)
    if tolerance < 1e-2:
        assert run.answer(logits, len(expected["ids"])) == expected["ids"]


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_gives_the_answer_of_its_merged_weights_or_is_refused(name):
    pytest.importorskip("peft")
    case = golden(name)
    try:
        loaded = _loading.load(case.checkpoint, "float32", "cpu", adapter=RUNS / name)
    except Refused as refused:
        # What peft cannot put on this version's modules: said, and not run without it.
        assert "adapter" in str(refused) and not name.endswith(f"-v{transformers.__version__.split('.')[0]}"), refused
        return
    client = Local(loaded)
    assert client.facts["model"]["name"].startswith(str(RUNS / name))
    expect_reference(client, case, name, 1e-4)


def test_weights_that_are_missing_are_refused(tmp_path):
    case = golden("qwen2.5")
    for file in case.checkpoint.iterdir():
        shutil.copy(file, tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    lost = next(key for key in tensors if key.endswith("layers.3.mlp.down_proj.weight"))
    save_file({key: value for key, value in tensors.items() if key != lost}, tmp_path / "model.safetensors",
              metadata={"format": "pt"})
    with pytest.raises(Refused, match="1 tensors of the model are not in"):
        _loading.load(tmp_path, "float32", "cpu")


def test_an_adapter_of_another_model_is_refused(tmp_path):
    pytest.importorskip("peft")
    name = next(name for name in ADAPTERS if name.startswith("qwen2.5-lora-attention"))
    for file in RUNS.joinpath(name).iterdir():
        shutil.copy(file, tmp_path)
    tensors = load_file(tmp_path / "adapter_model.safetensors")
    save_file({key.replace("layers.0.", "layers.90."): value for key, value in tensors.items()},
              tmp_path / "adapter_model.safetensors")
    with pytest.raises(Refused, match="find no place"):
        _loading.load(golden(name).checkpoint, "float32", "cpu", adapter=tmp_path)
    (tmp_path / "adapter_model.safetensors").unlink()
    with pytest.raises(Refused, match="no adapter_model.safetensors"):
        _loading.load(golden(name).checkpoint, "float32", "cpu", adapter=tmp_path)


def whole(name, folder):
    """A quantised checkpoint as a user has it."""
    case = golden(name)
    for file in case.checkpoint.iterdir():
        if file.suffix != ".safetensors":
            shutil.copy(file, folder)
    config = json.loads((RUNS / name / "config.json").read_text())
    found = _loading._quantisation(config)
    if "ignore" in found:
        # The encoders are not quantised, which configurations of real checkpoints say.
        found["ignore"] += ["re:.*visual.*", "re:.*audio_tower.*", *(["re:.*mlp.gate$"] if "qwen3" in name else [])]
    (folder / "config.json").write_text(json.dumps(config))
    plain, quantised = load_file(case.checkpoint / "model.safetensors"), load_file(RUNS / name / "quantised.safetensors")
    index = json.loads((RUNS / name / "model.safetensors.index.json").read_text())["weight_map"]
    tensors = {key: (quantised if file.startswith("quantised") else plain)[key] for key, file in index.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return case


@pytest.mark.parametrize("name", [name for name in NAMES if "-lora-" not in name])
def test_quantised_weights_give_the_answer_of_their_decoded_ones_or_none(name, tmp_path):
    case = whole(name, tmp_path)
    try:
        client = Local(_loading.load(tmp_path, "float32", "cpu"))
        assert client.facts["bytes_per_number"] == 4 and client.facts["compute"] == "float32"
        expect_reference(client, case, name, 1e-4)
    except AssertionError:
        raise
    except Exception as error:
        # What transformers cannot run on a CPU, or without another library, is an error, never another answer.
        assert failure(error)["kind"] in ("refused", "internal")
