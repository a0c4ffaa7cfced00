"""The full prompt: every token with its modality, its rotary position and its place in the clip."""

from dataclasses import dataclass, field

import torch

from ._model import special_ids


@dataclass
class Prompt:
    """Columns of one value per token of the full prompt."""

    ids: list
    #: T, V or A; image tokens count as text, as selection never drops them.
    modality: str
    #: [3, tokens] rotary positions (t, h, w), on the CPU; None where the model makes none.
    positions: torch.Tensor | None
    columns: dict = field(default_factory=dict)
    tokens_per_grid: int = 0

    def __len__(self):
        return len(self.ids)

    def counts(self, kept) -> dict:
        """How many of the kept positions are text, video and audio."""
        letters = [self.modality[position] for position in kept]
        return {name: letters.count(letter) for name, letter in (("text", "T"), ("video", "V"), ("audio", "A"))}

    def tokens(self) -> dict:
        """The `tokens` object of a trace's `run` line."""
        told = {name: column for name, column in self.columns.items() if any(value >= 0 for value in column)}
        tokens = {
            "modality": self.modality, "ids": self.ids, **told, "tokens_per_grid": self.tokens_per_grid,
        }
        if self.positions is not None:
            for axis, row in zip("thw", self.positions.tolist()):
                tokens[axis] = row
        return tokens


def build_prompt(thinker, arguments: dict) -> Prompt:
    """The prompt that a forward call with these arguments makes.

    - arguments: what `forward` is given, such as `input_ids` [1, tokens] and `video_grid_thw`.
    """
    ids = arguments["input_ids"]
    if ids.dim() != 2 or ids.shape[0] != 1:
        raise ValueError(f"seats_trace records one prompt at a time, not input_ids of shape {tuple(ids.shape)}.")
    special = special_ids(thinker.config)
    row = ids[0].tolist()
    letters = {special["video"]: "V", special["audio"]: "A"}
    modality = "".join(letters.get(token, "T") for token in row)
    prompt = Prompt(row, modality, _positions(thinker, arguments))
    prompt.columns["window"] = _windows(modality)
    _place_pictures(prompt, thinker.config, arguments, special)
    return prompt


def _positions(thinker, arguments):
    given = arguments.get("position_ids")
    if given is None and hasattr(thinker, "get_rope_index"):
        lengths = arguments.get("audio_feature_lengths")
        if arguments.get("feature_attention_mask") is not None:
            lengths = arguments["feature_attention_mask"].sum(dim=1)
        mask = arguments.get("attention_mask")
        given, _ = thinker.get_rope_index(
            arguments["input_ids"],
            arguments.get("image_grid_thw"),
            arguments.get("video_grid_thw"),
            torch.ones_like(arguments["input_ids"]) if mask is None else mask,
            bool(arguments.get("use_audio_in_video")),
            lengths,
            arguments.get("video_second_per_grid"),
        )
    if given is None:
        return None
    # [4, 1, S] carries text positions in front; [1, S] means all three axes are alike.
    given = given.expand(3, *given.shape) if given.dim() == 2 else given[-3:]
    return given[:, 0].detach().cpu()


def _runs(modality, letter):
    runs, start = [], None
    for offset, found in enumerate(modality + " "):
        if found == letter:
            start = offset if start is None else start
        elif start is not None:
            runs.append(range(start, offset))
            start = None
    return runs


def _windows(modality):
    """The k-th run of video and the k-th run of audio are a window; −1 for text."""
    window = [-1] * len(modality)
    for letter in "VA":
        for index, run in enumerate(_runs(modality, letter)):
            for offset in run:
                window[offset] = index
    return window


def _place_pictures(prompt, config, arguments, special):
    merge = getattr(getattr(config, "vision_config", None), "spatial_merge_size", 2)
    rate = getattr(config, "position_id_per_seconds", 25)
    seconds, grid, row, column = ([-1] * len(prompt) for _ in range(4))

    def fill(token, shapes, spans):
        offsets = (offset for offset, found in enumerate(prompt.ids) if found == token)
        before = 0
        for (times, height, width), span in zip(shapes, spans):
            for time in range(times):
                for y in range(height // merge):
                    for x in range(width // merge):
                        offset = next(offsets, None)
                        if offset is None:
                            return
                        grid[offset], row[offset], column[offset] = before + time, y, x
                        if span is not None:
                            seconds[offset] = time * span
            before += times

    if (shapes := arguments.get("video_grid_thw")) is not None and special["video"] is not None:
        shapes = shapes.tolist()
        spans = arguments.get("video_second_per_grid")
        spans = [1.0] * len(shapes) if spans is None else [float(span) for span in spans]
        fill(special["video"], shapes, spans)
        prompt.tokens_per_grid = shapes[0][1] * shapes[0][2] // merge**2
    if (shapes := arguments.get("image_grid_thw")) is not None and special["image"] is not None:
        fill(special["image"], shapes.tolist(), [None] * len(shapes))
    heard = 0
    for offset, letter in enumerate(prompt.modality):
        if letter == "A":
            seconds[offset] = heard / rate
            heard += 1
    prompt.columns.update(seconds=seconds, grid=grid, row=row, column=column)
