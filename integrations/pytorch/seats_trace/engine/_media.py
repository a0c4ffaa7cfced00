"""Runs the encoders over one piece of media, and keeps what selection asks about it."""

from dataclasses import dataclass, field

import torch
from torch.utils.flop_counter import FlopCounterMode

from .._model import device_of
from ._attention import Probe, received
from ._timing import Clock
from ._wire import Refused


@dataclass
class Encoded:
    """What an encoder made of a video, an image or a sound; all in the order of the prompt."""

    #: [tokens, width], as they enter the decoder.
    features: torch.Tensor
    #: [heads, units, head width], in the encoder's order.
    queries: torch.Tensor
    keys: torch.Tensor
    scaling: float
    #: Consecutive units that become one token.
    group: int
    #: Place of each of the encoder's tokens in the prompt's order; None: the same.
    order: torch.Tensor | None = None
    #: Added after decoder layers 1, 2, …: [tokens, width] each.
    deepstack: list = field(default_factory=list)
    milliseconds: float = 0.0
    #: 2 per multiply-add, of matrix products, convolutions and attention.
    flops: int = 0

    def attention(self, window):
        """Attention received by each token in windows of `window` units: [tokens]."""
        return self._of_tokens(received(self.queries, self.keys, self.scaling, window)[:, None])[:, 0]

    def key_means(self):
        """Keys averaged over heads and over a token's units: [tokens, head width]."""
        return self._of_tokens(self.keys.float().mean(0))

    def distances(self, window):
        """Cosine distances within windows of `window` tokens: the upper triangles, row by row, one after the other."""
        parts = []
        for rows in self.features.float().split(window):
            unit = rows / (rows.norm(dim=-1, keepdim=True) + 1e-8)
            at = torch.triu_indices(len(rows), len(rows), device=rows.device)
            parts.append((1 - unit @ unit.T)[at[0], at[1]])
        return torch.cat(parts) if parts else torch.zeros(0)

    def _of_tokens(self, units):
        tokens = len(self.features)
        # An odd frame at the end of a sound belongs to no token.
        means = units[: tokens * self.group].reshape(tokens, self.group, -1).mean(1)
        return means if self.order is None else torch.empty_like(means).index_copy_(0, self.order, means)


def encode(parts, kind, tensor, grid, check):
    """Encodes a piece of media.

    - `kind`: "video", "image" or "audio".
    - `tensor`: patches [patches, width], or a mel spectrogram [bands, frames].
    - `grid`: patches in time, height and width; None for sound.
    - `check`: raises where the request is cancelled; called before every block.
    """
    tower = parts.audio if kind == "audio" else parts.vision
    if tower is None:
        raise Refused(f"The model has no encoder for {kind}.")
    blocks = tower.layers if kind == "audio" else tower.blocks
    module = blocks[-1].self_attn if kind == "audio" else blocks[-1].attn
    hooks = [block.register_forward_pre_hook(lambda *_: check()) for block in blocks]
    device = device_of(tower)
    dtype = next((p.dtype for p in tower.parameters() if p.is_floating_point() and p.dtype.itemsize > 1), torch.float32)
    tensor = tensor.to(device=device, dtype=dtype)
    clock = Clock(device)
    try:
        with Probe(module) as probe, FlopCounterMode(display=False) as counter:
            made = (_sound if kind == "audio" else _pictures)(parts, tensor, grid)
    finally:
        for hook in hooks:
            hook.remove()
    clock.mark()
    rows, deepstack = made
    order = None if kind == "audio" else _window_order(tower, _grid(grid, device))
    merge = 1 if kind == "audio" else tower.spatial_merge_size**2
    group = max(1, probe.keys.shape[1] // len(rows)) if kind == "audio" else merge
    return Encoded(
        rows, probe.queries, probe.keys, probe.scaling, group, order, deepstack, clock.milliseconds()[0],
        counter.get_total_flops())


def _grid(grid, device):
    return torch.tensor([grid], dtype=torch.long, device=device)


def _pictures(parts, patches, grid):
    made = parts.vision(patches, grid_thw=_grid(grid, patches.device))
    # transformers 4: a tensor, or a pair with the inner features. From 5 on: named fields.
    if torch.is_tensor(made):
        return made, []
    if isinstance(made, tuple):
        return made[0], list(made[1])
    return made.pooler_output, list(getattr(made, "deepstack_features", None) or [])


def _sound(parts, mel, _):
    inner = getattr(parts.thinker, "model", None)
    holder = parts.thinker if not hasattr(inner, "get_audio_features") else inner
    mask = torch.ones(1, mel.shape[1], dtype=torch.long, device=mel.device)
    made = holder.get_audio_features(mel[None], feature_attention_mask=mask)
    if not torch.is_tensor(made):
        pooled = getattr(made, "pooler_output", None)
        made = made.last_hidden_state if pooled is None else pooled
    if isinstance(made, (tuple, list)):
        made = torch.cat(list(made))
    return made.reshape(-1, made.shape[-1]), []


def _window_order(tower, grid):
    """Where each token of the encoder's order stands in the prompt's; None where they are the same."""
    if hasattr(tower, "get_window_index"):
        return tower.get_window_index(grid)[0].to(grid.device)
    if getattr(tower, "window_size", None) is None:
        return None
    from transformers.vision_utils import get_vision_window_index

    return get_vision_window_index(grid, tower.spatial_merge_size, tower.window_size, tower.patch_size)[0].to(grid.device)
