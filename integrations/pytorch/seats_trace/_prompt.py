"""The full prompt: every token with its modality, its rotary position and its place in the clip."""

import inspect
import sys
from dataclasses import dataclass, field

import torch

from ._model import special_ids

#: The lengths of a temporal grid in seconds, by the names that processors give them.
SPANS = ("video_second_per_grid", "second_per_grid_ts", "second_per_grids")
#: What is read of a prompt more than once, and small.
SMALL = (*SPANS, "video_grid_thw", "image_grid_thw", "feature_attention_mask", "audio_feature_lengths")


class NotRecorded(Exception):
    """A run that is no single prefill of one prompt."""


class InParts(NotRecorded):
    """What was recorded as a prefill was a part of one."""


@dataclass
class Prompt:
    """Columns of one value per token of the full prompt."""

    ids: list
    #: T, V, A or I for each token.
    modality: str
    #: For each column of the batch, whether it is a token of the prompt rather than padding.
    tokens_of_row: list
    #: What a processor made of this prompt alone; all but pixels and sound on the CPU.
    arguments: dict
    #: Audio tokens of each sound, in order.
    sounds: list = field(default_factory=list)
    columns: dict = field(default_factory=dict)
    tokens_per_grid: int | None = None

    def __len__(self):
        return len(self.ids)

    @property
    def names(self) -> tuple:
        """What is counted: images only where there are any, so that other prompts read as they always did."""
        return ("text", "video", "audio") + (("image",) if "I" in self.modality else ())

    def tokens(self, positions) -> dict:
        """The `tokens` object of a trace's `run` line.

        - positions: rotary positions t, h and w, a list of one per token each; None where they are not known.
        """
        known = {name: column for name, column in self.columns.items() if any(value >= 0 for value in column)}
        tokens = {"modality": self.modality, "ids": self.ids, **known}
        if self.tokens_per_grid is not None:
            tokens["tokens_per_grid"] = self.tokens_per_grid
        if positions is not None:
            tokens.update(zip("thw", positions))
        return tokens


def build_prompt(parts, arguments: dict, sample: int) -> Prompt:
    """The prompt of one row of a batch.

    - arguments: what the processor made, such as `input_ids` [batch, tokens] and `video_grid_thw`.
    - sample: the row.

    Raises NotRecorded.
    """
    ids = arguments.get("input_ids")
    if ids is None:
        raise NotRecorded("inputs_embeds alone do not say what the prompt is: give record() the inputs with their input_ids")
    ids = (ids if ids.dim() == 2 else ids.reshape(1, -1)).detach().cpu()
    if not 0 <= sample < ids.shape[0]:
        raise NotRecorded(f"sample={sample} was asked for, and the batch has rows 0 to {ids.shape[0] - 1}")
    mask = arguments.get("attention_mask")
    known = isinstance(mask, torch.Tensor) and mask.shape == ids.shape
    masks = mask.detach().cpu() != 0 if known else torch.ones_like(ids, dtype=torch.bool)
    special = special_ids(parts.config)
    # Fetched here, before the run has begun, so that nothing waits for the device later.
    small = {name: arguments[name].detach().cpu() for name in SMALL if isinstance(arguments.get(name), torch.Tensor)}
    arguments = {**arguments, **small}
    if ids.shape[0] > 1:
        arguments = _of_sample(parts, arguments, ids, masks, sample, special)
    row = ids[sample][masks[sample]].tolist()
    letters = {special["video"]: "V", special["audio"]: "A", special["image"]: "I"}
    modality = "".join(letters.get(token, "T") for token in row)
    prompt = Prompt(row, modality, masks[sample].tolist(), {**arguments, "input_ids": torch.tensor([row], device="cpu")})
    prompt.sounds = _sounds(parts, arguments, modality)
    prompt.columns["window"] = _windows(modality)
    _place(prompt, parts.config, special)
    return prompt


