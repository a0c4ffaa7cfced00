"""Writes `runs/`: the golden checkpoints quantised, or adapted, and what transformers makes of the decoded weights.

    pip install … as decoders.py, peft==0.21.2
    python runs.py WORK [NAME …]

A case holds what differs from golden/<family>/checkpoint: config.json and an index that names golden's own
model.safetensors beside quantised.safetensors, or an adapter. `expected.json` has the five largest logits after the
golden clip and the first greedy ids, from the thinker in plain transformers (float32, eager) on a directory with the
decoded weights, or from peft's merge_and_unload in float32. WORK takes those directories.
"""
import json, os, shutil, subprocess, sys
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
import decoders

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, "..", "golden")
FAMILIES = {"qwen2.5": "qwen2_5_av", "qwen3": "qwen3_av"}


def golden(family):
    return os.path.join(GOLDEN, FAMILIES[family], "checkpoint")


def modules(family, wanted):
    tensors = load_file(os.path.join(golden(family), "model.safetensors"))
    return {k.removesuffix(".weight"): v for k, v in tensors.items() if k.endswith("_proj.weight") and wanted(k)}


def decoder(name):
    return ".model.layers." in name


def dense(name):
    return decoder(name) and ".experts." not in name


def quantised(work, family, scheme, quantise, wanted=decoder, place=()):
    """Quantises golden's matrices, and writes the case and the decoded directory."""
    name = f"{family}-{scheme}"
    made = {}
    decoders.write = lambda _, config, tensors, expected: made.update(config=config, tensors=tensors, plain=expected)
    torch.manual_seed(len(name))
    quantise(modules(family, wanted))
    found = made["config"]
    found = found.get("thinker_config", found)
    settings = found["quantization_config"]
    case, plain = os.path.join(HERE, "runs", name), os.path.join(work, name + "-plain")
    os.makedirs(case, exist_ok=True)
    shutil.rmtree(plain, ignore_errors=True)
    shutil.copytree(golden(family), plain)
    config = json.load(open(os.path.join(golden(family), "config.json")))
    at = config
    for key in place:
        at = at[key]
    at["quantization_config"] = settings
    json.dump(config, open(os.path.join(case, "config.json"), "w"), indent=1)
    tensors = load_file(os.path.join(golden(family), "model.safetensors"))
    index = {k: "model.safetensors-golden" for k in tensors if k not in {m for m in made["plain"]}}
    index |= {k: "quantised.safetensors" for k in made["tensors"]}
    json.dump({"weight_map": index}, open(os.path.join(case, "model.safetensors.index.json"), "w"))
    save_file({k: v.contiguous() for k, v in made["tensors"].items()}, os.path.join(case, "quantised.safetensors"))
    for key, value in made["plain"].items():
        assert tensors[key].shape == value.shape
        tensors[key] = value.float()
    save_file({k: v.contiguous() for k, v in tensors.items()}, os.path.join(plain, "model.safetensors"))
    # The whole checkpoint as a user has it.
    whole = os.path.join(work, name)
    shutil.rmtree(whole, ignore_errors=True)
    shutil.copytree(golden(family), whole)
    shutil.copy(os.path.join(case, "config.json"), whole)
    parts = {k: v for k, v in tensors.items() if k not in made["plain"]} | made["tensors"]
    save_file({k: v.contiguous() for k, v in parts.items()}, os.path.join(whole, "model.safetensors"))
    expect(case, plain, family)


def expect(case, directory, family):
    lines = subprocess.run([sys.executable, os.path.join(HERE, "reference.py"), directory,
                            os.path.join(GOLDEN, FAMILIES[family], "clip")], capture_output=True, text=True)
    if lines.returncode:
        raise SystemExit(lines.stderr[-2000:])
    json.dump(json.loads(lines.stdout.splitlines()[-1]), open(os.path.join(case, "expected.json"), "w"))


