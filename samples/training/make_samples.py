"""Writes the sample clips: scenes composed by hand, in the format of the benchmark.

    python make_samples.py ../samples.jsonl
"""

import json
import random
import sys

import questions


def figure(colour, shape, place="centre", motion="still", frames=(0, 4), radius=14):
    return {"colour": colour, "shape": shape, "place": place, "motion": motion, "offset": [0, 0], "radius": radius,
            "shade": 0, "frames": list(frames)}


def sound(kind, onset=400, length=800):
    if kind == "silence":
        return {"kind": "silence"}
    pitch = {"low": [260, 260], "middle": [850, 850], "high": [2700, 2700], "rising": [350, 2300],
             "falling": [2300, 350]}.get(kind)
    event = {"kind": kind, "onset": onset, "length": length, "level": 300}
    return event | {"pitch": pitch} if pitch else event


def scene(seed, windows, clutter=10, grain=8, flicker=True, hiss=5):
    return {"seed": seed, "clutter": clutter, "grain": grain, "flicker": flicker, "hiss": hiss,
            "windows": [{"shapes": shapes, "sound": heard} for shapes, heard in windows]}


BOTH = ["video", "audio"]

SAMPLES = [
    # name, modalities, scene, types asked (the first is the clip's own question)
    ("two-parts", BOTH, scene(1_700_000_001, [
        ([figure("red", "circle", "left", "right")], sound("high")),
        ([figure("blue", "cross")], sound("low")),
    ]), [("What colour is the shape shown with the high sound?", "red")]),
    ("sound-decides", BOTH, scene(1_700_000_002, [
        ([figure("yellow", "ring", "left")], sound("low", 200)),
        ([figure("green", "ring", "left")], sound("noise", 900)),
        ([figure("purple", "ring", "left")], sound("rising", 600)),
    ], grain=4, flicker=False), [("What colour is the shape shown with the noise?", "green")]),
    ("brief-flash", BOTH, scene(1_700_000_003, [
        ([], sound("silence")),
        ([figure("white", "triangle", "bottom", frames=(2, 2), radius=11)], sound("middle", 1200, 400)),
        ([], sound("silence")),
        ([figure("red", "square", "top", "down")], sound("falling")),
    ]), [("What sound plays with the triangle?", "middle")]),
    ("two-at-once", BOTH, scene(1_700_000_004, [
        ([figure("blue", "square", "left", "up"), figure("yellow", "circle", "right")], sound("noise")),
        ([figure("green", "cross", "top"), figure("red", "ring", "bottom", "left")], sound("high")),
        ([figure("white", "circle", "left"), figure("purple", "triangle", "right", "down")], sound("silence")),
        ([figure("red", "square", "centre")], sound("low")),
        ([figure("blue", "ring", "bottom")], sound("rising")),
    ]), [("What colour is the cross with the high sound?", "green")]),
    ("six-parts", BOTH, scene(1_700_000_005, [
        ([figure("green", "triangle", "top", "right")], sound("silence")),
        ([figure("red", "circle", "left")], sound("middle", 100, 500)),
        ([figure("yellow", "cross", "centre", "up")], sound("falling", 300, 900)),
        ([], sound("low", 700, 600)),
        ([figure("blue", "square", "right", "left", frames=(0, 2), radius=12)], sound("high", 1000, 400)),
        ([figure("white", "ring", "bottom"), figure("purple", "circle", "top")], sound("noise", 500, 900)),
    ], clutter=20, grain=12), [("What sound plays with the blue square?", "high")]),
    ("video-only", ["video"], scene(1_700_000_006, [
        ([figure("purple", "cross", "right", "left")], sound("silence")),
        ([figure("white", "square", "left", "down")], sound("silence")),
        ([figure("green", "circle", "bottom", "still")], sound("silence")),
    ]), [("How does the shape move in part two?", "down")]),
    ("audio-only", ["audio"], scene(1_700_000_007, [
        ([], sound("low", 300, 700)),
        ([], sound("rising", 500, 1000)),
        ([], sound("noise", 200, 600)),
        ([], sound("high", 900, 500)),
    ]), [("Which part has the noise?", "three")]),
    ("single", BOTH, scene(1_700_000_008, [
        ([figure("red", "ring", "centre", "left")], sound("rising", 500, 1000)),
    ], clutter=4, grain=0), [("What shape is shown in part one?", "ring")]),
]  # fmt: skip


def main(path):
    rng = random.Random(3)
    with open(path, "w") as file:
        for name, modalities, spec, own in SAMPLES:
            clip = questions.Clip(spec["windows"], "video" in modalities, "audio" in modalities)
            asked = [{"id": f"{name}-own", "type": "own", "question": q, "answer": a, "chance": 0.0} for q, a in own]
            kinds = [k for k in questions.TYPES
                     if (clip.has_video or k[0] == "a" or k in ("c_audio", "describe"))
                     and (clip.has_audio or k[0] == "v" or k in ("c_video", "describe"))]  # fmt: skip
            for kind in kinds:
                made = questions.ask(kind, clip, rng)
                if made:
                    asked.append({"id": f"{name}-{kind}", "type": kind, "question": made[0], "answer": made[1],
                                  "chance": 0.0})
            line = {"clip": name, "modalities": modalities, "scene": spec, "questions": asked}
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
