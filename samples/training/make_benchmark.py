"""Writes the benchmark: one clip a line, a scene specification with its questions, answers and chance levels.

    python make_benchmark.py ../benchmark.jsonl --clips 320 --seed 1500000000

Scene seeds start at 1 500 000 000, far from all training seeds. Within each type the answers are kept as even as
the type allows, so that no fixed guess earns much; see `chance`.
"""

import argparse
import collections
import json
import random

import questions
import world


def candidates(first_seed, clips):
    """Clips of two to six windows; one in twenty has no sound, one in twenty no picture."""
    for number in range(clips):
        seed = first_seed + number
        rng = random.Random(seed * 31 + 7)
        windows = 2 + number % 5
        modalities = ["video", "audio"]
        if number % 20 == 9:
            modalities = ["video"]
        elif number % 20 == 19:
            modalities = ["audio"]
        scene = world.random_scene(seed, windows)
        clip = questions.Clip(scene["windows"], "video" in modalities, "audio" in modalities)
        yield scene, modalities, clip, rng


def kinds_for(clip):
    if not clip.has_audio:
        return [k for k in questions.VIDEO_TYPES] + ["describe"]
    if not clip.has_video:
        return [k for k in questions.AUDIO_TYPES] + ["describe"]
    return questions.TYPES


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--clips", type=int, default=320)
    parser.add_argument("--per-clip", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1_500_000_000)
    options = parser.parse_args()

    asked = collections.Counter()
    answered = collections.defaultdict(collections.Counter)
    lines = []
    for number, (scene, modalities, clip, rng) in enumerate(candidates(options.seed, options.clips)):
        chosen, used = [], set()
        order = sorted(kinds_for(clip), key=lambda kind: (asked[kind] * (3 if kind == "describe" else 1), rng.random()))
        for kind in order:
            if len(chosen) == options.per_clip:
                break
            offers = [made for made in (questions.ask(kind, clip, rng) for _ in range(12)) if made]
            if not offers or kind in used:
                continue
            question, answer = min(offers, key=lambda made: answered[kind][made[1]])
            used.add(kind)
            asked[kind] += 1
            answered[kind][answer] += 1
            chosen.append({"id": f"{number:03d}-{kind}", "type": kind, "question": question, "answer": answer})
        lines.append({"clip": f"{number:03d}", "modalities": modalities, "scene": scene, "questions": chosen})
    levels = chance(lines)
    for line in lines:
        for asked_question in line["questions"]:
            asked_question["chance"] = levels[asked_question["type"]]
    with open(options.out, "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    for kind in questions.TYPES:
        print(f"{kind:10s} {asked[kind]:4d} questions, chance {levels[kind]:.3f}, {dict(answered[kind].most_common(4))}")
    print(sum(asked.values()), "questions over", len(lines), "clips")


def chance(lines):
    """Per type: what can be earned without the clip.

    A half where the question names two answers, a quarter where it lists four, else the share of the commonest answer
    among the questions of the same form ("What colour", "How many", ...).
    """
    groups = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    for line in lines:
        for q in line["questions"]:
            groups[q["type"]][tuple(q["question"].split(" ")[:2])][q["answer"]] += 1
    levels = {"describe": 0.0, "v_order": 0.5, "a_order": 0.5, "x_yesno": 0.5}
    levels |= {"c_video": 0.25, "c_audio": 0.25, "c_cross": 0.25}
    for kind, forms in groups.items():
        total = sum(sum(c.values()) for c in forms.values())
        levels.setdefault(kind, round(sum(max(c.values()) for c in forms.values()) / total, 4))
    return levels


if __name__ == "__main__":
    main()
