"""Where things are in a model, and its sizes."""

import math
from collections import Counter
from dataclasses import dataclass

import torch
from torch import nn


#: What a trace calls the omni families, by a part of their `model_type`.
FAMILIES = {"qwen2_5_omni": "Qwen2.5-Omni", "qwen3_omni": "Qwen3-Omni"}


class UnsupportedModel(Exception):
    """The model has no thinker that could be watched."""


@dataclass(frozen=True)
class Parts:
    """The modules of a thinker that hooks go on."""

    thinker: nn.Module
    decoder: nn.Module
    layers: list
    rotary: nn.Module | None
    norm: nn.Module | None
    head: nn.Module
    vision: nn.Module | None
    audio: nn.Module | None

    @property
    def config(self):
        return self.thinker.config


def find_parts(model: nn.Module) -> Parts:
    """The thinker inside `model`: the model itself, its `thinker`, or what a wrapper (PEFT, DDP, FSDP) holds."""
    for module in model.modules() if isinstance(model, nn.Module) else ():
        # Only what a module holds itself: wrappers pass on the attributes of what they wrap.
        head, inner = module._modules.get("lm_head"), _unwrapped(module._modules.get("model"))
        # transformers 5 puts encoders and decoder into the inner model, 4 only the decoder's layers.
        decoder = _unwrapped(getattr(inner, "language_model", None)) or inner
        audio, vision = (
            next((found for held in (module, inner) if (found := getattr(held, name, None)) is not None), None)
            for name in ("audio_tower", "visual"))
        encodes = audio is not None or vision is not None
        if head is None or not isinstance(getattr(decoder, "layers", None), nn.ModuleList) or not encodes:
            continue
        return Parts(
            thinker=module,
            decoder=decoder,
            layers=list(decoder.layers),
            rotary=getattr(decoder, "rotary_emb", None),
            norm=getattr(decoder, "norm", None),
            head=head,
            vision=vision,
            audio=audio,
        )
    raise UnsupportedModel(
        f"{type(model).__name__} has no thinker with decoder layers, a language-model head and an encoder: "
        "give a Qwen2.5-Omni, Qwen3-Omni, Qwen2.5-VL or Qwen3-VL model, an omni model's thinker, or what wraps one."
    )


def _unwrapped(module):
    """What FSDP, DDP or torch.compile wrap; the module itself where nothing wraps it."""
    while module is not None:
        held = module._modules
        inner = held.get("_fsdp_wrapped_module", held.get("_orig_mod", held.get("module")))
        if inner is None:
            return module
        module = inner
    return None


def special_ids(config) -> dict:
    """The placeholder ids of video, audio and images; None where the model has none."""
    return {
        modality: next(
            (value for name in (f"{modality}_token_id", f"{modality}_token_index")
             if (value := getattr(config, name, None)) is not None),
            None,
        )
        for modality in ("video", "audio", "image")
    }


