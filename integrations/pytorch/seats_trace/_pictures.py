"""The clip in small, from what the processor made of it: something to draw tokens on."""

import base64

import torch

#: Bytes of all pictures together, at most, unless a pixel per token takes more.
MOST_BYTES = 1 << 20
BANDS = 16
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def media(arguments: dict, prompt, config, processor=None, tokenizer=None) -> dict:
    """The `media` object of a trace's `run` line."""
    made = {"video": _video(arguments, config, processor), "audio": _audio(arguments, prompt, config)}
    if tokenizer is not None:
        made["text"] = [tokenizer.decode([token]) for token, found in zip(prompt.ids, prompt.modality) if found == "T"]
    return {key: value for key, value in made.items() if value is not None}


def _video(arguments, config, processor):
    """The first frame of each temporal grid, from the normalised patches; only of a single video."""
    patches, shapes = arguments.get("pixel_values_videos"), arguments.get("video_grid_thw")
    if patches is None or shapes is None or len(shapes) != 1:
        return None
    times, height, width = shapes[0].tolist()
    vision = config.vision_config
    patch, merge, span = vision.patch_size, vision.spatial_merge_size, vision.temporal_patch_size
    rows, columns = height // merge, width // merge
    side = next((s for s in (8, 4, 2) if times * rows * columns * s * s * 3 <= MOST_BYTES), 1)
    mean, std = _normalisation(config, processor)
    pictures = []
    for grid in patches.detach().split(height * width):
        grid = grid.reshape(rows, columns, merge, merge, 3, span, patch, patch)[:, :, :, :, :, 0]
        frame = grid.permute(4, 0, 2, 5, 1, 3, 6).reshape(3, height * patch, width * patch)
        levels = _sampled(frame, patch * merge, side).float().cpu() * std + mean
        pictures.append((levels * 255).round().clamp(0, 255).byte().permute(1, 2, 0))
    seconds = arguments.get("video_second_per_grid")
    return {
        "times": times, "rows": rows, "columns": columns, "side": side,
        "seconds_per_grid": 1.0 if seconds is None else float(seconds[0]), "rgb": _base64(torch.stack(pictures)),
    }


def _sampled(frame, edge, side):
    """[3, height, width] with every `edge` × `edge` token brought to `side` × `side`: four samples to a pixel."""
    def places(length):
        inside = [[int((at + part) * edge / side) for at in range(side)] for part in (0.25, 0.75)]
        return [torch.tensor([start + i for start in range(0, length, edge) for i in half], device=frame.device)
                for half in inside]

    rows, columns = places(frame.shape[1]), places(frame.shape[2])
    return sum(frame[:, row][:, :, column].float() for row in rows for column in columns) / 4


def _normalisation(config, processor):
    made = getattr(processor, "video_processor", None) or getattr(processor, "image_processor", None)
    mean, std = getattr(made, "image_mean", None), getattr(made, "image_std", None)
    if mean is None or std is None:
        halves = "qwen3" in str(getattr(config, "model_type", ""))
        mean, std = ((0.5,) * 3, (0.5,) * 3) if halves else (CLIP_MEAN, CLIP_STD)
    return (torch.tensor(values).view(3, 1, 1) for values in (mean, std))


def _audio(arguments, prompt, config):
    """The log-mel spectrum, a column for each audio token, 80 dB from 0 to 255; only of a single sound."""
    features, mask = arguments.get("input_features"), arguments.get("feature_attention_mask")
    tokens = prompt.modality.count("A")
    if features is None or tokens == 0 or features.shape[0] != 1:
        return None
    mel = features[0].detach().float().cpu()
    mel = mel if mask is None else mel[:, mask[0].bool().cpu()]
    rate, last = getattr(config, "position_id_per_seconds", 25), mel.shape[1] - 1
    columns = []
    for token in range(tokens):
        first = min(token * 100 // rate, last)
        columns.append(mel[:, first : max(first + 1, (token + 1) * 100 // rate)].mean(1))
    bands = torch.stack(columns).reshape(tokens, BANDS, -1).mean(2)
    # The features are logarithms over 4, floored 8 decades of power below the peak.
    levels = ((bands - mel.max() + 2) / 2 * 255).clamp(0, 255).byte()
    return {"tokens": tokens, "bands": BANDS, "seconds_per_token": 1 / rate, "levels": _base64(levels)}


def _base64(values):
    return base64.b64encode(values.contiguous().numpy().tobytes()).decode()
