"""What a call of `generate` is about to do, as far as its arguments tell."""

from dataclasses import dataclass

import torch

from ._prompt import NotRecorded


@dataclass(frozen=True)
class Call:
    """One call of `generate`."""

    arguments: dict
    #: [batch, tokens], or None where only embeddings are given.
    ids: torch.Tensor | None
    embeddings: torch.Tensor | None
    beams: int
    ends: tuple

    @property
    def batch(self) -> int:
        given = self.ids if self.ids is not None else self.embeddings
        return given.shape[0] if given is not None and given.dim() > 1 else 1


def read_call(thinker, args, kwargs) -> Call:
    """Raises NotRecorded where the prompt does not go through the layers alone, and at once."""
    config = kwargs.get("generation_config") or getattr(thinker, "generation_config", None)

    def setting(name):
        return kwargs[name] if kwargs.get(name) is not None else getattr(config, name, None)

    drafts = next((name for name in (
        "assistant_model", "prompt_lookup_num_tokens", "assistant_early_exit") if setting(name)), None)
    if drafts is not None:
        raise NotRecorded(f"with {drafts}, draft tokens go through the layers together with the prompt")
    if setting("prefill_chunk_size"):
        raise NotRecorded("with prefill_chunk_size, the prompt goes through the layers in several parts")
    first = args[0] if args and isinstance(args[0], torch.Tensor) else None
    ids = next((found for found in (kwargs.get("input_ids"), kwargs.get("inputs"), first) if found is not None), None)
    embeddings = kwargs.get("inputs_embeds")
    ends = setting("eos_token_id")
    ends = ends.tolist() if isinstance(ends, torch.Tensor) else ends
    ends = tuple(ends) if isinstance(ends, (list, tuple)) else () if ends is None else (ends,)
    beams = setting("num_beams") or 1
    ids = ids if isinstance(ids, torch.Tensor) and not ids.is_floating_point() and ids.numel() else None
    return Call(dict(kwargs), ids, embeddings, int(beams), ends)


def check_start(call: Call | None, ids, embeddings, cache, known):
    """Whether a first forward call is the whole prefill of the prompt.

    - call: of `generate`, or None in a loop of the user's own.
    - ids, embeddings, cache: what `forward` is given.
    - known: the `input_ids` that `record` was given; None where it was not.

    Raises NotRecorded.
    """
    if (cached := cached_tokens(cache)) > 0:
        raise NotRecorded(
            f"{cached} tokens of the prompt are in past_key_values already: only prefills from an empty cache are recorded")
    if embeddings is not None or ids is None:
        return
    length = ids.shape[-1]
    if call is not None and call.ids is not None and call.embeddings is None and call.ids.shape[-1] != length:
        raise NotRecorded(
            f"generate was given {call.ids.shape[-1]} tokens, and the model's first call {length}: "
            "draft tokens, or a prompt in several parts")
    if call is None and known is not None and length < known.shape[-1] and known.dim() == ids.dim():
        if torch.equal(ids.cpu(), known[..., :length].cpu()):
            raise NotRecorded(
                f"the model's first call has {length} tokens of a prompt of {known.shape[-1]}: a prompt in several parts")


def cached_tokens(cache) -> int:
    """Tokens that a cache holds, as far as its shapes tell; static caches are as large when they are empty."""
    if cache is None:
        return 0
    if isinstance(cache, (tuple, list)):
        return cache[0][0].shape[-2] if cache and cache[0] is not None else 0
    layer = next(iter(getattr(cache, "layers", None) or ()), None)
    keys = getattr(layer, "keys", None)
    return 0 if is_static(layer) or not isinstance(keys, torch.Tensor) or keys.numel() == 0 else keys.shape[-2]


def cached_bytes(cache, index, tokens):
    """Bytes of keys and values that layers 0…index hold for a row of the batch; None where a cache is of another make.

    - tokens: how many there are at most in a layer whose cache has room for more.
    """
    layers = getattr(cache, "layers", None)
    if not layers:
        return None
    total = 0
    for layer in layers[: index + 1]:
        if any("Quantized" in kind.__name__ for kind in type(layer).__mro__):
            return None
        for part in (getattr(layer, "keys", None), getattr(layer, "values", None)):
            if not isinstance(part, torch.Tensor):
                return None
            if part.numel():
                length = min(part.shape[-2], tokens) if is_static(layer) else part.shape[-2]
                total += part[:1].numel() // part.shape[-2] * length * part.element_size()
    return total


def is_static(layer) -> bool:
    """Whether a cache layer is as large as it may become from the start."""
    return any("Static" in kind.__name__ for kind in type(layer).__mro__)


def tokens_generated(result, call: Call | None, sample: int):
    """The generated ids of a row, the ending token included; None where `result` does not hold them."""
    found = getattr(result, "sequences", result)
    found = found[0] if isinstance(found, tuple) and found else found
    if not isinstance(found, torch.Tensor) or found.is_floating_point() or found.dim() > 2:
        return None
    found = found if found.dim() == 2 else found.unsqueeze(0)
    batch = call.batch if call is not None else 1
    each = max(1, found.shape[0] // batch)
    if sample * each >= found.shape[0]:
        return None
    row = found[sample * each].tolist()
    if call is not None and call.ids is not None:
        given = call.ids[sample].tolist() if call.ids.dim() == 2 else call.ids.tolist()
        row = row[len(given) :] if row[: len(given)] == given else row
    if found.shape[0] > 1 and call is not None:
        # Rows that end early are filled up.
        end = next((index for index, token in enumerate(row) if token in call.ends), None)
        if end is not None and len(set(row[end + 1 :])) <= 1:
            row = row[: end + 1]
    return row
