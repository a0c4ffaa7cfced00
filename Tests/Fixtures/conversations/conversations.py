"""Conversations, their media, and what the published processors make of them.

Writes `media/`, `messages/NAME.json`, `cases.json` and `expected.safetensors` beside itself. Run first
with transformers 4.57.1 and qwen-omni-utils 0.0.9, then with 5.23.0: that has to give the same ids and
positions, and adds the cases that only it answers.

    python conversations.py
"""

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image
from qwen_omni_utils import process_audio_info, process_mm_info
from safetensors.numpy import load_file, save_file

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"
MEDIA = HERE / "media"
FAMILIES = {"qwen2_5": "qwen2_5_av", "qwen3": "qwen3_av"}


# Media: small, and of lengths that are no whole number of hops.


def video(name, size, seconds, tone=None):
    sound = ["-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=16000:duration={seconds}"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-bitexact", "-f", "lavfi", "-i",
         f"testsrc2=size={size}:rate=10:duration={seconds}"]
        + (sound if tone else [])
        + ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "40"]
        + (["-c:a", "pcm_s16le"] if tone else []) + ["-shortest", str(MEDIA / name)],
        check=True)


def sound(name, samples, rate=16000):
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-bitexact", "-f", "lavfi", "-i",
         f"sine=frequency=330:sample_rate={rate}", "-af", f"atrim=end_sample={samples}",
         str(MEDIA / name)], check=True)


def picture(name, width, height):
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], -1)
    Image.fromarray(pixels.astype(np.uint8)).save(MEDIA / name)


def make_media():
    MEDIA.mkdir(exist_ok=True)
    video("a.mkv", "64x48", 2, 440)
    video("b.mkv", "96x64", 3, 660)
    video("long.mkv", "64x64", 6, 550)
    video("silent.mkv", "64x96", 2)
    sound("s.wav", 20_837)
    sound("t.wav", 33_200)
    sound("u.wav", 4_100, 8000)
    picture("p.png", 60, 80)
    picture("q.png", 130, 40)


# Conversations. Paths are relative to `messages/`.


def text(words):
    return {"type": "text", "text": words}


def part(kind, name, **keys):
    return {"type": kind, kind: "../media/" + name, **keys}


def user(*parts):
    return {"role": "user", "content": list(parts)}


def assistant(words):
    return {"role": "assistant", "content": words}


A, B, LONG = part("video", "a.mkv"), part("video", "b.mkv"), part("video", "long.mkv")
SILENT = part("video", "silent.mkv")
P, Q = part("image", "p.png"), part("image", "q.png")
S, T, U = part("audio", "s.wav"), part("audio", "t.wav"), part("audio", "u.wav")

# Name: messages, and whether the sound of videos is used.
CASES = {
    "two-videos-with-sound": ([user(A, B, text("Which is louder?"))], True),
    "two-videos-without-their-sound": ([user(A, B, text("Which is brighter?"))], False),
    "video-image-audio": ([user(A, P, S, text("What belongs together?"))], True),
    "video-image-audio-without-its-sound": ([user(A, P, S, text("And now?"))], False),
    "audio-twice": ([user(S, T, text("Which is longer?"))], True),
    "audio-twice-long-first": ([user(T, text("and"), U, text("Which is longer?"))], True),
    "image-alone": ([user(Q, text("What is it?"))], True),
    "images-only": ([user(P, Q, P, text("Which differ?"))], True),
    "text-between": (
        [user(text("First "), A, text(" then\n"), P, text("\n\nand last "), T, text("?"))], True),
    "turns": (
        [
            {"role": "system", "content": "Be brief."},
            user(A, text("What is it?")),
            assistant("A test pattern."),
            user(P, text("And this?")),
            assistant([text("A gradient, "), text("I think.")]),
            user(text("Which came first?")),
        ], True),
    "media-in-two-turns": (
        [user(B, text("One.")), assistant("Yes."), user(S, A, text("Two."))], True),
    "system-as-parts": (
        [{"role": "system", "content": [text("You are "), text("a critic.")]},
         user(text("Judge "), Q, text("."))], True),
    "empty-strings": ([user(text(""), A, text(""), S, text("")), assistant(""), user(text(""))], True),
    "media-last": ([user(text("Hear this: "), S), user(LONG)], True),
    "silent-video": ([user(SILENT, P, text("Silent?"))], False),
    "frames-asked": (
        [user(part("video", "long.mkv", nframes=4), part("video", "a.mkv", fps=1.0), text("How many?"))],
        True),
    "same-twice": ([user(A, A, text("Any change?"))], True),
    "text-only": ([user(text("Who are you?")), assistant("A model."), user(text("Which?"))], True),
    "after-an-answer": ([user(P, text("What is it?")), assistant("It is")], True),
    "letters": ([user(text("Zürich naïve 日本 \u00e9 e\u0301\n"), P, text("  two  spaces\t"))], True),
}

# Videos without a sound beside others: transformers 4 refuses them, 5 lays them out by themselves. Its
# `get_rope_index` does not know of them: it numbers them as text or fails, so positions are left out.
NEWER = {
    "silent-beside-sound": ([user(A, SILENT, T, text("Which is silent?"))], True),
    "mixed": ([user(A), assistant("Yes."), user(S, SILENT, P, part("video", "b.mkv", nframes=4), text("Two."))], True),
    "silent-first": ([user(SILENT, text(" or "), B, P, text("?"))], True),
}


def absolute(messages):
    """With paths that do not depend on the working directory."""
    def fixed(p):
        return {k: str((HERE / "messages" / v).resolve())
                if k in ("video", "image", "audio") else v for k, v in p.items()}
    return [
        {**m, "content": [text(m["content"])] if isinstance(m["content"], str)
         else [fixed(p) for p in m["content"]]} for m in messages]


