"""What the user says about the clip and the method, in the types that a trace has for it."""

import os

from ._writer import plain

TEXTS, LISTS = {"title", "source", "question", "answer"}, {"choices"}
NUMBERS = {"seconds": float, "frames": int}
INTEGERS = {"late_layer", "grids_per_window", "seed"}


def clip_of(title: str, given) -> dict:
    """The `clip` object of a `run` line; what has no usable value is left out. A text or path alone is the title."""
    given = {"title": given} if isinstance(given, (str, os.PathLike)) else dict(given or {})
    clip = {"title": title, **{str(key): plain(value) for key, value in given.items()}}
    for key, value in list(clip.items()):
        if key in TEXTS and value is not None:
            clip[key] = str(value)
        elif key in LISTS and value is not None:
            clip[key] = [str(choice) for choice in (value if isinstance(value, list) else [value])]
        elif key in NUMBERS:
            clip[key] = _number(value, NUMBERS[key])
    return {key: value for key, value in clip.items() if value is not None}


def settings_of(method, given: dict | None) -> dict | None:
    """The `settings` object of a `run` line: as given, under the method's name."""
    if method is None and not given:
        return None
    settings = {key: value for key, value in (plain(dict(given or {}))).items() if value is not None}
    for key in INTEGERS & settings.keys():
        settings[key] = _number(settings[key], int)
    name = method if method is not None else settings.get("method", "unnamed")
    return {**{key: value for key, value in settings.items() if value is not None}, "method": str(name)}


def _number(value, kind):
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    try:
        number = kind(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number >= 0 else None
