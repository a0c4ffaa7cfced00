"""The synthetic audio-visual world: scene specifications, and the renderer that turns them into frames and sound.

The renderer is exact: frames come from integer arithmetic only, and the waveform from double precision, so that any
other implementation of WORLD.md gives the same frames bit for bit and the same samples to within 1e-6.
"""

import random

import numpy as np

SIZE = 112
FRAMES_PER_WINDOW = 4
SAMPLE_RATE = 16_000
SAMPLES_PER_WINDOW = 32_000

COLOURS = {
    "red": (220, 40, 40),
    "green": (40, 190, 60),
    "blue": (50, 80, 230),
    "yellow": (230, 210, 40),
    "purple": (170, 50, 200),
    "white": (235, 235, 235),
}
SHAPES = ["circle", "square", "triangle", "cross", "ring"]
PLACES = {"left": (26, 56), "right": (86, 56), "top": (56, 26), "bottom": (56, 86), "centre": (56, 56)}
MOTIONS = {"still": (0, 0), "left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
SOUNDS = ["low", "middle", "high", "rising", "falling", "noise", "silence"]
STEP = 4

CLUTTER_STREAM, GRAIN_STREAM, HISS_STREAM, BURST_STREAM = 1, 2, 3, 16

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_Y, _X = np.mgrid[0:SIZE, 0:SIZE].astype(np.int32)


def mix(z):
    """The finaliser of SplitMix64, on an array of uint64 (wrapping)."""
    z = (z ^ (z >> np.uint64(30))) * _MIX_A
    z = (z ^ (z >> np.uint64(27))) * _MIX_B
    return z ^ (z >> np.uint64(31))


def noise_words(seed, stream, start, count):
    """Words `start ..< start + count` of one noise stream of a scene: uint64 [count]."""
    with np.errstate(over="ignore"):
        key = mix(np.array([seed * 64 + stream], dtype=np.uint64) + _GOLDEN)[0]
        index = np.arange(start + 1, start + 1 + count, dtype=np.uint64)
        return mix(key + index * _GOLDEN)


def backdrop(scene):
    """The static picture behind the shapes, clutter included: int32 [112, 112, 3]."""
    picture = np.empty((SIZE, SIZE, 3), np.int32)
    picture[..., 0] = 24 + _X * 48 // SIZE
    picture[..., 1] = 30
    picture[..., 2] = 24 + _Y * 48 // SIZE
    for word in noise_words(scene["seed"], CLUTTER_STREAM, 0, scene["clutter"]).tolist():
        x, y = word % SIZE, (word >> 8) % SIZE
        width, height = 3 + (word >> 16) % 8, 3 + (word >> 24) % 8
        colour = [20 + (word >> shift) % 64 for shift in (32, 40, 48)]
        picture[y : y + height, x : x + width] = colour
    return picture


def inside(shape, dx, dy, radius):
    """Which offsets from the centre belong to a shape."""
    if shape == "circle":
        return dx * dx + dy * dy <= radius * radius
    if shape == "square":
        side = radius - radius // 8
        return (abs(dx) <= side) & (abs(dy) <= side)
    if shape == "triangle":
        return (abs(dy) <= radius) & (2 * abs(dx) <= dy + radius)
    if shape == "cross":
        arm = radius // 3
        return ((abs(dx) <= arm) & (abs(dy) <= radius)) | ((abs(dy) <= arm) & (abs(dx) <= radius))
    if shape == "ring":
        inner = radius * 5 // 8
        squared = dx * dx + dy * dy
        return (squared <= radius * radius) & (squared > inner * inner)
    raise ValueError(shape)


def centre_of(figure, frame):
    """Centre (x, y) of a figure in frame 0...3 of its window."""
    px, py = PLACES[figure["place"]]
    mx, my = MOTIONS[figure["motion"]]
    travel = STEP * (2 * frame - 3)
    return px + figure["offset"][0] + mx * travel, py + figure["offset"][1] + my * travel


def draw(picture, figure, frame):
    """Draws one figure into a picture (in place)."""
    cx, cy = centre_of(figure, frame)
    radius = figure["radius"]
    top, bottom = max(0, cy - radius), min(SIZE, cy + radius + 1)
    left, right = max(0, cx - radius), min(SIZE, cx + radius + 1)
    dx, dy = _X[top:bottom, left:right] - cx, _Y[top:bottom, left:right] - cy
    picture[top:bottom, left:right][inside(figure["shape"], dx, dy, radius)] = [
        channel + figure["shade"] for channel in COLOURS[figure["colour"]]
    ]


def frames(scene):
    """All frames of a scene: uint8 [4 * windows, 112, 112, 3]."""
    ground = backdrop(scene)
    count = FRAMES_PER_WINDOW * len(scene["windows"])
    film = np.empty((count, SIZE, SIZE, 3), np.int32)
    film[:] = ground
    for number, window in enumerate(scene["windows"]):
        for figure in window["shapes"]:
            first, length = figure["frames"]
            for frame in range(first, first + length):
                draw(film[number * FRAMES_PER_WINDOW + frame], figure, frame)
    grain = scene["grain"]
    if grain > 0:
        rolls = count if scene["flicker"] else 1
        words = noise_words(scene["seed"], GRAIN_STREAM, 0, rolls * SIZE * SIZE)
        octets = words.astype("<u8").view(np.uint8).reshape(rolls, SIZE, SIZE, 8)[..., :3]
        film += ((octets.astype(np.int32) * (2 * grain + 1)) >> 8) - grain
    return np.clip(film, 0, 255).astype(np.uint8)


def _symmetric(words):
    """Words to doubles in [-1, 1): the top 24 bits, centred."""
    return ((words >> np.uint64(40)).astype(np.int64) - 8_388_608) / 8_388_608.0


def waveform(scene):
    """The sound of a scene: float32 [32000 * windows], mono, 16 kHz."""
    count = SAMPLES_PER_WINDOW * len(scene["windows"])
    sound = _symmetric(noise_words(scene["seed"], HISS_STREAM, 0, count)) * (scene["hiss"] / 10_000.0)
    for number, window in enumerate(scene["windows"]):
        event = window["sound"]
        if event["kind"] == "silence":
            continue
        length = event["length"] * 16
        start = number * SAMPLES_PER_WINDOW + event["onset"] * 16
        index = np.arange(length, dtype=np.float64)
        ramp = np.minimum(1.0, np.minimum((index + 1.0) / 320.0, (length - index) / 320.0))
        if event["kind"] == "noise":
            body = _symmetric(noise_words(scene["seed"], BURST_STREAM + number, 0, length))
        else:
            time = index / 16_000.0
            low, high = event["pitch"]
            seconds = length / 16_000.0
            cycles = low * time + (high - low) * time * time / (2.0 * seconds)
            body = np.sin(2.0 * np.pi * cycles)
        sound[start : start + length] += (event["level"] / 1_000.0) * ramp * body
    return sound.astype(np.float32)


def random_sound(rng, kind=None):
    kind = kind or rng.choice(SOUNDS)
    if kind == "silence":
        return {"kind": "silence"}
    length = rng.randrange(30, 101) * 10
    event = {"kind": kind, "onset": rng.randrange(0, (1960 - length) // 10) * 10, "length": length}
    event["level"] = rng.randrange(100, 401)
    if kind in ("low", "middle", "high"):
        pitch = {"low": (220, 320), "middle": (700, 1000), "high": (2300, 3200)}[kind]
        event["pitch"] = [rng.randrange(*pitch)] * 2
    elif kind != "noise":
        ends = [rng.randrange(250, 500), rng.randrange(1800, 2800)]
        event["pitch"] = ends if kind == "rising" else ends[::-1]
    return event


def random_figure(rng, colour, shape, place):
    brief = rng.random() < 0.25
    return {
        "colour": colour,
        "shape": shape,
        "place": place,
        "motion": rng.choice(list(MOTIONS)) if rng.random() < 0.8 else "still",
        "offset": [rng.randrange(-3, 4), rng.randrange(-3, 4)],
        "radius": rng.randrange(11, 17),
        "shade": rng.randrange(-16, 17),
        "frames": [rng.choice([0, 2]), 2] if brief else [0, 4],
    }


def random_window(rng, figures=None):
    """One window: no, one or two figures (of different colour, shape and place), and one sound event."""
    if figures is None:
        figures = rng.choices([0, 1, 2], [0.06, 0.64, 0.30])[0]
    colours, shapes = rng.sample(list(COLOURS), 2), rng.sample(SHAPES, 2)
    places = [rng.choice(list(PLACES))]
    if figures == 2:
        places = rng.choice([["left", "right"], ["top", "bottom"], ["right", "left"], ["bottom", "top"]])
    return {
        "shapes": [random_figure(rng, colours[i], shapes[i], places[i]) for i in range(figures)],
        "sound": random_sound(rng),
    }


def random_scene(seed, windows):
    """A scene whose specification and noise both come from `seed`."""
    rng = random.Random(seed)
    return {
        "seed": seed,
        "clutter": rng.randrange(0, 25),
        "grain": rng.choice([0, 4, 8, 12]),
        "flicker": rng.random() < 0.5,
        "hiss": rng.choice([2, 5, 10, 20]),
        "windows": [random_window(rng) for _ in range(windows)],
    }