# The reference.


def reference(family):
    directory = str(GOLDEN / FAMILIES[family] / "checkpoint")
    if family == "qwen2_5":
        from transformers import Qwen2_5OmniProcessor as Processor
        from transformers import Qwen2_5OmniThinkerForConditionalGeneration as Thinker
        from transformers.models.qwen2_5_omni.configuration_qwen2_5_omni import (
            Qwen2_5OmniThinkerConfig as Config)
    else:
        from transformers import Qwen3OmniMoeProcessor as Processor
        from transformers import Qwen3OmniMoeThinkerForConditionalGeneration as Thinker
        from transformers.models.qwen3_omni_moe.configuration_qwen3_omni_moe import (
            Qwen3OmniMoeThinkerConfig as Config)
    raw = json.loads((Path(directory) / "config.json").read_text())
    config = Config(**raw.get("thinker_config", raw))
    return Processor.from_pretrained(directory), Thinker(config).eval()


def sources(messages):
    """Of each sound the video it belongs to, or None."""
    parts = [p for m in messages for p in m["content"] if p["type"] in ("audio", "video")]
    kinds = [p["type"] for p in parts]
    return [kinds[:at].count("video") if part["type"] == "video" else None
            for at, part in enumerate(parts) if not is_silent(part)]


def is_silent(part):
    return part.get("video", "").endswith("silent.mkv")


@contextmanager
def own_rates(processor, seconds):
    """Each video by its own rate, which one call of the processor cannot be told.

    Yields whether the processor is told which sounds belong to videos (transformers 5)."""
    name = "replace_multimodal_special_tokens"
    is_new = not hasattr(processor, name)
    name = "replace_video_with_audio_token" if is_new else name
    original = getattr(processor, name)

    def replace(*arguments, **keys):
        if is_new:
            arguments[0]["video_second_per_grid"] = seconds
        elif "video_second_per_grid" in keys:
            keys["video_second_per_grid"] = iter(seconds)
        return original(*arguments, **keys)

    setattr(processor, name, replace)
    try:
        yield is_new
    finally:
        delattr(processor, name)


def run(processor, thinker, messages, uses_sound, numbers):
    messages = absolute(messages)
    words = processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    if isinstance(words, list):
        words = words[0]
    kinds = {p["type"] for m in messages for p in m["content"]} - {"text"}
    _, images, videos, extra = process_mm_info(
        messages, use_audio_in_video=False, return_video_kwargs=True)
    heard = [{**m, "content": [p for p in m["content"] if not is_silent(p)]} for m in messages]
    sounds = process_audio_info(heard, uses_sound)
    seconds = [2 / f for f in extra.get("fps") or []]
    more = {}
    if sounds and videos and uses_sound:
        more["audio_from_video_indices"] = sources(messages)
    with own_rates(processor, seconds) as takes:
        inputs = processor(
            text=words, audio=sounds, images=images, videos=videos, return_tensors="pt",
            padding=True, use_audio_in_video=uses_sound, do_sample_frames=False, fps=2.0,
            **(more if takes else {}))
    ids = inputs["input_ids"]
    lengths = (inputs["feature_attention_mask"].sum(-1) if "feature_attention_mask" in inputs else None)
    if not numbers:
        positions = torch.zeros(0)
    elif kinds & {"image", "video"}:
        positions, _ = thinker.get_rope_index(
            input_ids=ids, image_grid_thw=inputs.get("image_grid_thw"),
            video_grid_thw=inputs.get("video_grid_thw"),
            attention_mask=inputs["attention_mask"], use_audio_in_video=uses_sound,
            audio_seqlens=lengths, second_per_grids=torch.tensor(seconds))
        positions = positions[:, 0]
    else:
        positions = torch.arange(ids.shape[1]).expand(3, -1)
    return (
        np.ascontiguousarray(ids[0].numpy().astype(np.int32)),
        np.ascontiguousarray(positions.numpy().astype(np.float32)))


def main():
    is_old = transformers.__version__.startswith("4.")
    cases = CASES if is_old else {**CASES, **NEWER}
    if is_old:
        make_media()
        (HERE / "messages").mkdir(exist_ok=True)
        for name, (messages, _) in {**CASES, **NEWER}.items():
            path = HERE / "messages" / f"{name}.json"
            path.write_text(json.dumps(messages, ensure_ascii=False, indent=1) + "\n")
        listed = [{"name": n, "uses_sound": u} for n, (_, u) in {**CASES, **NEWER}.items()]
        (HERE / "cases.json").write_text(json.dumps(listed, indent=1) + "\n")
    known = {} if is_old else load_file(HERE / "expected.safetensors")
    troubles = 0
    for family in FAMILIES:
        processor, thinker = reference(family)
        for name, (messages, uses_sound) in cases.items():
            try:
                ids, positions = run(
                    processor, thinker, messages, uses_sound, numbers=name in CASES)
            except Exception as error:
                print(family, name, type(error).__name__, error)
                troubles += 1
                continue
            for key, value in (("ids", ids), ("positions", positions)):
                key = f"{family}/{name}.{key}"
                if name in CASES and not is_old and not np.array_equal(known[key], value):
                    print("differs:", key)
                    troubles += 1
                elif is_old or (name in NEWER and key.endswith(".ids")):
                    known[key] = value
    save_file(known, HERE / "expected.safetensors")
    print(transformers.__version__, len(known) // 2, "prompts,", troubles, "troubles")
    sys.exit(troubles > 0)


main()
