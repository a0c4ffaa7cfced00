"""Questions about a clip, and their answers, drawn from the scene specification alone."""

import world

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six"]
LETTERS = ["A", "B", "C", "D"]
SYSTEM = "You are a helpful assistant."

VIDEO_TYPES = ["v_colour", "v_shape", "v_place", "v_motion", "v_bind", "v_which", "v_count", "v_order", "c_video"]
AUDIO_TYPES = ["a_sound", "a_which", "a_count", "a_order", "c_audio"]
CROSS_TYPES = ["x_colour", "x_shape", "x_place", "x_sound", "x_yesno", "c_cross"]
TYPES = VIDEO_TYPES + AUDIO_TYPES + CROSS_TYPES + ["describe"]


def heard(kind):
    """A sound as a noun phrase."""
    return f"the {kind}" if kind in ("noise", "silence") else f"the {kind} sound"


class Clip:
    """The facts of a clip that questions are made from."""

    def __init__(self, windows, video=True, audio=True):
        self.windows = windows
        self.has_video, self.has_audio = video, audio
        self.sounds = [w["sound"]["kind"] for w in windows]
        self.figures = [w["shapes"] for w in windows]
        self.pairs = [{(f["colour"], f["shape"]) for f in figures} for figures in self.figures]
        self.colours = [{f["colour"] for f in figures} for figures in self.figures]
        self.shapes = [{f["shape"] for f in figures} for figures in self.figures]

    def __len__(self):
        return len(self.windows)

    def sounds_heard_once(self):
        return [i for i, kind in enumerate(self.sounds) if self.sounds.count(kind) == 1]

    def shown_once(self):
        """Noun phrases that name the figures of exactly one part: (part, phrase)."""
        found = []
        for sets, phrase in (
            (self.pairs, lambda pair: f"{pair[0]} {pair[1]}"),
            (self.shapes, lambda shape: shape),
            (self.colours, lambda colour: f"{colour} shape"),
        ):
            every = [item for members in sets for item in sorted(members)]
            found += [
                (part, phrase(item))
                for part, members in enumerate(sets)
                for item in sorted(members)
                if every.count(item) == 1
            ]
        return found


def ask(kind, clip, rng):
    """One question of a type: (question, answer), or None where the clip offers none."""
    return _MAKERS[kind](clip, rng)


def _named(figure, alone, rng):
    """How a figure is called in a question about its other properties: (noun, property not to ask for)."""
    if alone:
        return "shape", None
    return rng.choice([(figure["shape"], "shape"), (f"{figure['colour']} shape", "colour")])


def _figure(clip, rng, count):
    parts = [i for i, figures in enumerate(clip.figures) if len(figures) == count]
    if not parts:
        return None
    part = rng.choice(parts)
    return part, rng.choice(clip.figures[part])


def _about(asked, noun, figure, where):
    if asked == "colour":
        return f"What colour is the {noun} {where}?", figure["colour"]
    if asked == "shape":
        if noun == "shape":
            return f"What shape is shown {where}?", figure["shape"]
        return f"What is the {noun} {where}?", figure["shape"]
    if asked == "place":
        return f"Where is the {noun} {where}?", figure["place"]
    return f"How does the {noun} move {where}?", figure["motion"]


def _single(asked):
    def make(clip, rng):
        found = _figure(clip, rng, 1)
        if not found:
            return None
        part, figure = found
        return _about(asked, "shape", figure, f"in part {NUMBERS[part + 1]}")

    return make


def _bind(clip, rng):
    found = _figure(clip, rng, 2)
    if not found:
        return None
    part, figure = found
    noun, known = _named(figure, False, rng)
    asked = rng.choice([a for a in ("colour", "shape", "place", "motion") if a != known])
    return _about(asked, noun, figure, f"in part {NUMBERS[part + 1]}")


def _v_which(clip, rng):
    once = clip.shown_once()
    if not once or len(clip) < 2:
        return None
    part, phrase = rng.choice(once)
    return f"Which part shows the {phrase}?", NUMBERS[part + 1]


def _counted(sets, items, rng):
    """An item to count: uniform over the counts that occur, so that small counts do not crowd out the rest."""
    by_count = {}
    for item in items:
        by_count.setdefault(sum(item in members for members in sets), []).append(item)
    count = rng.choice(sorted(by_count))
    return count, rng.choice(by_count[count])


def _v_count(clip, rng):
    if len(clip) < 2:
        return None
    if rng.random() < 0.5:
        count, shape = _counted(clip.shapes, world.SHAPES, rng)
        return f"How many parts show a {shape}?", NUMBERS[count]
    count, colour = _counted(clip.colours, list(world.COLOURS), rng)
    return f"How many parts show a {colour} shape?", NUMBERS[count]


def _two(once, rng):
    """Two of (part, phrase) from different parts."""
    for _ in range(8):
        if len(once) < 2:
            return None
        first, second = rng.sample(once, 2)
        if first[0] != second[0]:
            return first, second
    return None


def _v_order(clip, rng):
    once = [(part, phrase) for part, phrase in clip.shown_once() if " " not in phrase]
    pair = _two(once, rng)
    if not pair:
        return None
    (a, first), (b, second) = pair
    if rng.random() < 0.5:
        return f"Which comes first, the {first} or the {second}?", first if a < b else second
    return f"Does the {first} come before the {second}?", "yes" if a < b else "no"