def adapted(work, family, name, change=None, whole=False, **options):
    """A LoRA directory made with peft, with random factors."""
    import transformers
    from peft import LoraConfig, PeftModel, get_peft_model

    prefix = "Qwen2_5Omni" if family == "qwen2.5" else "Qwen3OmniMoe"
    kind = getattr(transformers, prefix + ("" if whole else "Thinker") + "ForConditionalGeneration")
    load = lambda: kind.from_pretrained(golden(family), dtype=torch.float32).eval()
    version = transformers.__version__.split(".")[0]
    name = f"{family}-lora-{name}-v{version}"
    torch.manual_seed(len(name))
    model = get_peft_model(load(), LoraConfig(**options))
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "lora_magnitude_vector" in key:
                value.mul_(1 + 0.2 * torch.randn_like(value))
            elif "lora_" in key or "modules_to_save" in key or "trainable_tokens" in key or (
                options.get("bias", "none") != "none" and key.endswith("bias")):
                value.add_(0.05 * torch.randn_like(value))
    case = os.path.join(HERE, "runs", name)
    shutil.rmtree(case, ignore_errors=True)
    model.peft_config["default"].base_model_name_or_path = "golden"
    model.save_pretrained(case, save_embedding_layers=options.get("save_embedding_layers", False))
    for extra in ("README.md",):
        if os.path.exists(os.path.join(case, extra)):
            os.remove(os.path.join(case, extra))
    merged = PeftModel.from_pretrained(load(), case).merge_and_unload()
    plain = os.path.join(work, name + "-plain")
    shutil.rmtree(plain, ignore_errors=True)
    shutil.copytree(golden(family), plain)
    tensors = load_file(os.path.join(golden(family), "model.safetensors"))
    thinker = merged.thinker if whole else merged
    state = thinker.state_dict()
    names = {}
    for key in tensors:
        short = key.removeprefix("thinker.")
        for old, new in (("model.", "model.language_model."), ("visual.", "model.visual."),
                         ("audio_tower.", "model.audio_tower."), ("", "")):
            if short.startswith(old) and new + short[len(old):] in state:
                names[key] = new + short[len(old):]
                break
    for key in tensors:
        if key in names:
            tensors[key] = state[names[key]].float()
        elif ".experts." in key:
            stem, rest = key.removeprefix("thinker.model.").split(".experts.")
            number, part, _ = rest.split(".")
            both = state[f"model.language_model.{stem}.experts." + ("down_proj" if part == "down_proj" else "gate_up_proj")]
            one = both[int(number)].float()
            half = one.shape[0] // 2
            tensors[key] = {"gate_proj": one[:half], "up_proj": one[half:], "down_proj": one}[part]
        else:
            raise SystemExit(f"{key} is not in the merged model")
    save_file({k: v.contiguous().clone() for k, v in tensors.items()}, os.path.join(plain, "model.safetensors"))
    expect(case, plain, family)


ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
MLP = ["gate_proj", "up_proj", "down_proj"]
W8A8 = dict(num_bits=8, dynamic=True, strategy="token")
QUANTISED = {
    "qwen2.5-awq": lambda w: quantised(w, "qwen2.5", "awq", lambda m: decoders.awq("", m, 8), place=("thinker_config",)),
    "qwen2.5-gptq": lambda w: quantised(w, "qwen2.5", "gptq", lambda m: decoders.gptq("", m, 4, 16, False, order=True)),
    "qwen2.5-int4": lambda w: quantised(
        w, "qwen2.5", "int4", lambda m: decoders.compressed("", m, num_bits=4, symmetric=False, type="int",
                                                             strategy="group", group_size=8)),
    "qwen2.5-fp8": lambda w: quantised(w, "qwen2.5", "fp8", lambda m: decoders.fine_grained("", m, [32, 32], torch.float32)),
    "qwen3-int4": lambda w: quantised(
        w, "qwen3", "int4", lambda m: decoders.compressed("", m, num_bits=4, symmetric=True, type="int",
                                                          strategy="group", group_size=4),
        place=("thinker_config", "text_config")),
    "qwen3-float8": lambda w: quantised(
        w, "qwen3", "float8", lambda m: decoders.compressed("", m, num_bits=8, symmetric=True, type="float",
                                                            strategy="channel", activations=dict(type="float", **W8A8))),
    "qwen3-gptq": lambda w: quantised(w, "qwen3", "gptq", lambda m: decoders.gptq("", m, 8, 16, True, form="gptq_v2"),
                                      wanted=dense),
}
ADAPTED = {
    "attention": lambda w, f: adapted(w, f, "attention", r=4, lora_alpha=12, target_modules=ATTENTION),
    "patterns": lambda w, f: adapted(
        w, f, "patterns", r=4, lora_alpha=8, use_rslora=True, target_modules=ATTENTION + (MLP if f == "qwen2.5" else []),
        rank_pattern={"q_proj": 2, r"layers\.1\.self_attn\.k_proj": 6}, alpha_pattern={"v_proj": 32},
        modules_to_save=["lm_head"]),
    "dora": lambda w, f: adapted(w, f, "dora", r=3, lora_alpha=6, use_dora=True, target_modules=["q_proj", "o_proj"]),
    "embedding": lambda w, f: adapted(w, f, "embedding", r=4, lora_alpha=8, target_modules=["embed_tokens", "v_proj"]),
    "bias": lambda w, f: adapted(w, f, "bias", r=2, lora_alpha=4, bias="lora_only", target_modules=["q_proj", "k_proj"]),
    "tokens": lambda w, f: adapted(w, f, "tokens", r=2, lora_alpha=4, target_modules=["q_proj"],
                                   trainable_token_indices={"embed_tokens": [5, 603, 7, 100]}),
}


def experts(work, family):
    import transformers

    if transformers.__version__.startswith("5"):
        adapted(work, family, "experts", r=2, lora_alpha=6, target_modules=["q_proj"],
                target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"])
    else:
        adapted(work, family, "experts", r=2, lora_alpha=6, target_modules=MLP)


if __name__ == "__main__":
    work, chosen = sys.argv[1], sys.argv[2:]
    os.makedirs(work, exist_ok=True)
    todo = [(name, lambda make=make: make(work)) for name, make in QUANTISED.items()]
    for family in FAMILIES:
        todo += [(f"{family}-lora-{name}", lambda make=make, family=family: make(work, family))
                 for name, make in ADAPTED.items()]
    todo.append(("qwen3-lora-experts", lambda: experts(work, "qwen3")))
    for name, make in todo:
        if not chosen or name in chosen:
            make()
            print(name, flush=True)
