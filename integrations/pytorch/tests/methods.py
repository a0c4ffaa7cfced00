"""Ways to lose tokens that own methods have: inside layers, by merging, out of order, with positions numbered anew."""

import torch
from transformers import __version__ as version

from seats_trace._model import find_parts


def tokens_of(case):
    """Positions of text, video and audio in the prompt of a case."""
    ids = case.inputs()["input_ids"][0].tolist()
    config = find_parts(case.model()).config
    special = {name: getattr(config, f"{name}_token_index", None) or getattr(config, f"{name}_token_id", None)
               for name in ("video", "audio")}
    video, audio = ([p for p, token in enumerate(ids) if token == special[name]] for name in ("video", "audio"))
    text = [p for p in range(len(ids)) if ids[p] not in special.values()]
    return text, video, audio


class PatchedDecoder:
    """A decoder whose rows are changed on the way in and in front of layers (counted from 1).

    - rows: layer → function of hidden states [1, tokens, width] that gives new ones.
    - numbers: function of the number of tokens that gives the places whose positions the rows get, or layer →
      function; they are numbered anew from 0 where it is left out.
    """

    def __init__(self, thinker, rows, numbers=None):
        self.rows, self.numbers = rows, numbers or (lambda count: torch.arange(count))
        parts = find_parts(thinker)
        self.busy, self.places = False, None
        self.handles = [parts.decoder.register_forward_pre_hook(self._enter, with_kwargs=True)]
        for index, layer in enumerate(parts.layers):
            self.handles.append(layer.register_forward_pre_hook(
                lambda _, args, kwargs, number=index + 1: self._layer(number, args, kwargs), with_kwargs=True))

    def _enter(self, _module, args, kwargs):
        self.busy = kwargs["inputs_embeds"].shape[1] > 1
        self.places = None
        return args, kwargs

    def _layer(self, number, args, kwargs):
        hidden, rest = args[0], args[1:]
        if not self.busy:
            return args, {**kwargs, "attention_mask": None}
        if number in self.rows:
            hidden = self.rows[number](hidden)
            numbers = self.numbers[number] if isinstance(self.numbers, dict) else self.numbers
            self.places = numbers(hidden.shape[1])
        if self.places is not None:
            kwargs = dict(kwargs)
            kwargs["position_embeddings"] = tuple(part[..., self.places, :] for part in kwargs["position_embeddings"])
            count = hidden.shape[1]
            mask = torch.full((count, count), torch.finfo(hidden.dtype).min).triu(1)
            kwargs["attention_mask"] = mask[None, None]
        return (hidden, *rest), kwargs


class PatchedLayer:
    """One decoder layer whose own forward prunes; nothing outside it knows.

    - where: `entry`, `middle` (between attention and MLP) or `exit`.
    """

    def __init__(self, thinker, layer, keep, where):
        self.parts, self.keep, self.where = find_parts(thinker), torch.tensor(keep), where
        for index in range(layer - 1, len(self.parts.layers)):
            module = self.parts.layers[index]
            module.forward = self._forward(module, module.forward, prunes=index == layer - 1)

    def _forward(self, module, forward, prunes):
        def cut(kwargs, count):
            kwargs = dict(kwargs)
            kwargs["position_embeddings"] = tuple(part[..., self.keep, :] for part in kwargs["position_embeddings"])
            mask = torch.full((count, count), torch.finfo(torch.float32).min).triu(1)
            kwargs["attention_mask"] = mask[None, None]
            return kwargs

        def patched(hidden, **kwargs):
            if hidden.shape[1] == 1:
                return forward(hidden, **{**kwargs, "attention_mask": None})
            if not prunes:
                return forward(hidden, **cut(kwargs, hidden.shape[1]))
            if self.where == "entry":
                return forward(hidden[:, self.keep], **cut(kwargs, len(self.keep)))
            if self.where == "exit":
                made = forward(hidden, **kwargs)
                return (made[0][:, self.keep],) if isinstance(made, tuple) else made[:, self.keep]
            attended, *_ = module.self_attn(hidden_states=module.input_layernorm(hidden), **kwargs)
            hidden = (hidden + attended)[:, self.keep]
            hidden = hidden + module.mlp(module.post_attention_layernorm(hidden))
            return (hidden,) if version.startswith("4.") else hidden

        return patched


def merged(keep, groups):
    """Rows of which some are kept and, behind the last medium, the means of groups of others are added.

    - keep: positions that stay as they are, ascending.
    - groups: lists of positions; each becomes one row.
    - Both together in the order that VisionZip and its like have: text before, dominant, contextual, text behind.
    """

    def change(hidden):
        means = torch.stack([hidden[0, torch.tensor(group)].mean(0) for group in groups])
        last = max(max(group) for group in groups)
        front = [p for p in keep if p <= last]
        behind = [p for p in keep if p > last]
        return torch.cat([hidden[0, torch.tensor(front)], means, hidden[0, torch.tensor(behind)]])[None]

    return change


def picked(order):
    """Rows at these places, in this order; −1 inserts a row that was not there."""

    def change(hidden):
        rows = [hidden[0, place] if place >= 0 else torch.full_like(hidden[0, 0], 0.5) for place in order]
        return torch.stack(rows)[None]

    return change
