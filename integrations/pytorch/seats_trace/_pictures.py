"""The clip in small, from what the processor made of it: something to draw tokens on."""

import base64

import torch

from ._prompt import audio_rate, video_shapes

#: Bytes of all pictures together, at most, unless a pixel per token takes more.
MOST_BYTES = 1 << 20
BANDS = 16
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def media(prompt, config, processor=None, tokenizer=None):
    """The `media` object of a trace's `run` line, and sentences about what it lacks."""
    notes = []
    made = {"video": _video(prompt, config, processor, notes), "audio": _audio(prompt, config)}
    if tokenizer is not None:
        made["text"] = [tokenizer.decode([token]) for token, found in zip(prompt.ids, prompt.modality) if found == "T"]
    return {key: value for key, value in made.items() if value is not None}, notes


def _video(prompt, config, processor, notes):
    """The first frame of each temporal grid, from the normalised patches; videos behind one another."""
    patches, videos = prompt.arguments.get("pixel_values_videos"), video_shapes(prompt, config)
    if patches is None or not videos:
        return None
    if len({video[1:] for video in videos}) > 1:
        notes.append("The pictures are left out: the videos differ in size or in seconds to a frame.")
        return None
    _, rows, columns, seconds = videos[0]
    times = sum(video[0] for video in videos)
    if seconds is None:
        notes.append("How long a frame lasts is not known: the pictures are a second apart.")
    vision = config.vision_config
    patch, merge, span = vision.patch_size, vision.spatial_merge_size, vision.temporal_patch_size
    side = next((s for s in (8, 4, 2) if times * rows * columns * s * s * 3 <= MOST_BYTES), 1)
    mean, std = _normalisation(config, processor)
    first = patches.detach().reshape(times, rows, columns, merge, merge, 3, span, patch, patch)[:, :, :, :, :, :, 0]
    levels = _sampled(first, patch, merge, side).cpu() * std + mean
    pictures = (levels * 255).round().clamp(0, 255).byte()
    return {
        "times": times, "rows": rows, "columns": columns, "side": side,
        "seconds_per_grid": 1.0 if seconds is None else seconds, "rgb": _base64(pictures),
    }


def _sampled(patches, patch, merge, side):
    """[times, rows × side, columns × side, 3] of patches [times, rows, columns, merge, merge, 3, patch, patch]: every
    token is brought to `side` × `side`, four samples to a pixel."""
    edge = patch * merge
    inside = [
        torch.tensor([int((at + part) * edge / side) for at in range(side)], device=patches.device) for part in (0.25, 0.75)]
    total = 0
    for y in (places.unsqueeze(1) for places in inside):
        for x in inside:
            # [side, side, times, rows, columns, 3]: places that are picked stand in front.
            total = total + patches[:, :, :, y // patch, x // patch, :, y % patch, x % patch].float()
    _, _, times, rows, columns, _ = total.shape
    return (total / 4).permute(2, 3, 0, 4, 1, 5).reshape(times, rows * side, columns * side, 3)


def _normalisation(config, processor):
    made = getattr(processor, "video_processor", None) or getattr(processor, "image_processor", None)
    mean, std = getattr(made, "image_mean", None), getattr(made, "image_std", None)
    if mean is None or std is None:
        halves = "qwen3" in str(getattr(config, "model_type", ""))
        mean, std = ((0.5,) * 3, (0.5,) * 3) if halves else (CLIP_MEAN, CLIP_STD)
    return (torch.tensor(values, device="cpu") for values in (mean, std))


def _audio(prompt, config):
    """The log-mel spectrum, a column for each audio token, 80 dB from 0 to 255; sounds behind one another."""
    features, mask = prompt.arguments.get("input_features"), prompt.arguments.get("feature_attention_mask")
    if features is None or not prompt.sounds or len(features) != len(prompt.sounds):
        return None
    rate = audio_rate(config)
    levels = []
    for index, tokens in enumerate(prompt.sounds):
        mel = features[index].detach()
        if mask is not None:
            # What is padded stands behind.
            mel = mel[:, : int(mask[index].sum())]
        levels.append(_levels(mel.float().cpu(), tokens, rate))
    return {
        "tokens": sum(prompt.sounds), "bands": BANDS, "seconds_per_token": 1 / rate, "levels": _base64(torch.cat(levels))}


def _levels(mel, tokens, rate):
    """[tokens, BANDS] bytes of a log-mel spectrum [mels, frames] of 100 frames to a second."""
    # All tokens that have their frames at once, and then the rest.
    frames = 100 // rate
    whole = min(tokens, mel.shape[1] // frames) if 100 % rate == 0 else 0
    columns = list(mel[:, : whole * frames].reshape(mel.shape[0], whole, frames).mean(2).T) if whole else []
    last = mel.shape[1] - 1
    for token in range(whole, tokens):
        first = min(token * 100 // rate, last)
        columns.append(mel[:, first : max(first + 1, (token + 1) * 100 // rate)].mean(1))
    bands = torch.stack(columns).reshape(tokens, BANDS, -1).mean(2)
    # The features are logarithms over 4, floored 8 decades of power below the peak.
    return ((bands - mel.max() + 2) / 2 * 255).clamp(0, 255).byte()


def _base64(values):
    return base64.b64encode(values.contiguous().numpy().tobytes()).decode()
