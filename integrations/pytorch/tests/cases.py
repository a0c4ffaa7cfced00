"""Golden cases as a processor would hand them over. Written out: the published video processor needs torchvision."""

import json
import os
import pathlib
import tomllib

import numpy as np
import torch
from transformers import __version__ as version
from transformers import (
    AutoTokenizer, Qwen2_5OmniThinkerForConditionalGeneration, Qwen3OmniMoeThinkerForConditionalGeneration,
    WhisperFeatureExtractor,
)

from seats_trace._model import find_parts

ROOT = pathlib.Path(__file__).parents[3]
# Another folder of cases may be named, to try more of them.
GOLDEN = pathlib.Path(os.environ.get("SEATS_TRACE_GOLDEN") or ROOT / "Tests" / "Fixtures" / "golden")


def frames(path):
    """[frames, height, width, 3] of concatenated binary PPM pictures."""
    data, pictures = path.read_bytes(), []
    while data:
        magic, width, height, _ = data.split(maxsplit=4)[:4]
        start = data.index(b"255", len(magic)) + 4
        size = int(width) * int(height) * 3
        pictures.append(np.frombuffer(data[start : start + size], np.uint8).reshape(int(height), int(width), 3))
        data = data[start + size :]
    return np.stack(pictures)


def sound(path):
    """Mono samples of a WAV file of 16-bit integers or 32-bit floats."""
    data, at, kind = path.read_bytes(), 12, 1
    while True:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            kind = int.from_bytes(chunk[:2], "little")
        if name == b"data":
            floats = kind == 3
            samples = np.frombuffer(chunk, np.float32 if floats else np.int16).astype(np.float32)
            return samples if floats else samples / 32768
        at += 8 + size + size % 2


def hear_in_blocks(model):
    """Qwen3's sound attends within blocks where FlashAttention is there; what else transformers has ignores them."""

    def within_blocks(_layer, args, kwargs):
        hidden, ends = args
        return args, {**kwargs, "attention_mask": tower._prepare_attention_mask(hidden, ends)}

    tower = find_parts(model).audio
    for layer in tower.layers:
        layer.register_forward_pre_hook(within_blocks, with_kwargs=True)
    return model


class Case:
    """A checkpoint, a clip, and the inputs made of both."""

    def __init__(self, directory):
        self.directory = directory
        self.facts = json.loads((directory / "case.json").read_text())
        self.checkpoint, self.clip = directory / "checkpoint", directory / "clip"
        self.is_qwen3 = self.facts["family"] != "qwen2_5_omni"
        self.manifest = tomllib.loads((self.clip / "clip.toml").read_text())
        self.tokenizer = AutoTokenizer.from_pretrained(self.checkpoint)

    def model(self):
        kind = Qwen3OmniMoeThinkerForConditionalGeneration if self.is_qwen3 else Qwen2_5OmniThinkerForConditionalGeneration
        model = kind.from_pretrained(self.checkpoint, dtype=torch.float32, attn_implementation="eager").eval()
        # From version 5 on, transformers keeps to the blocks itself.
        return hear_in_blocks(model) if self.is_qwen3 and version.startswith("4.") else model

    def inputs(self):
        ids = torch.tensor([self.tokenizer(self.facts["prompt_text"])["input_ids"]])
        made = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        made["use_audio_in_video"] = bool(self.facts.get("use_audio_in_video"))
        if (self.clip / "video.ppm").exists():
            made.update(self._video())
        if (self.clip / "audio.wav").exists():
            made.update(self._audio())
        return made

    def _video(self):
        settings = json.loads((self.checkpoint / "video_preprocessor_config.json").read_text())
        patch, mean, std = settings["patch_size"], settings["image_mean"], settings["image_std"]
        film = frames(self.clip / "video.ppm")
        film = np.concatenate([film, film[-1:]]) if len(film) % 2 else film
        count, height, width, _ = film.shape
        t, h, w = count // 2, height // patch, width // patch
        x = ((film.astype(np.float32) / 255 - np.float32(mean)) / np.float32(std)).transpose(0, 3, 1, 2)
        x = x.reshape(t, 2, 3, h // 2, 2, patch, w // 2, 2, patch).transpose(0, 3, 6, 4, 7, 2, 1, 5, 8)
        rows = torch.from_numpy(np.ascontiguousarray(x).reshape(t * h * w, -1))
        span = self.facts.get("video_second_per_grid") or 1.0
        return {
            "pixel_values_videos": rows, "video_grid_thw": torch.tensor([[t, h, w]]),
            "video_second_per_grid": torch.tensor([float(span)]),
        }

    def _audio(self):
        ear = WhisperFeatureExtractor.from_pretrained(self.checkpoint)
        padding = {"padding": True, "truncation": False} if self.is_qwen3 else {"padding": "max_length"}
        heard = ear(
            sound(self.clip / "audio.wav"), sampling_rate=16_000, return_attention_mask=True, return_tensors="pt",
            **padding)
        return {"input_features": heard["input_features"], "feature_attention_mask": heard["attention_mask"]}
