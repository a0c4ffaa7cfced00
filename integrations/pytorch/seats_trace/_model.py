"""Where things are in a model, and its sizes."""

from dataclasses import dataclass

import torch
from torch import nn


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
    """The thinker inside `model`: the model itself, its `thinker`, or what a wrapper (PEFT, DDP) holds."""
    for module in model.modules():
        inner, head = getattr(module, "model", None), getattr(module, "lm_head", None)
        # transformers 5 puts encoders and decoder into the inner model, 4 only the decoder's layers.
        decoder = getattr(inner, "language_model", inner)
        audio, vision = (
            next((found for held in (module, inner) if (found := getattr(held, name, None)) is not None), None)
            for name in ("audio_tower", "visual"))
        listens = audio is not None or vision is not None
        if head is None or not isinstance(getattr(decoder, "layers", None), nn.ModuleList) or not listens:
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
        "give a Qwen2.5-Omni or Qwen3-Omni model, or its thinker."
    )


def special_ids(config) -> dict:
    """The placeholder ids of video and audio; None where the model has none."""
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
    return {
        "name": str(getattr(model.config, "_name_or_path", "") or type(model).__name__).rstrip("/").split("/")[-1],
        "architecture": (getattr(parts.config, "architectures", None) or [type(parts.thinker).__name__])[0],
        "layers": len(parts.layers),
        "hidden": text.hidden_size,
        **sizes,
        "intermediate": text.intermediate_size,
        "vocabulary": text.vocab_size,
        "dtype": str(next(parts.thinker.parameters()).dtype).removeprefix("torch."),
        "parameters": sum(parameter.numel() for parameter in parts.thinker.parameters()),
    }


def device_of(module: nn.Module) -> torch.device:
    """Where a module computes; with accelerate's offloading that is not where its weights lie."""
    hook = getattr(module, "_hf_hook", None)
    place = getattr(hook, "execution_device", None)
    if place is None:
        place = next((p.device for p in module.parameters()), torch.device("cpu"))
    if isinstance(place, int):
        place = f"cuda:{place}"
    return torch.device(place)
