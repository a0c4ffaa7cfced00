"""Measures what recording costs: the clips that come with seats-top, generated from with and without a recorder in turn.

    python measure_overhead.py [SAMPLES]

CPU time of the whole process, on one thread: it does not depend on what else the machine does.
"""

import pathlib
import statistics
import sys
import tempfile
import time
import tomllib

import torch
from transformers import AutoTokenizer, Qwen2_5OmniThinkerForConditionalGeneration

import seats_trace
from record_sample import SAMPLES, inputs


def cost(run):
    start = time.process_time()
    run()
    return (time.process_time() - start) * 1000


def main(samples="50"):
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(SAMPLES / "model")
    model = Qwen2_5OmniThinkerForConditionalGeneration.from_pretrained(SAMPLES / "model", dtype=torch.float32).eval()
    clips = [
        inputs(clip, tomllib.loads((clip / "clip.toml").read_text()), tokenizer)
        for clip in sorted((SAMPLES / "clips").iterdir()) if (clip / "video.ppm").exists() and (clip / "audio.wav").exists()]
    times = {"plain": [], "recorded": [], "recorded, without pictures": []}
    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        for index in range(int(samples)):
            made = clips[index % len(clips)]

            def plain():
                model.generate(**made, max_new_tokens=8, min_new_tokens=8, do_sample=False)

            def recorded(pictures):
                path = pathlib.Path(folder) / f"{index}.{pictures}.jsonl"
                with seats_trace.record(model, made, path, processor=tokenizer, pictures=pictures) as recorder:
                    plain()
                assert recorder.failure is None, recorder.failure

            runs = [("plain", plain), ("recorded", lambda: recorded(True)),
                    ("recorded, without pictures", lambda: recorded(False))]
            # In turn, and each first in its turn.
            for name, run in runs[index % 3 :] + runs[: index % 3]:
                times[name].append(cost(run))
    plain = statistics.median(times["plain"])
    lengths = sorted(made["input_ids"].shape[1] for made in clips)
    print(f"{samples} samples of {lengths[0]} to {lengths[-1]} tokens, {torch.__version__}, median CPU time of a sample:")
    for name, found in times.items():
        median = statistics.median(found)
        print(f"  {name:28} {median:6.1f} ms  {(median / plain - 1) * 100:+5.1f} %")


if __name__ == "__main__":
    main(*sys.argv[1:])