def _a_sound(clip, rng):
    part = rng.randrange(len(clip))
    return f"What sound plays in part {NUMBERS[part + 1]}?", clip.sounds[part]


def _a_which(clip, rng):
    once = clip.sounds_heard_once()
    if not once or len(clip) < 2:
        return None
    part = rng.choice(once)
    return f"Which part has {heard(clip.sounds[part])}?", NUMBERS[part + 1]


def _a_count(clip, rng):
    if len(clip) < 2:
        return None
    count, kind = _counted([{kind} for kind in clip.sounds], world.SOUNDS, rng)
    return f"How many parts have {heard(kind)}?", NUMBERS[count]


def _a_order(clip, rng):
    pair = _two([(part, clip.sounds[part]) for part in clip.sounds_heard_once()], rng)
    if not pair:
        return None
    (a, first), (b, second) = pair
    if rng.random() < 0.5:
        return f"Which comes first, {heard(first)} or {heard(second)}?", first if a < b else second
    return f"Does {heard(first)} come before {heard(second)}?", "yes" if a < b else "no"


def _cross(asked):
    def make(clip, rng):
        parts = [part for part in clip.sounds_heard_once() if clip.figures[part]]
        if not parts or len(clip) < 2:
            return None
        part = rng.choice(parts)
        figure = rng.choice(clip.figures[part])
        noun, known = _named(figure, len(clip.figures[part]) == 1, rng)
        if known == asked:
            return None
        where = f"with {heard(clip.sounds[part])}"
        if noun == "shape" and asked != "shape":
            where = "shown " + where
        return _about(asked, noun, figure, where)

    return make


def _x_sound(clip, rng):
    once = clip.shown_once()
    if not once or len(clip) < 2:
        return None
    part, phrase = rng.choice(once)
    return f"What sound plays with the {phrase}?", clip.sounds[part]


def _x_yesno(clip, rng):
    parts = [part for part in clip.sounds_heard_once() if clip.figures[part]]
    if not parts or len(clip) < 2:
        return None
    part = rng.choice(parts)
    if rng.random() < 0.5:
        sets, every, phrase = clip.shapes, world.SHAPES, "a {}"
    else:
        sets, every, phrase = clip.colours, list(world.COLOURS), "a {} shape"
    if rng.random() < 0.5:
        item, answer = rng.choice(sorted(sets[part])), "yes"
    else:
        elsewhere = sorted({item for members in sets for item in members} - sets[part])
        absent = [item for item in every if item not in sets[part]]
        item, answer = rng.choice(elsewhere if elsewhere and rng.random() < 0.8 else absent), "no"
    return f"Is {phrase.format(item)} shown with {heard(clip.sounds[part])}?", answer


_FAMILIES = [list(world.COLOURS), world.SHAPES, world.SOUNDS]


def _choice(kinds):
    def make(clip, rng):
        plain = ask(rng.choice(kinds), clip, rng)
        if not plain:
            return None
        question, answer = plain
        family = next((f for f in _FAMILIES if answer in f), None)
        if family is None:
            return None
        options = rng.sample([word for word in family if word != answer], 3) + [answer]
        rng.shuffle(options)
        listed = " ".join(f"{letter} {word}" for letter, word in zip(LETTERS, options))
        return f"{question} {listed}", LETTERS[options.index(answer)]

    return make


_PLACE_ORDER = ["left", "top", "centre", "bottom", "right"]


def _describe(clip, rng):
    parts = []
    for number in range(len(clip)):
        words = [NUMBERS[number + 1]]
        if clip.has_video:
            figures = sorted(clip.figures[number], key=lambda f: _PLACE_ORDER.index(f["place"]))
            words += [f"{f['colour']} {f['shape']}" for f in figures] or ["nothing"]
        if clip.has_audio:
            words.append(clip.sounds[number])
        parts.append(" ".join(words))
    return "Describe the clip.", ", ".join(parts)


_MAKERS = {
    "v_colour": _single("colour"),
    "v_shape": _single("shape"),
    "v_place": _single("place"),
    "v_motion": _single("motion"),
    "v_bind": _bind,
    "v_which": _v_which,
    "v_count": _v_count,
    "v_order": _v_order,
    "a_sound": _a_sound,
    "a_which": _a_which,
    "a_count": _a_count,
    "a_order": _a_order,
    "x_colour": _cross("colour"),
    "x_shape": _cross("shape"),
    "x_place": _cross("place"),
    "x_sound": _x_sound,
    "x_yesno": _x_yesno,
    "c_video": _choice(["v_colour", "v_shape", "v_bind"]),
    "c_audio": _choice(["a_sound"]),
    "c_cross": _choice(["x_colour", "x_shape", "x_sound"]),
    "describe": _describe,
}

WORDS = sorted(
    set(
        "system user assistant You are a helpful What colour is the shape shown in part with Where How does move "
        "Which shows many parts show comes first or Does come before after sound plays play has have and Is while "
        "Describe clip nothing yes no A B C D an there it this that video audio picture of at on up down to Who When "
        "not none same different seconds".split()
        + list(world.COLOURS) + world.SHAPES + list(world.PLACES) + list(world.MOTIONS) + world.SOUNDS + NUMBERS
    )
)