def positions_of(parts, prompt: Prompt):
    """[3, tokens] rotary positions (t, h, w) that the model makes of the prompt; None where it has no rule for them."""
    arguments = prompt.arguments
    index = getattr(parts.thinker, "get_rope_index", None) or getattr(
        getattr(parts.thinker, "model", None), "get_rope_index", None)
    if index is None:
        return None
    lengths = arguments.get("audio_feature_lengths")
    if arguments.get("feature_attention_mask") is not None:
        lengths = arguments["feature_attention_mask"].sum(dim=1)
    ids = prompt.arguments["input_ids"]
    kinds = {"T": 0, "I": 1, "V": 2, "A": 3}
    given = {
        "input_ids": ids, "attention_mask": torch.ones_like(ids),
        "image_grid_thw": arguments.get("image_grid_thw"), "video_grid_thw": arguments.get("video_grid_thw"),
        "use_audio_in_video": bool(arguments.get("use_audio_in_video")), "audio_seqlens": lengths,
        "second_per_grids": spans_of(arguments), "second_per_grid_ts": spans_of(arguments),
        "mm_token_type_ids": torch.tensor([[kinds[letter] for letter in prompt.modality]], device="cpu"),
    }
    taken = inspect.signature(index).parameters
    made, _ = index(**{name: value for name, value in given.items() if name in taken})
    return rope_axes(made)[:, 0].detach().cpu()


def rope_axes(positions: torch.Tensor) -> torch.Tensor:
    """[3, B, S] of position ids: [4, B, S] carries text positions in front; [B, S] means that all are alike."""
    return positions.expand(3, *positions.shape) if positions.dim() == 2 else positions[-3:]


def spans_of(arguments):
    """Seconds of a temporal grid, for each video; None where they are not given."""
    return next((arguments[name] for name in SPANS if arguments.get(name) is not None), None)


