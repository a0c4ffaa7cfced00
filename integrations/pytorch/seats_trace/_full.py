"""The same prompt with every token kept, from another trace: what a pruned run is measured against."""

import json
import os
import pathlib


class NotFull(Exception):
    """What `full=` names is no full run of this prompt."""


def read_full(source) -> dict:
    """The `full` event and what it holds for, from a trace, a Recorder or the event itself.

    - source: path of a finished trace in which nothing was dropped, a `Recorder` that wrote one, or a dict
      with the keys of a `full` event.

    Raises NotFull, OSError.
    """
    if isinstance(source, dict):
        if "prefill_ms" not in source:
            raise NotFull("full= is a dict without prefill_ms")
        return {"event": source}
    path = pathlib.Path(getattr(source, "path", source))
    lines = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue  # not written to its end
        lines.append(found if isinstance(found, dict) else {})
    if not lines or not str(lines[0].get("schema", "")).startswith("seats-top/trace/"):
        raise NotFull(f"{path.name} is not a trace")
    run = next((line for line in lines if line.get("event") == "run"), None)
    steps = {_name(line): line for line in lines if line.get("event") == "step"}
    if run is None or ("head", None) not in steps:
        raise NotFull(f"{path.name} does not hold a finished run")
    if any("drop" in step or step.get("leaving") != step.get("entering") for step in steps.values()):
        raise NotFull(f"{path.name} holds a run that dropped tokens")
    layers = [steps.get(("layer", number), {}) for number in range(1, run["model"]["layers"] + 1)]
    event = {name: _column(layers, key) for name, key in (
        ("layer_ms", "ms"), ("attention_ms", "attention_ms"), ("feed_forward_ms", "feed_forward_ms"))}
    times = (event["layer_ms"] or [None]) + [steps["head", None].get("ms")]
    if None in times:
        raise NotFull(f"{path.name} does not say how long each layer and the head took")
    flops = [step.get("executed_flops") for step in (*layers, steps["head", None])]
    event.update(
        prefill_ms=sum(times), kv_bytes=layers[-1].get("kv_bytes"), executed_flops=None if None in flops else sum(flops))
    answer = next((line for line in reversed(lines) if line.get("event") == "answer"), None)
    if answer is not None:
        event["answer"] = {key: value for key, value in answer.items() if key not in ("at", "event")}
    return {"event": event, "ids": run["tokens"].get("ids"), "layers": run["model"]["layers"], "path": path}


def same_run(full: dict, prompt, layers: int):
    """Why `full` is not the full run of this prompt; None where it is."""
    if full.get("layers", layers) != layers:
        return f"it has {full['layers']} layers, and this model {layers}"
    if full.get("ids") is not None and full["ids"] != prompt.ids:
        return "it is of another prompt"
    return None


def is_same_file(full, target) -> bool:
    """Whether what is to be read would be written over."""
    path = getattr(full, "path", full)
    try:
        return not isinstance(path, dict) and os.path.realpath(path) == os.path.realpath(target)
    except TypeError:
        return False


def _name(step):
    return step.get("step", "layer"), step.get("layer")


def _column(layers, key):
    values = [layer.get(key) for layer in layers]
    return None if None in values else values
