"""Which tokens of the prompt reach a layer.

A token is known by its rotary position: (t, h, w), or rather the cosines and sines that the rotary
embedding makes of it, which travel with the token through whatever prunes. Several tokens may share
one position (both `bos` tokens of a clip, a sound and the corner of a frame), and some methods number
positions anew. So a token is also known by its hidden state, which equals, bit for bit, what the layer
before put out, unless a method merges tokens. Where position and state together do not tell, the state
alone may, and then the position alone; tokens that even so look alike keep their order, and the
earliest that fits is taken.
"""

from dataclasses import dataclass

import torch


@dataclass
class Recognised:
    #: Positions in the full prompt, ascending.
    positions: list
    #: How many of them only their order told.
    guessed: int = 0


def fingerprints(rows: torch.Tensor) -> list:
    """One number for each row of [tokens, width]; equal rows, bit for bit, have equal numbers."""
    rows = rows.detach().contiguous()
    bits = rows.view({1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[rows.element_size()])
    # Odd weights, in integers that wrap round: exact, whatever the shape and the device.
    index = torch.arange(bits.shape[1], device=rows.device, dtype=torch.int64)
    weights = (index * 6364136223846793005 + 1442695040888963407) | 1
    prints = [(part.to(torch.int64) * weights).sum(-1) for part in bits.split(1024)]
    return torch.cat(prints).tolist() if prints else []


def position_rows(embeddings) -> torch.Tensor:
    """[tokens, width] of the cosines and sines that reach a layer: each [1, S, D] or [3, 1, S, D]."""
    rows = []
    for part in embeddings:
        part = part[:, 0] if part.dim() == 4 else part[0].unsqueeze(0)
        rows.append(part.transpose(0, 1).flatten(1))
    return torch.cat(rows, dim=1)


def recognise(present, before, after):
    """The survivors among `present`, or None where they cannot be told.

    - present: positions in the full prompt before the drop, ascending.
    - before, after: (position fingerprints, state fingerprints) of the tokens before the drop and of the
      survivors, each a list in order, or None where it is not known.
    """
    for kinds in ((0, 1), (1,), (0,)):
        if any(before[kind] is None or after[kind] is None for kind in kinds):
            continue
        old, new = (list(zip(*(side[kind] for kind in kinds))) for side in (before, after))
        states = (before[1], after[1]) if kinds == (0,) and before[1] and after[1] else None
        if (found := _match(present, old, new, states)) is not None:
            return found
    return None


def _match(present, old, new, states):
    places = {}
    for index, key in enumerate(old):
        places.setdefault(key, []).append(index)
    kept, guessed, last = [], 0, -1
    for offset, key in enumerate(new):
        candidates = [index for index in places.get(key, ()) if index > last]
        if not candidates:
            return None
        last = candidates[0]
        if len(places[key]) > 1:
            alike = [index for index in candidates if states and states[0][index] == states[1][offset]]
            last = alike[0] if alike else last
            guessed += not alike
        kept.append(present[last])
    return Recognised(kept, guessed)
