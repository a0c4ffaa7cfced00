"""Tiny Qwen2.5-VL and Qwen3-VL checkpoints with random weights, and what transformers makes of pictures
and videos with them.

    python vl.py make                  # transformers 4.57.1: checkpoints, cases.json, expected.safetensors
    python vl.py layout                # transformers 5.23.0: the same checkpoints as it saves them
    python vl.py random COUNT FOLDER   # 4.57.1: COUNT random configurations, in the same form
    python vl.py layout FOLDER         # 5.23.0: every fifth of them as it saves them

Weights are drawn by seed and rounded to bfloat16; pictures are a formula. Everything is computed in
float32 with eager attention.
"""

import json
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoProcessor, AutoTokenizer

HERE = Path(__file__).parent
TOKENIZER = HERE.parent / "golden" / "qwen3_av" / "checkpoint"
SPECIAL = {"image_token_id": 612, "video_token_id": 613, "vision_start_token_id": 609,
           "vision_end_token_id": 610}
OPENING = ("{% for message in messages %}"
           "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
           "You are a helpful assistant.<|im_end|>\n{% endif %}")
BODY = ("<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}{{ message['content'] }}"
        "{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}"
        "<|vision_start|><|image_pad|><|vision_end|>{% elif part['type'] == 'video' %}"
        "<|vision_start|><|video_pad|><|vision_end|>{% elif 'text' in part %}{{ part['text'] }}{% endif %}"
        "{% endfor %}{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}"
        "<|im_start|>assistant\n{% endif %}")
