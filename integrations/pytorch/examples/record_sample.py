"""Runs the model that comes with seats-top in PyTorch, on a CPU, and records it.

    python record_sample.py run.jsonl [CLIP DIRECTORY]

Needs torch and transformers only. With torchvision, a processor makes `inputs` in two lines; here they
are made by hand.
"""

import pathlib
import sys
import tomllib

import torch
from transformers import AutoTokenizer, Qwen2_5OmniThinkerForConditionalGeneration, WhisperFeatureExtractor

import seats_trace

SAMPLES = pathlib.Path(__file__).resolve().parents[3] / "samples"
MEAN, STD = torch.tensor([0.48145466, 0.4578275, 0.40821073]), torch.tensor([0.26862954, 0.26130258, 0.27577711])
SYSTEM = "You are a helpful assistant."


def patches(path):
    """Rows of 14 × 14 × 2 pixels, and their grid, of concatenated binary PPM pictures."""
    data, pictures = bytearray(path.read_bytes()), []
    while data:
        width, height = map(int, data.split(maxsplit=3)[1:3])
        start = data.index(b"255") + 4
        size = width * height * 3
        pictures.append(torch.frombuffer(data[start : start + size], dtype=torch.uint8).view(height, width, 3))
        data = data[start + size :]
    x = (torch.stack(pictures) / 255 - MEAN) / STD
    t, h, w = len(x) // 2, x.shape[1] // 14, x.shape[2] // 14
    x = x.reshape(t, 2, h // 2, 2, 14, w // 2, 2, 14, 3).permute(0, 2, 5, 3, 6, 8, 1, 4, 7)
    return x.reshape(t * h * w, -1), torch.tensor([[t, h, w]])


def samples(path):
    """The sound of a WAV file of 16-bit integers."""
    return torch.frombuffer(bytearray(path.read_bytes()[44:]), dtype=torch.int16).float().numpy() / 32768


def inputs(clip, manifest, tokenizer):
    """What a processor would return: 16 video and 25 audio tokens to a second, two seconds at a time."""
    pixels, grid = patches(clip / "video.ppm")
    listen = WhisperFeatureExtractor.from_pretrained(SAMPLES / "model")
    heard = listen(
        samples(clip / "audio.wav"), sampling_rate=16_000, padding="max_length", return_attention_mask=True,
        return_tensors="pt")
    chunk = "<|VIDEO|>" * 32 + "<|AUDIO|>" * 50
    media = f"<|vision_bos|><|audio_bos|>{chunk * (int(grid[0, 0]) // 2)}<|audio_eos|><|vision_eos|>"
    text = (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{media}{manifest['question']}<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    ids = torch.tensor([tokenizer(text)["input_ids"]])
    return {
        "input_ids": ids, "attention_mask": torch.ones_like(ids),
        "pixel_values_videos": pixels, "video_grid_thw": grid, "video_second_per_grid": torch.tensor([1.0]),
        "input_features": heard["input_features"], "feature_attention_mask": heard["attention_mask"],
        "use_audio_in_video": True,
    }


def main(path="run.jsonl", clip=SAMPLES / "clips" / "1-two-parts"):
    clip = pathlib.Path(clip)
    manifest = tomllib.loads((clip / "clip.toml").read_text())
    tokenizer = AutoTokenizer.from_pretrained(SAMPLES / "model")
    model = Qwen2_5OmniThinkerForConditionalGeneration.from_pretrained(SAMPLES / "model", dtype=torch.float32).eval()
    made = inputs(clip, manifest, tokenizer)
    facts = {key: manifest[key] for key in ("title", "question", "answer")}
    with torch.no_grad(), seats_trace.record(model, made, path, processor=tokenizer, clip=facts):
        output = model.generate(**made, max_new_tokens=16)
    print(tokenizer.decode(output[0, made["input_ids"].shape[1] :], skip_special_tokens=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
