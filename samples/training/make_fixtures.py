"""Writes the shared scenes that keep both renderers equal: specifications, checksums of frames, points of sound.

    python make_fixtures.py scenes.json
"""

import json
import sys

import numpy as np

import world


def fnv(octets):
    """FNV-1a, 64 bits, as hexadecimal."""
    value = 0xCBF29CE484222325
    for octet in octets.tobytes():
        value = ((value ^ octet) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def fixture(scene):
    sound = world.waveform(scene)
    points = np.unique(np.linspace(0, len(sound) - 1, 97 * len(scene["windows"]), dtype=np.int64))
    return {
        "scene": scene,
        "frames": [fnv(frame) for frame in world.frames(scene)],
        "points": [[int(i), float(sound[i])] for i in points],
        "energy": float((sound.astype(np.float64) ** 2).sum()),
    }


def main(path):
    scenes = [world.random_scene(1_600_000_000 + i, 1 + i % 6) for i in range(12)]
    # Values at the edges of the specification, which random scenes never have.
    edge = world.random_scene(1_600_000_100, 2)
    edge["seed"], edge["grain"], edge["clutter"], edge["flicker"] = 2**53 - 1, 255, 300, True
    edge["windows"][0]["shapes"] = [
        {"colour": "white", "shape": shape, "place": place, "motion": motion, "offset": [-30 + 9 * i, 25 - 11 * i],
         "radius": 5 + 7 * i, "shade": 40 - 20 * i, "frames": [i % 3, 2]}
        for i, (shape, place, motion) in enumerate(zip(world.SHAPES, world.PLACES, world.MOTIONS))
    ]  # fmt: skip
    edge["windows"][1]["sound"] = {"kind": "falling", "onset": 0, "length": 2000, "level": 1000, "pitch": [8000, 0]}
    with open(path, "w") as file:
        json.dump([fixture(scene) for scene in scenes + [edge]], file, separators=(",", ":"))


if __name__ == "__main__":
    main(sys.argv[1])
