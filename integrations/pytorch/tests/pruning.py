"""A method that prunes inside hooks, as a user's own would, and remembers what it kept."""

import random

import torch

from seats_trace._model import find_parts


def _masked(mask, at):
    """What is left of a mask: one value per token, one per pair of tokens, or several of these by name."""
    if isinstance(mask, dict):
        return {name: _masked(part, at) for name, part in mask.items()}
    if mask is None or mask.dim() == 2:
        return None if mask is None else mask[:, at]
    return mask[:, :, at][..., at]


class HookPruner:
    """Drops tokens at random before the given layers (counted from 1; 1 is before the LLM).

    - shares: layer → share of the tokens that stay, or a function from prompt positions to those that stay.
    - renumber: whether positions are numbered anew after a drop.
    """

    def __init__(self, thinker, shares, renumber=False, seed=0):
        self.shares, self.renumber, self.random = shares, renumber, random.Random(seed)
        self.kept, self.left = {}, None
        decoder = find_parts(thinker).decoder
        self.handles = [decoder.register_forward_pre_hook(self._enter, with_kwargs=True)]
        for index, layer in enumerate(decoder.layers):
            hook = lambda _, args, kwargs, number=index + 1: self._layer(number, args, kwargs)
            self.handles.append(layer.register_forward_pre_hook(hook, with_kwargs=True))

    def close(self):
        for handle in self.handles:
            handle.remove()

    def _choose(self, layer, present):
        share = self.shares[layer]
        if callable(share):
            chosen = share(present)
        else:
            # The last token asks; it stays.
            chosen = sorted(self.random.sample(present[:-1], round(share * (len(present) - 1)))) + present[-1:]
        self.kept[layer] = chosen
        return chosen

    def _enter(self, _module, args, kwargs):
        count = kwargs["inputs_embeds"].shape[1]
        if count == 1:
            return None
        self.full, self.left = count, list(range(count))
        if 1 in self.shares:
            self.left = self._choose(1, self.left)
            at = torch.tensor(self.left)
            kwargs["inputs_embeds"] = kwargs["inputs_embeds"][:, at]
            kwargs["position_ids"] = kwargs["position_ids"][..., at]
            kwargs["attention_mask"] = _masked(kwargs["attention_mask"], at)
            if kwargs.get("cache_position") is not None:
                kwargs["cache_position"] = kwargs["cache_position"][: len(at)]
            if kwargs.get("visual_pos_masks") is not None:
                mask = kwargs["visual_pos_masks"]
                shown = mask[0].reshape(count, -1)[:, 0].nonzero()[:, 0].tolist()
                rows = torch.tensor([shown.index(p) for p in self.left if p in set(shown)], dtype=torch.long)
                kwargs["visual_pos_masks"] = mask[:, at]
                kwargs["deepstack_visual_embeds"] = [e[rows] for e in kwargs["deepstack_visual_embeds"]]
        self.entered = list(self.left)
        return args, kwargs

    def _layer(self, number, args, kwargs):
        hidden, rest = args[0], args[1:]
        if hidden.shape[1] == 1 and self.full > 1 and len(self.left) > 1:
            return args, {**kwargs, "attention_mask": None}
        if number in self.shares and number > 1:
            before = self.left
            self.left = self._choose(number, before)
            hidden = hidden[:, torch.tensor([before.index(p) for p in self.left])]
        if len(self.left) < len(self.entered):
            at = torch.tensor([self.entered.index(p) for p in self.left])
            places = torch.arange(len(at)) if self.renumber else at
            kwargs = dict(kwargs)
            kwargs["position_embeddings"] = tuple(part[..., places, :] for part in kwargs["position_embeddings"])
            kwargs["attention_mask"] = _masked(kwargs.get("attention_mask"), at)
            if kwargs.get("position_ids") is not None:
                kwargs["position_ids"] = kwargs["position_ids"][..., at]
        return (hidden, *rest), kwargs
