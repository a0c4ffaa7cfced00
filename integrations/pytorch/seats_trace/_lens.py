"""What each layer would say of the next token and what its last token looks at: read in hooks, beside the run."""

import torch

from ._clock import Fetch
from ._generation import is_static

NAMES = {"T": "text", "I": "image", "V": "video", "A": "audio"}
CHOICES = ("summary", "full")
BEST = 5


class Lens:
    """The last row of each layer's output, and the attention of the last row that enters over the layer's keys.

    Modules are called by `forward`, so that nobody's hooks see calls that are not of the run."""

    def __init__(self, parts, choice):
        if choice not in CHOICES:
            raise ValueError(f'lens is "summary" or "full", not {choice!r}')
        self.parts, self.choice = parts, choice
        self.rows, self.notes = {}, []
        self._entered = None

    def enters(self, hidden, row, embeddings, mask):
        """- hidden: [batch, tokens, width] as it enters a layer; `row` of the batch is recorded."""
        self._entered = hidden[row : row + 1, -1:], embeddings, mask

    def leaves(self, index, output, row, count, cache):
        """Takes the last row of the output. Returns the attention over the `count` tokens of the layer, [heads,
        tokens]; None where its keys are not known."""
        self.rows[index] = output[row : row + 1, -1:].detach().clone()
        entered, self._entered = self._entered, None
        keys = _keys(cache, index, count)
        if keys is None or entered is None or entered[1] is None:
            self._note("What layers look at is left out where their keys are not in a cache.")
            return None
        hidden, embeddings, mask = entered
        layer = self.parts.layers[index]
        query, scaling = _query(layer, hidden, embeddings, row)
        keys = keys[row if keys.shape[0] > row else 0].float()
        products = query.float().reshape(len(keys), -1, keys.shape[-1]) @ keys.transpose(1, 2) * scaling
        products = products.flatten(0, 1)
        hides = _hidden_tokens(mask, row, count)
        if hides is not None:
            products = products.masked_fill(hides.to(products.device), float("-inf"))
        return Fetch(products.softmax(-1))

    def says(self):
        """Once the last layer has run: probabilities and ids of the best tokens, entropy, and KL(last ‖ layer)."""
        if len(self.rows) < len(self.parts.layers):
            self._note("What layers would say is left out: not all of them ran.")
            return None
        norm, head = self.parts.norm, self.parts.head
        device = next(iter(self.rows.values())).device
        rows = torch.cat([self.rows[index].to(device) for index in sorted(self.rows)], 1)
        logs = head.forward(norm.forward(rows))[0].float().log_softmax(-1)
        best = logs.topk(min(BEST, logs.shape[-1]))
        entropy = -(logs.exp() * logs).nan_to_num(0).sum(-1)
        divergence = (logs[-1].exp() * (logs[-1] - logs)).nan_to_num(0).sum(-1)
        return Fetch(best.values.exp()), Fetch(best.indices), Fetch(entropy), Fetch(divergence)

    def _note(self, text):
        if text not in self.notes:
            self.notes.append(text)


def _keys(cache, index, count):
    """[batch, heads, tokens, width]; None where a cache holds others than the layer's tokens."""
    layers = getattr(cache, "layers", None)
    if not layers or index >= len(layers):
        return None
    keys = getattr(layers[index], "keys", None)
    if not isinstance(keys, torch.Tensor) or not keys.is_floating_point() or keys.dim() != 4:
        return None
    keys = keys[:, :, :count] if is_static(layers[index]) else keys
    return keys if keys.shape[-2] == count else None


def _query(layer, hidden, embeddings, row):
    """The last row's queries after norm and rotation, [heads, width], and their scaling."""
    attention = layer.self_attn
    cos, sin = (_last(part, row, attention) for part in embeddings)
    width = cos.shape[-1]
    query = attention.q_proj.forward(layer.input_layernorm.forward(hidden)).reshape(-1, width)
    norm = getattr(attention, "q_norm", None)
    query = query if norm is None else norm.forward(query)
    half = width // 2
    turned = torch.cat([-query[:, half:], query[:, :half]], -1)
    return query * cos + turned * sin, getattr(attention, "scaling", width**-0.5)


def _last(part, row, attention):
    """The last token's rotation, [width]; three axes are put together by their sections."""
    part = part[..., row if part.shape[-3] > row else 0, -1, :]
    if part.dim() == 1:
        return part
    config = attention.config
    stated = getattr(config, "rope_scaling", None) or getattr(config, "rope_parameters", None) or {}
    sections = list(stated["mrope_section"]) * 2
    return torch.cat([axes[index % 3] for index, axes in enumerate(part.split(sections, -1))], -1)


def _hidden_tokens(mask, row, count):
    """Which tokens the mask hides from the last one; None without a mask."""
    if not isinstance(mask, torch.Tensor):
        return None
    mask = mask[row if mask.shape[0] > row else 0]
    last = mask if mask.dim() == 1 else mask.reshape(-1, *mask.shape[-2:])[0, -1]
    if last.shape[-1] < count:
        return None
    visible = last if last.dtype == torch.bool else last > -1e4 if last.is_floating_point() else last > 0
    return ~visible[:count]


class Looked:
    """A line that writes nothing: sums attention by modality while the layer's rows are those that entered."""

    def __init__(self, layer, weights, lens):
        self.layer, self.weights, self.lens = layer, weights, lens

    def is_ready(self):
        return self.weights.is_ready()

    def put(self, lines):
        weights, letters = self.weights.value(), lines.rows.letters
        if not lines.rows.exact or len(letters) != weights.shape[-1]:
            self.lens._note("What layers look at is left out where it is not known which tokens were there.")
            return
        lines.looks[self.layer] = {
            name: weights[:, [at for at, other in enumerate(letters) if other == letter]].sum(-1).tolist()
            for letter, name in NAMES.items() if letter in letters}


class Lensed:
    """The `lens` line, after the head's step."""

    def __init__(self, lens, said, answer):
        self.lens, self.said, self.answer = lens, said, answer

    def is_ready(self):
        return self.said is None or all(fetch.is_ready() for fetch in self.said)

    def put(self, lines):
        layers = []
        for number in range(1, len(self.lens.parts.layers) + 1):
            made = {"layer": number}
            if self.said is not None and (said := self._said(number - 1)) is not None:
                made["would_say"] = said
            if number in lines.looks:
                made["looks_at"] = self._looked(lines.looks[number])
            if len(made) > 1:
                layers.append(made)
        lines.write("lens", {"choice": self.lens.choice, "notes": self.lens.notes or None, "layers": layers})

    def _said(self, index):
        chances, ids, entropy, divergence = (fetch.value()[index].tolist() for fetch in self.said)
        if not all(abs(value) < float("inf") for value in [*chances, entropy, divergence]):
            return None
        best = [
            {"id": token, "text": self.answer.decode_one(token), "probability": chance}
            for token, chance in zip(ids, chances)]
        return {"best": best, "entropy": entropy, "kl": max(0.0, divergence)}

    def _looked(self, heads):
        made = {
            "mean": {name: sum(shares) / len(shares) for name, shares in heads.items()},
            "most": {name: max(shares) for name, shares in heads.items()}}
        return {**made, "heads": heads} if self.lens.choice == "full" else made
