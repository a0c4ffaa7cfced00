"""Quantised forms of, and LoRA directories on, the checkpoints beside this file, and what transformers makes of the
decoded or merged weights.

    pip install transformers==4.57.1 peft==0.21.2 compressed-tensors==0.20.0
    python variants.py

A quantised case holds the files that differ from the checkpoint, an adapter is a directory as peft writes it.
`variants.json` lists them with the five largest logits after one prompt, and the greedy ids, in float32 with eager
attention. Seeds are the lengths of the names.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "quantised"))
import decoders  # noqa: E402
import vl  # noqa: E402

CASE = {"qwen2_5_vl": "both", "qwen3_vl": "both", "qwen3_vl_moe": "image"}
LINEAR = "q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj"


def family_of(name):
    return name.split("-")[0]


def expectation(name, folder, model=None):
    """Logits and ids of the family's case by the weights of a folder, or by a model."""
    family = family_of(name)
    if model is None:
        model = getattr(transformers, vl.model_class(family)).from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager")
    processor = transformers.AutoProcessor.from_pretrained(folder)
    token = 2 * model.config.vision_config.patch_size
    wanted = f"{family}.{CASE[family]}"
    listed = next(c for c in json.loads((HERE / "cases.json").read_text()) if c["name"] == wanted)
    batch = vl.inputs(processor, family, vl.cases(token)[CASE[family]], listed["system"])
    found = vl.captured(model.eval(), batch)
    top = found["logits"].topk(5)
    return {"name": name, "case": wanted, "top": [[i, v] for i, v in zip(top.indices.tolist(), top.values.tolist())],
            "ids": found["generated"].tolist()}


def quantised(name, wanted, **weights):
    family, case = family_of(name), HERE / "variants" / name
    base = load_file(HERE / family / "model.safetensors")
    matrices = {n.removesuffix(".weight"): t for n, t in base.items() if n.endswith(".weight") and wanted(n)}
    made = {}
    decoders.write = lambda _, config, tensors, expected: made.update(config=config, tensors=tensors, plain=expected)
    decoders.compressed("", matrices, **weights)
    shutil.rmtree(case, ignore_errors=True)
    case.mkdir(parents=True)
    config = json.loads((HERE / family / "config.json").read_text())
    config["quantization_config"] = made["config"]["quantization_config"]
    (case / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    rest = {n: t for n, t in base.items() if n not in made["plain"]}
    stored = rest | {n: t.contiguous() for n, t in made["tensors"].items()}
    save_file(stored, case / "model.safetensors", {"format": "pt"})
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch) / family
        shutil.copytree(HERE / family, plain)
        decoded = {n: t.float().contiguous() for n, t in (rest | made["plain"]).items()}
        save_file(decoded, plain / "model.safetensors", {"format": "pt"})
        return expectation(name, plain)


def adapted(name, **options):
    from peft import LoraConfig, PeftModel, get_peft_model

    family, case = family_of(name), HERE / "variants" / name

    def load():
        return getattr(transformers, vl.model_class(family)).from_pretrained(
            HERE / family, dtype=torch.float32, attn_implementation="eager")

    torch.manual_seed(len(name))
    model = get_peft_model(load(), LoraConfig(**options))
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "lora_" in key:
                value.add_(0.1 * torch.randn_like(value))
    shutil.rmtree(case, ignore_errors=True)
    model.peft_config["default"].base_model_name_or_path = family
    model.save_pretrained(case)
    (case / "README.md").unlink(missing_ok=True)
    merged = PeftModel.from_pretrained(load(), case).merge_and_unload()
    return expectation(name, HERE / family, merged)


def language(name):
    return "layers." in name and "_proj." in name and "visual" not in name


def main():
    assert transformers.__version__ == "4.57.1", transformers.__version__
    both = {"r": 4, "lora_alpha": 12}
    cases = [
        quantised("qwen2_5_vl-int4", language, num_bits=4, symmetric=False, type="int", strategy="group", group_size=8),
        quantised("qwen3_vl-int8", language, num_bits=8, symmetric=True, type="int", strategy="channel",
                  activations={"type": "int", **decoders.W8A8}),
        quantised("qwen3_vl-float8", lambda n: language(n) or ".attn.qkv." in n, num_bits=8, symmetric=True,
                  type="float", strategy="channel", activations={"type": "float", **decoders.W8A8}),
        quantised("qwen3_vl_moe-int4", lambda n: language(n) and "self_attn" in n, num_bits=4, symmetric=True,
                  type="int", strategy="group", group_size=8),
        adapted("qwen2_5_vl-lora", target_modules=rf".*language_model.*\.({LINEAR})", **both),
        adapted("qwen2_5_vl-lora-tower", target_modules=["qkv", "q_proj", "v_proj"], **both),
        adapted("qwen3_vl-lora", target_modules=rf".*language_model.*\.({LINEAR})", **both),
        adapted("qwen3_vl_moe-lora", target_modules=["q_proj", "o_proj"], **both),
    ]
    (HERE / "variants" / "variants.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