def describe(model: nn.Module, parts: Parts) -> dict:
    """The `model` object of a trace's `run` line."""
    text = parts.config.get_text_config()
    heads = text.num_attention_heads
    width = getattr(text, "head_dim", None) or text.hidden_size // heads
    wide, nominal = (text.num_key_value_heads * size for size in (width, text.hidden_size // heads))
    sizes = {"kv_width": wide} if wide == nominal else {"kv_width": wide, "nominal_kv_width": nominal}
    config = getattr(model, "config", None)
    name = getattr(config, "_name_or_path", "") or getattr(parts.config, "_name_or_path", "") or type(parts.thinker).__name__
    dtype, count = weights(parts.thinker)
    made = {
        "name": str(name).rstrip("/").split("/")[-1],
        "architecture": str((getattr(parts.config, "architectures", None) or [type(parts.thinker).__name__])[0]),
        "family": next((name for kind, name in FAMILIES.items() if kind in str(getattr(parts.config, "model_type", ""))), None),
        "layers": len(parts.layers),
        "hidden": text.hidden_size,
        **sizes,
        "intermediate": text.intermediate_size,
        "vocabulary": text.vocab_size,
        "dtype": dtype,
        "parameters": count,
    }
    return {key: value for key, value in made.items() if value is not None}


def weights(thinker: nn.Module):
    """What most numbers of the weights are stored as, and how many numbers they are, packed ones unpacked."""
    kinds, seen = Counter(), set()
    for module in thinker.modules():
        packed = _packed(module)
        if packed is not None:
            kinds[packed] += module.in_features * module.out_features
        for name, parameter in module._parameters.items():
            if parameter is None or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            state = getattr(parameter, "quant_state", None)
            if state is not None:
                kinds[str(getattr(state, "quant_type", "4 bit"))] += math.prod(state.shape)
            elif packed is None or name == "bias":
                kinds[str(parameter.dtype).removeprefix("torch.")] += parameter.numel()
    scheme = getattr(thinker.config, "quantization_config", None)
    scheme = scheme.get("quant_method") if isinstance(scheme, dict) else getattr(scheme, "quant_method", None)
    dtype = kinds.most_common(1)[0][0] if kinds else "unknown"
    scheme = getattr(scheme, "value", scheme)
    return f"{scheme} {dtype}" if scheme else dtype, sum(kinds.values())


def _packed(module):
    """How a quantised layer packs its weight (GPTQ, AWQ, compressed-tensors); None for all others."""
    held = next((
        found for name in ("qweight", "weight_packed") for kind in (module._parameters, module._buffers)
        if (found := kind.get(name)) is not None), None)
    sizes = getattr(module, "in_features", None), getattr(module, "out_features", None)
    if held is None or not all(isinstance(size, int) for size in sizes):
        return None
    bits = 8 * held.element_size() * held.numel() / (sizes[0] * sizes[1])
    return f"int{round(bits)}"


def layer_flops(parts: Parts, layer: nn.Module, tokens: int):
    """FLOPs of a decoder layer over `tokens` tokens: 2 per multiply-add, causal halves of attention not counted
    twice. None where the layer is of another make."""
    text = parts.config.get_text_config()
    width = getattr(text, "head_dim", None) or text.hidden_size // text.num_attention_heads
    linear = _multiplications(layer)
    active = getattr(text, "num_experts_per_tok", None)
    if active and "experts" in getattr(getattr(layer, "mlp", None), "_modules", {}):
        linear += 3 * active * text.hidden_size * text.moe_intermediate_size
        gate = getattr(getattr(layer, "mlp", None), "gate", None)
        if gate is not None and not isinstance(getattr(gate, "in_features", None), int):
            linear += text.hidden_size * text.num_experts
    if linear == 0:
        return None
    return 2.0 * tokens * linear + 2.0 * tokens * (tokens + 1) * text.num_attention_heads * width


def _multiplications(module: nn.Module) -> int:
    """For a token, in all linear layers but those of experts."""
    sizes = getattr(module, "in_features", None), getattr(module, "out_features", None)
    own = sizes[0] * sizes[1] if all(isinstance(size, int) for size in sizes) else 0
    # What a wrapper such as LoRA's says of its size is what it wraps.
    own = 0 if any(True for _ in module.children()) else own
    return own + sum(_multiplications(held) for name, held in module.named_children() if name != "experts")


def head_flops(head: nn.Module, tokens: int):
    """FLOPs of the output head over `tokens` tokens; None where it is no linear layer."""
    sizes = getattr(head, "in_features", None), getattr(head, "out_features", None)
    return 2.0 * tokens * sizes[0] * sizes[1] if all(isinstance(size, int) for size in sizes) else None


def device_of(module: nn.Module) -> torch.device:
    """Where a module computes; with accelerate's offloading that is not where its weights lie."""
    hook = getattr(module, "_hf_hook", None)
    place = getattr(hook, "execution_device", None)
    if place is None:
        place = next((p.device for p in module.parameters()), torch.device("cpu"))
    if isinstance(place, int):
        place = f"cuda:{place}"
    return torch.device(place)
