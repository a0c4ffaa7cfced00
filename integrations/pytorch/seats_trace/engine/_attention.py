"""The one attention function of decoder and encoders, and what is observed through it."""

import torch
import torch.nn.functional as F
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from ._wire import Refused

#: Its name in the registry of transformers.
NAME = "seats_engine"


class Caught(Exception):
    """Ends a module's forward once its queries and keys are known."""


class Probe:
    """The queries and keys of one attention module as they are multiplied: after norm, bias and rotation."""

    _active = None

    def __init__(self, module, stops=False):
        self.module, self.stops, self.parts, self.scaling = module, stops, [], None

    def __enter__(self):
        Probe._active = self
        return self

    def __exit__(self, kind, *_):
        Probe._active = None
        return kind is Caught

    def take(self, query, key, scaling):
        self.parts.append((query.detach(), key.detach()))
        self.scaling = scaling
        if self.stops:
            raise Caught

    @property
    def queries(self):
        """[heads, units, head width]."""
        return torch.cat([query[0] for query, _ in self.parts], 1)

    @property
    def keys(self):
        return torch.cat([key[0] for _, key in self.parts], 1)


def attend(module, query, key, value, attention_mask=None, scaling=None, is_causal=None, cu_seq_lens_q=None,
           sliding_window=None, **_):
    """Scaled dot-product attention without masks: causal in the decoder, within blocks in encoders."""
    probe = Probe._active
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    if probe is not None and module is probe.module:
        probe.take(query, key, scaling)
    if cu_seq_lens_q is not None:
        ends, states = cu_seq_lens_q.tolist(), (query, key, value)
        parts = [
            F.scaled_dot_product_attention(*(state[:, :, start:end] for state in states), scale=scaling)
            for start, end in zip(ends, ends[1:])]
        return torch.cat(parts, 2).transpose(1, 2).contiguous(), None
    if sliding_window is not None and key.shape[2] > sliding_window:
        raise Refused(f"The model attends within a sliding window of {sliding_window} tokens, which this engine does not.")
    causal = (getattr(module, "is_causal", True) if is_causal is None else is_causal) and query.shape[2] > 1
    mask = None
    if causal and query.shape[2] < key.shape[2]:
        # The last rows alone ask: each attends to itself and all before it.
        count, whole = query.shape[2], key.shape[2]
        mask = torch.ones(count, whole, dtype=torch.bool, device=query.device).tril(whole - count)
        causal = False
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = (state.repeat_interleave(groups, 1) for state in (key, value))
    done = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=causal, scale=scaling)
    return done.transpose(1, 2).contiguous(), None


ALL_ATTENTION_FUNCTIONS.register(NAME, attend)


class Keys:
    """Keys and values of one layer, [1, heads, tokens, head width]. `update` is all that transformers asks of a cache."""

    def __init__(self, keys=None, values=None):
        self.keys, self.values = keys, values

    def update(self, keys, values, *_, **__):
        if self.keys is not None:
            keys, values = torch.cat([self.keys, keys], 2), torch.cat([self.values, values], 2)
        self.keys, self.values = keys, values
        return keys, values


class GrowingKeys(Keys):
    """Keys and values to which tokens of an answer are appended, in a buffer that is shared with the states before.

    A state reads its own first rows only. Who appends behind rows that others appended already gets a copy."""

    #: Rows of room that a new buffer has.
    ROOM = 256

    def __init__(self, buffer, count):
        self.buffer, self.count = buffer, count

    @staticmethod
    def of(held, at=None):
        """A buffer of these rows of a cache, with room for more."""
        at = None if at is None else at.to(held.keys.device)
        parts = [part if at is None else part[:, :, at] for part in (held.keys, held.values)]
        return GrowingKeys(_Buffer(*parts), parts[0].shape[2])

    def copy(self):
        return GrowingKeys(self.buffer, self.count)

    @property
    def keys(self):
        return self.buffer.keys[:, :, : self.count]

    @property
    def values(self):
        return self.buffer.values[:, :, : self.count]

    def update(self, keys, values, *_, **__):
        count = keys.shape[2]
        if self.buffer.used != self.count or self.count + count > self.buffer.keys.shape[2]:
            self.buffer = _Buffer(self.keys, self.values)
        end = self.count + count
        self.buffer.keys[:, :, self.count : end] = keys
        self.buffer.values[:, :, self.count : end] = values
        self.buffer.used = self.count = end
        return self.keys, self.values


class _Buffer:
    """Rows of keys and values in use, and room behind them."""

    def __init__(self, keys, values):
        self.used = keys.shape[2]
        self.keys, self.values = (self._with_room(part) for part in (keys, values))

    def _with_room(self, part):
        made = part.new_empty((*part.shape[:2], self.used + GrowingKeys.ROOM, part.shape[3]))
        made[:, :, : self.used] = part
        return made


def received(queries, keys, scaling, window):
    """Attention received by each unit: softmax within windows, mean over heads, sum over queries. [units]."""
    parts = zip(queries.split(window, 1), keys.split(window, 1))
    return torch.cat([_within(query, key, scaling) for query, key in parts])


def _within(query, key, scaling):
    total = torch.zeros(key.shape[1], device=key.device)
    for head_query, head_key in zip(query, key):
        # A head at a time: all heads of a long window together would be gigabytes.
        total += (head_query.float() @ head_key.float().T * scaling).softmax(-1).sum(0)
    return total / len(query)