TEMPLATES = {"qwen2_5_vl": OPENING + BODY, "qwen3_vl": "{% for message in messages %}" + BODY}
CLIP = {"image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711]}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}


def picture(height, width, seed):
    """[height, width, 3], the same formula as in the tests."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.int64)
    return ((x * (3 + seed % 5) + y * (5 + seed % 7) + c * 71 + (x * y) // 3 + seed * 37) % 256).astype(np.uint8)


# Configurations.


def text_config(rng, family):
    heads = rng.choice([2, 4])
    half = rng.choice([4, 6, 8])
    wide = family.startswith("qwen3") and rng.random() < 0.5
    width = heads * 2 * half * (1 if not wide else 1)
    h = rng.randint(1, half // 3 + 1)
    w = rng.randint(1, half // 3)
    sections = [half - h - w, h, w]
    if family.startswith("qwen3"):
        h = w = half // 3
        sections = [half - h - w, h, w]
    config = {
        "vocab_size": 640, "hidden_size": width + (8 if wide else 0), "intermediate_size": rng.choice([24, 40, 48]),
        "num_hidden_layers": rng.randint(3, 5), "num_attention_heads": heads,
        "num_key_value_heads": rng.choice([k for k in (1, 2, 4) if heads % k == 0]),
        "hidden_act": "silu", "max_position_embeddings": 32768, "rms_norm_eps": rng.choice([1e-6, 1e-5]),
        "rope_theta": rng.choice([10000.0, 1000000.0, 5000000.0]), "use_cache": True, "attention_dropout": 0.0,
    }
    if family == "qwen2_5_vl":
        config["rope_scaling"] = {"type": "mrope", "mrope_section": sections}
        config |= {"use_sliding_window": False, "sliding_window": 32768, "max_window_layers": 70}
    else:
        config |= {"head_dim": 2 * half, "attention_bias": rng.random() < 0.3}
        config["rope_scaling"] = {
            "mrope_interleaved": True, "mrope_section": sections, "rope_type": "default"}
    if family == "qwen3_vl_moe":
        # Never square: transformers 5 cannot tell which way round a square matrix is.
        config |= {"num_experts": rng.randint(3, 5), "num_experts_per_tok": 2, "moe_intermediate_size": rng.choice([8, 10]),
                   "decoder_sparse_step": 1, "mlp_only_layers": [], "norm_topk_prob": True}
    return config


def vision_config(rng, family, outputs):
    config = {
        "depth": rng.randint(2, 4), "num_heads": 2, "hidden_size": 2 * rng.choice([8, 12]),
        "intermediate_size": rng.choice([20, 24]), "out_hidden_size": outputs,
        "spatial_merge_size": 2, "temporal_patch_size": 2,
    }
    if family == "qwen2_5_vl":
        patch = rng.choice([4, 14])
        config |= {"patch_size": patch, "spatial_patch_size": patch, "in_chans": 3, "hidden_act": "silu",
                   "window_size": patch * 2 * rng.choice([2, 3, 4]) + rng.choice([0, 3]),
                   "tokens_per_second": rng.choice([2, 4]),
                   "fullatt_block_indexes": sorted(rng.sample(range(config["depth"]), rng.randint(1, config["depth"] - 1)))}
    else:
        config |= {"patch_size": rng.choice([4, 16]), "in_channels": 3, "hidden_act": "gelu_pytorch_tanh",
                   "num_position_embeddings": rng.choice([16, 36, 49]),
                   "deepstack_visual_indexes": rng.sample(range(config["depth"]), rng.randint(1, 2))}
    return config


def configuration(rng, family, tied, flat):
    text = text_config(rng, family)
    vision = vision_config(rng, family, text["hidden_size"])
    name = {"qwen2_5_vl": "Qwen2_5_VL", "qwen3_vl": "Qwen3VL", "qwen3_vl_moe": "Qwen3VLMoe"}[family]
    config = {"architectures": [name + "ForConditionalGeneration"], "model_type": family,
              **SPECIAL, "tie_word_embeddings": tied, "transformers_version": "4.57.1"}
    if flat:
        return config | text | {"vision_config": vision, "torch_dtype": "bfloat16"}
    # transformers 4 ties by this key alone, 5 by that of the root.
    text["tie_word_embeddings"] = tied
    return config | {"dtype": "bfloat16", "text_config": text | {"model_type": family + "_text"},
                     "vision_config": vision | {"model_type": family}}


# Checkpoints.


def model_class(family):
    return {"qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration", "qwen3_vl": "Qwen3VLForConditionalGeneration",
            "qwen3_vl_moe": "Qwen3VLMoeForConditionalGeneration"}[family]


def drawn(model, seed):
    """Weights of a spread that keeps activations the size they come in, rounded to bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            noise = torch.randn(value.shape, generator=generator)
            is_norm = value.ndim == 1 and name.endswith("weight")
            if is_norm:
                noise = 1 + 0.2 * noise
            elif value.ndim == 1:
                noise = 0.2 * noise
            elif "embed" in name and "proj" not in name:
                pass
            elif value.ndim == 3:
                noise = noise * value.shape[1] ** -0.5 * 1.5
            else:
                noise = noise * (value.numel() / value.shape[0]) ** -0.5 * 1.5
            value.copy_(noise.to(torch.bfloat16).float())


def published_names(tensors, family):
    """As the published files have them: Qwen2.5-VL's begin with `model.` and `visual.`."""
    if family != "qwen2_5_vl":
        return tensors
    return {n.replace("model.language_model.", "model.").replace("model.visual.", "visual."): t
            for n, t in tensors.items()}


def make_checkpoint(folder, family, seed, tied, flat, rng, bounds):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config = configuration(rng, family, tied, flat)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    loaded = transformers.AutoConfig.from_pretrained(folder)
    model = getattr(transformers, model_class(family))(loaded).float()
    drawn(model, seed)
    tensors = {n: t.detach().to(torch.bfloat16).contiguous() for n, t in model.state_dict().items()}
    if tied:
        tensors.pop("lm_head.weight", None)
    save_file(published_names(tensors, family), folder / "model.safetensors", {"format": "pt"})
    tokenizer = json.loads((TOKENIZER / "tokenizer.json").read_text())
    # A token that only text encoded as one piece has: a space before a bracket.
    left, right = tokenizer["model"]["merges"].pop()
    tokenizer["model"]["vocab"]["\u0120<"] = tokenizer["model"]["vocab"].pop(left + right)
    tokenizer["model"]["merges"].append(["\u0120", "<"])
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")))
    described = json.loads((TOKENIZER / "tokenizer_config.json").read_text())
    described = {k: v for k, v in described.items()
                 if k in ("added_tokens_decoder", "eos_token", "pad_token", "model_max_length", "tokenizer_class",
                          "add_prefix_space", "clean_up_tokenization_spaces", "errors", "split_special_tokens")}
    short = TEMPLATES["qwen2_5_vl" if family == "qwen2_5_vl" else "qwen3_vl"]
    described["chat_template"] = short
    (folder / "tokenizer_config.json").write_text(json.dumps(described) + "\n")
    (folder / "chat_template.json").write_text(json.dumps({"chat_template": short}) + "\n")
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": [602, 600], "do_sample": True}) + "\n")
    patch = config["vision_config"]["patch_size"]
    common = {"patch_size": patch, "temporal_patch_size": 2, "merge_size": 2}
    unit = (2 * patch) ** 2
    if family == "qwen2_5_vl":
        least, most, _ = bounds
        image = common | CLIP | {
            "min_pixels": least * unit, "max_pixels": most * unit, "image_processor_type": "Qwen2VLImageProcessor",
            "processor_class": "Qwen2_5_VLProcessor"}
    else:
        least, most, frames = bounds
        size = {"shortest_edge": least * unit, "longest_edge": most * unit}
        image = common | HALF | {"size": size, "image_processor_type": "Qwen2VLImageProcessorFast",
                                 "processor_class": "Qwen3VLProcessor"}
        size = {"shortest_edge": least * unit, "longest_edge": frames * most * unit}
        video = common | HALF | {"size": size, "video_processor_type": "Qwen3VLVideoProcessor",
                                 "processor_class": "Qwen3VLProcessor"}
        (folder / "video_preprocessor_config.json").write_text(json.dumps(video, indent=1) + "\n")
    (folder / "preprocessor_config.json").write_text(json.dumps(image, indent=1) + "\n")


# Cases. A part is a text, `image: [height, width, seed]` or `video: [frames, height, width, seed]`, the
# latter with the numbers of its frames in the file and the file's rate.


def video(frames, height, width, seed, indices, rate):
    return {"video": [frames, height, width, seed], "indices": indices, "rate": rate}


def cases(token):
    """By the pixels of a token's side."""
    def px(tokens):
        return max(1, round(tokens * token))
    return {
        "video": [video(6, px(2.7), px(3.4), 1, [0, 5, 10, 15, 20, 25], 10.0), "What moves?"],
        "odd": [video(5, px(3.3), px(1.2), 2, [0, 13, 27, 40, 53], 29.97), "How many?"],
        "image": [{"image": [px(2.2), px(4.9), 3]}, "Describe the picture."],
        "both": [{"image": [px(1.4), px(2.6), 4]}, video(4, px(2), px(3), 5, [0, 7, 14, 21], 7.0), "Same?"],
        "after-text": ["Look at this: ", video(4, px(2.4), px(2.4), 6, [2, 32, 62, 92], 30.0), " and ",
                       video(2, px(2), px(4), 7, [0, 24], 12.0), {"image": [px(3), px(2), 8]}, "Which?"],
        "large": [video(4, px(9), px(7), 9, [0, 1, 2, 3], 1.5), "Small?"],
        "text": ["Who are you?"],
    }


def inputs(processor, family, parts, system):
    content, images, videos, metadata, seconds = [], [], [], [], []
    for part in parts:
        if isinstance(part, str):
            content.append({"type": "text", "text": part})
        elif "image" in part:
            content.append({"type": "image"})
            images.append(picture(*part["image"]))
        else:
            content.append({"type": "video"})
            frames, height, width, seed = part["video"]
            clip = np.stack([picture(height, width, seed + 10 * i) for i in range(frames)])
            videos.append(torch.from_numpy(clip).permute(0, 3, 1, 2))
            metadata.append({"total_num_frames": part["indices"][-1] + 1, "fps": part["rate"],
                             "frames_indices": list(part["indices"]), "duration": None})
            step = (part["indices"][-1] - part["indices"][0]) / (frames - 1) / part["rate"]
            seconds.append(part.get("fps", 1 / step))
            part["second_per_grid"] = 2 / seconds[-1]
    messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": content}]
    text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    keys = {}
    if images:
        keys["images"] = images
    if videos:
        keys["videos"] = videos
        keys["do_sample_frames"] = False
        if family == "qwen2_5_vl":
            keys["fps"] = seconds
        else:
            keys["video_metadata"] = [transformers.video_utils.VideoMetadata(**m) for m in metadata]
    return processor(text=[text], return_tensors="pt", **keys)


def captured(model, batch):
    """Encoder outputs, hidden states per layer, logits and generated ids."""
    out, found = {}, {}
    hooks = []
    visual, language = model.model.visual, model.model.language_model

    def seen(module, args, keys, result):
        grid = keys.get("grid_thw", args[1] if len(args) > 1 else None)
        kind = "image" if "pixel_values" in batch and grid.shape == batch.get("image_grid_thw", grid[:0]).shape \
            and torch.equal(grid, batch["image_grid_thw"]) and "image" not in found else "video"
        found[kind] = result if isinstance(result, tuple) else (result, [])

    def layer(index):
        def hook(module, args, result):
            found.setdefault("layers", {}).setdefault(index, (result[0] if isinstance(result, tuple) else result)[0].clone())
        return hook

    def entrance(module, args, keys):
        if "embeddings" not in found:
            found["embeddings"] = keys["inputs_embeds"][0].clone()
            found["positions"] = keys["position_ids"].clone()

    hooks.append(visual.register_forward_hook(seen, with_kwargs=True))
    hooks.append(language.register_forward_pre_hook(entrance, with_kwargs=True))
    for index, block in enumerate(language.layers):
        hooks.append(block.register_forward_hook(layer(index)))
    with torch.no_grad():
        result = model.generate(
            **batch, max_new_tokens=6, do_sample=False, output_logits=True, return_dict_in_generate=True,
            eos_token_id=10**6, pad_token_id=0)
    for hook in hooks:
        hook.remove()
    ids = batch["input_ids"][0]
    out["ids"] = ids.int()
    positions = found["positions"]
    out["positions"] = (positions[1:] if positions.shape[0] == 4 else positions)[:, 0].float().contiguous()
    out["generated"] = result.sequences[0][len(ids):].int()
    out["logits"] = result.logits[0][0].float().contiguous()
    for kind in ("image", "video"):
        if kind in found:
            out[kind] = found[kind][0].float().contiguous()
            for level, features in enumerate(found[kind][1]):
                out[f"{kind}.level{level}"] = features.float().contiguous()
    rows = torch.arange(0, len(ids), 5)
    out["rows"] = rows.int()
    for index, states in found["layers"].items():
        out[f"hidden.{index}"] = states[rows].float().contiguous()
    return out


def expectations(folder, family, chosen, prefix, systems):
    processor = AutoProcessor.from_pretrained(folder)
    model = getattr(transformers, model_class(family)).from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()
    token = 2 * model.config.vision_config.patch_size
    described, tensors = [], {}
    for index, (name, parts) in enumerate(cases(token).items()):
        if name not in chosen:
            continue
        system = systems[index % len(systems)]
        batch = inputs(processor, family, parts, system)
        for key, value in captured(model, batch).items():
            tensors[f"{prefix}.{name}.{key}"] = value
        described.append({"checkpoint": folder.name, "name": f"{prefix}.{name}", "system": system, "parts": parts})
    return described, tensors


ALL = ["video", "odd", "image", "both", "after-text", "large", "text"]


def make():
    assert transformers.__version__ == "4.57.1", transformers.__version__
    described, tensors = [], {}
    plans = [("qwen2_5_vl", 61, True, True), ("qwen3_vl", 74, False, False), ("qwen3_vl_moe", 82, False, False)]
    for family, seed, tied, flat in plans:
        rng = random.Random(seed)
        folder = HERE / family
        make_checkpoint(folder, family, seed, tied, flat, rng, (2, 12, 4))
        chosen = ALL if family != "qwen3_vl_moe" else ["both", "image"]
        more, values = expectations(folder, family, chosen, family, [None, "Be brief."])
        described += more
        tensors |= values
    write(HERE, described, tensors)


def write(folder, described, tensors):
    (folder / "cases.json").write_text(json.dumps(described, indent=1) + "\n")
    save_file(tensors, folder / "expected.safetensors")


def layout(folder, every):
    """Each checkpoint as transformers 5 saves it, beside the old one."""
    assert transformers.__version__.startswith("5.23"), transformers.__version__
    described = json.loads((folder / "cases.json").read_text())
    names = sorted({case["checkpoint"] for case in described if not case["checkpoint"].endswith("-5")})
    for name in names[::every]:
        family = json.loads((folder / name / "config.json").read_text())["model_type"]
        target = folder / f"{name}-5"
        shutil.rmtree(target, ignore_errors=True)
        model = getattr(transformers, model_class(family)).from_pretrained(folder / name)
        model.save_pretrained(target)
        AutoProcessor.from_pretrained(folder / name).save_pretrained(target)
        described = [c for c in described if c["checkpoint"] != target.name]
        described += [c | {"checkpoint": target.name} for c in described if c["checkpoint"] == name]
    (folder / "cases.json").write_text(json.dumps(described, indent=1) + "\n")


def many(count, folder):
    assert transformers.__version__ == "4.57.1", transformers.__version__
    folder.mkdir(parents=True, exist_ok=True)
    described, tensors = [], {}
    for index in range(count):
        rng = random.Random(1000 + index)
        family = ["qwen2_5_vl", "qwen3_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe"][index % 5]
        name = f"{family}-{index:03}"
        flat = family == "qwen2_5_vl" and rng.random() < 0.5
        make_checkpoint(folder / name, family, 1000 + index, rng.random() < 0.5, flat, rng,
                        (rng.randint(1, 3), rng.randint(6, 16), rng.randint(2, 6)))
        chosen = rng.sample(ALL, 2)
        more, values = expectations(folder / name, family, chosen, name, [None, "Be brief."])
        described += more
        tensors |= values
    write(folder, described, tensors)


if __name__ == "__main__":
    command = sys.argv[1]
    if command == "make":
        make()
    elif command == "layout":
        layout(Path(sys.argv[2]) if len(sys.argv) > 2 else HERE, 5 if len(sys.argv) > 2 else 1)
    else:
        many(int(sys.argv[2]), Path(sys.argv[3]))