def _of_sample(parts, arguments, ids, masks, sample, special):
    """The media of one row of a batch: processors put those of all rows behind one another."""
    made = dict(arguments)
    merge = getattr(getattr(parts.config, "vision_config", None), "spatial_merge_size", 2)
    for kind, pixels, grids in (
            ("video", "pixel_values_videos", "video_grid_thw"), ("image", "pixel_values", "image_grid_thw")):
        if (shapes := arguments.get(grids)) is None:
            continue
        patches = [times * height * width for times, height, width in shapes.tolist()]
        counts = ((ids == special[kind]) & masks).sum(1).tolist()
        chosen = _share([patch // merge**2 for patch in patches], counts, sample)
        made[grids] = shapes[chosen.start : chosen.stop]
        if (values := arguments.get(pixels)) is not None:
            made[pixels] = values[sum(patches[: chosen.start]) : sum(patches[: chosen.stop])]
        if kind == "video":
            for name in SPANS:
                if arguments.get(name) is not None:
                    made[name] = arguments[name][chosen.start : chosen.stop]
    mask = arguments.get("feature_attention_mask")
    if mask is not None and special["audio"] is not None:
        counts = ((ids == special["audio"]) & masks).sum(1).tolist()
        lengths = _sound_lengths(parts, mask)
        chosen = range(sample, sample + 1) if lengths is None and len(mask) == len(ids) else _share(
            lengths or [], counts, sample)
        for name in ("feature_attention_mask", "input_features", "audio_feature_lengths"):
            if arguments.get(name) is not None:
                made[name] = arguments[name][chosen.start : chosen.stop]
    return made


def _share(sizes, counts, sample) -> range:
    """Which of consecutive media with these numbers of tokens belong to a row, given each row's tokens."""
    start, before = 0, sum(counts[:sample])
    while start < len(sizes) and before >= sizes[start] > 0:
        before -= sizes[start]
        start += 1
    end, left = start, counts[sample]
    while end < len(sizes) and left >= sizes[end] > 0:
        left -= sizes[end]
        end += 1
    return range(start, end)


def _sound_lengths(parts, mask):
    """Audio tokens of each sound, by the model's own rule; None where it has none."""
    frames = mask.detach().cpu().sum(-1)
    rule = getattr(parts.audio, "_get_feat_extract_output_lengths", None) or getattr(
        sys.modules.get(type(parts.thinker).__module__), "_get_feat_extract_output_lengths", None)
    if rule is None:
        return None
    made = rule(frames)
    return [int(length) for length in (made[1] if isinstance(made, tuple) else made)]


def _sounds(parts, arguments, modality):
    total = modality.count("A")
    mask = arguments.get("feature_attention_mask")
    lengths = _sound_lengths(parts, mask) if mask is not None and total else None
    if lengths is not None and sum(lengths) == total:
        return lengths
    return [total] if total else []


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


def audio_rate(config) -> int:
    """Audio tokens to a second."""
    return getattr(config, "position_id_per_seconds", None) or 25


def video_shapes(prompt, config):
    """(temporal grids, rows, columns, seconds of a grid or None) of each video."""
    shapes = prompt.arguments.get("video_grid_thw")
    if shapes is None:
        return []
    merge = getattr(getattr(config, "vision_config", None), "spatial_merge_size", 2)
    spans = spans_of(prompt.arguments)
    if spans is None:
        # Omni models take a second where none is given; others have another way to encode time.
        spans = [1.0 if "omni" in str(getattr(config, "model_type", "")) else None] * len(shapes)
    return [
        (times, height // merge, width // merge, None if span is None else float(span))
        for (times, height, width), span in zip(shapes.tolist(), spans)]


def _place(prompt, config, special):
    """Fills in where in the clip, and where in the picture, each token lies. The i-th video and the i-th sound
    start together, each pair when the one before has ended."""
    seconds, grid, row, column = ([-1] * len(prompt) for _ in range(4))
    videos, rate = video_shapes(prompt, config), audio_rate(config)
    starts, start = [], 0.0
    for index in range(max(len(videos), len(prompt.sounds))):
        starts.append(start)
        times, _, _, span = videos[index] if index < len(videos) else (0, 0, 0, 0.0)
        sound = prompt.sounds[index] / rate if index < len(prompt.sounds) else 0.0
        start = None if start is None or span is None else start + max(times * span, sound)

    offsets = iter([offset for offset, letter in enumerate(prompt.modality) if letter == "V"])
    before = 0
    for (times, rows, columns, span), start in zip(videos, starts):
        for place in range(times * rows * columns):
            if (offset := next(offsets, None)) is None:
                break
            time, place = divmod(place, rows * columns)
            grid[offset], (row[offset], column[offset]) = before + time, divmod(place, columns)
            if span is not None and start is not None:
                seconds[offset] = start + time * span
        before += times
    sizes = {rows * columns for _, rows, columns, _ in videos}
    if len(sizes) < 2:
        prompt.tokens_per_grid = sizes.pop() if sizes else 0

    if (shapes := prompt.arguments.get("image_grid_thw")) is not None and special["image"] is not None:
        merge = getattr(getattr(config, "vision_config", None), "spatial_merge_size", 2)
        offsets = iter([offset for offset, letter in enumerate(prompt.modality) if letter == "I"])
        for times, height, width in shapes.tolist():
            for place in range(times * (height // merge) * (width // merge)):
                if (offset := next(offsets, None)) is not None:
                    row[offset], column[offset] = divmod(place % ((height // merge) * (width // merge)), width // merge)

    offsets = iter([offset for offset, letter in enumerate(prompt.modality) if letter == "A"])
    for length, start in zip(prompt.sounds, starts):
        for token in range(length):
            if (offset := next(offsets, None)) is not None and start is not None:
                seconds[offset] = start + token / rate
    prompt.columns.update(seconds=seconds, grid=grid, row=row, column=column)
