"""The operations of the engine: each a function of a header and tensors, over states that never change."""

import os
import stat
from dataclasses import dataclass

import torch

from .. import _model
from . import _loading, _media
from ._attention import GrowingKeys, Keys, Probe
from ._memory import memory
from ._timing import Clock
from ._wire import Refused

MOST_TOKENS = 1 << 22
MOST_FILE_BYTES = 1 << 24


class Cancelled(Exception):
    """The request was cancelled; its state is as before."""


@dataclass(frozen=True)
class Prompt:
    """Ids and positions, [tokens] and [3, tokens], and where the tokens of each piece of media stand."""

    ids: torch.Tensor
    positions: torch.Tensor
    #: Position of each token, by piece of media.
    places: list
    #: Whether each piece is seen, so that inner features of the vision encoder are added to it.
    kinds: list


@dataclass(frozen=True)
class Hidden:
    """Rows of hidden states, [1, rows, width], and the position in the prompt of each."""

    rows: torch.Tensor
    at: torch.Tensor


@dataclass(frozen=True)
class LayerKeys:
    """Keys and values of one layer, and the position in the prompt of each of its tokens."""

    cache: Keys
    at: torch.Tensor


@dataclass(frozen=True)
class Answer:
    """Caches of all layers after some tokens of an answer."""

    caches: list
    next_position: float
    #: The most likely token after them, the first of equals; None before the first.
    best: int | None = None


class Engine:
    """A loaded model and what is kept of it for the other side, by numbers that the other side gives."""

    def __init__(self, loaded):
        self.loaded, self.parts = loaded, loaded.parts
        self.states = {}
        #: Raises `Cancelled` where the request at work was cancelled.
        self.check = lambda: None

    # Requests

    def operations(self):
        return {
            "hello": self.hello, "files": self.files, "file": self.file, "prompt": self.prompt, "encode": self.encode,
            "attention": self.attention, "distances": self.distances, "features": self.features,
            "keys": self.keys, "embed": self.embed, "layer": self.layer, "relevance": self.relevance,
            "rows": self.rows, "logits": self.logits, "take": self.take, "lens": self.lens, "looks": self.looks, "decoder": self.decoder, "token": self.token,
            "memory": self.memory, "release": lambda _: ({}, {}),
        }

    def answer(self, op, header, tensors):
        """The answer to a request: a header and tensors. Raises `Refused`, `Cancelled` or what torch does."""
        found = self.operations().get(op)
        if found is None:
            raise Refused(f"This engine has no operation {op!r}.")
        with torch.inference_mode():
            return found(Request(header, tensors))

    def hello(self, _):
        text = self.parts.config.get_text_config()
        return {
            "model": self.loaded.description, "fingerprint": _loading.fingerprint(self.loaded),
            "versions": _loading.versions(), "devices": self.loaded.devices,
            "device": _loading.device_name(self.loaded.devices), "operations": sorted(self.operations()),
            "compute": str(self._dtype()).removeprefix("torch."), "bytes_per_number": self._dtype().itemsize,
            "stop_ids": _stop_ids(self.loaded.model), "experts": getattr(text, "num_experts_per_tok", None),
            **memory(self.loaded.devices)}, {}

    def files(self, _):
        made = {
            name: torch.frombuffer(bytearray(content), dtype=torch.uint8)
            for name, content in self.loaded.files().items() if content}
        return {}, made

    def file(self, request):
        """Bytes of a file that this process may read, with its size and time: a clip for the other side."""
        path = request.header.get("path")
        if not isinstance(path, str) or "\0" in path:
            raise Refused("path is not the path of a file.")
        offset, count = request.whole("offset", 0, 1 << 40), request.whole("count", 0, MOST_FILE_BYTES)
        try:
            with open(os.path.expanduser(path), "rb", opener=_open_regular) as file:
                facts = os.fstat(file.fileno())
                file.seek(offset)
                data = file.read(count)
        except OSError as error:
            raise Refused(f"{path}: {error.strerror or error}") from None
        return {"bytes": facts.st_size, "changed": facts.st_mtime_ns}, {
            "data": torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0, dtype=torch.uint8)}

    def prompt(self, request):
        ids, positions = request.tensor("ids", 1), request.tensor("positions", 2).float()
        vocabulary = self._vocabulary()
        if not 0 < len(ids) <= MOST_TOKENS or list(positions.shape) != [3, len(ids)]:
            raise Refused("A prompt has ids [tokens] and positions [3, tokens].")
        ids = ids.long()
        if int(ids.max()) >= vocabulary:
            raise Refused(f"The prompt has the id {int(ids.max())}; the model's vocabulary ends before {vocabulary}.")
        places, kinds = [], request.header.get("pieces", [])
        if not isinstance(kinds, list) or not all(kind in ("video", "image", "audio") for kind in kinds):
            raise Refused("The prompt's media are not a list of video, image and audio.")
        for index in range(len(kinds)):
            places.append(request.rows(f"at{index}", len(ids)))
        if places:
            # Kept on the first device: layers move what they need.
            every = torch.cat(places)
            if len(every.unique()) != len(every):
                raise Refused("Two pieces of media claim the same token.")
        self._keep(request, prompt=Prompt(ids, positions, places, kinds))
        return {"tokens": len(ids)}, {}

    def encode(self, request):
        stated, made = request.header.get("pieces", []), []
        if not isinstance(stated, list) or not all(isinstance(piece, dict) for piece in stated):
            raise Refused("The pieces of media are not a list of objects.")
        for index, piece in enumerate(stated):
            kind, grid = piece.get("kind"), piece.get("grid")
            if kind not in ("video", "image", "audio"):
                raise Refused(f"There is no encoder for {kind!r}.")
            tensor = _numbers(request, index, self.parts.vision)
            if kind != "audio" and not _is_grid(grid, tensor, self.parts.vision):
                raise Refused("The patches of a picture do not fill their grid.")
            made.append(_media.encode(self.parts, kind, tensor, grid, self.check))
        self._keep(request, media=made)
        return {"pieces": [
            {"ms": piece.milliseconds, "flops": piece.flops, "tokens": len(piece.features), "units": piece.queries.shape[1],
             "group": piece.group, "attention_width": piece.queries.shape[0] * piece.queries.shape[2],
             **_fault(piece.features)} for piece in made]}, {}

    def attention(self, request):
        return {}, {"attention": self._piece(request).attention(request.whole("window", 1)).float()}

    def distances(self, request):
        return {}, {"distances": self._piece(request).distances(request.whole("window", 1))}

    def features(self, request):
        return {}, {"features": _plain(self._piece(request).features)}

    def keys(self, request):
        return {}, {"keys": self._piece(request).key_means()}

    def embed(self, request):
        prompt, media = request.state(self, "prompt", Prompt), request.state(self, "media", list)
        table = self.parts.thinker.get_input_embeddings()
        rows = table(prompt.ids.to(_model.device_of(table)))[None].clone()
        if len(media) != len(prompt.places):
            raise Refused("The media are not those of the prompt.")
        for piece, places in zip(media, prompt.places):
            if len(piece.features) != len(places):
                raise Refused(f"The encoder made {len(piece.features)} tokens where the prompt has {len(places)}.")
            rows[0, places.to(rows.device)] = piece.features.to(rows.device, rows.dtype)
        self._keep(request, output=Hidden(rows, torch.arange(len(prompt.ids))))
        return _fault(rows), {}

    def layer(self, request):
        number = request.whole("layer", 1, len(self.parts.layers))
        prompt, media = request.state(self, "prompt", Prompt), request.state(self, "media", list)
        before = request.state(self, "input", Hidden)
        rows = request.rows("rows", len(before.at)) if "rows" in request.tensors else None
        hidden, at = before.rows, before.at
        if rows is not None:
            hidden, at = hidden[:, rows.to(hidden.device)], at[rows]
        hidden = self._merged(request, before.rows, self._changed(request, hidden))
        if len(at) == 0:
            raise Refused("No tokens are left for a layer.")
        outputs = request.whole("outputs", 1, len(at), default=len(at))
        module = self.parts.layers[number - 1]
        device = _model.device_of(module)
        hidden = hidden.to(device)
        angles = self._angles(prompt.positions[:, at], hidden, device)
        cache, clock = Keys(), Clock(device)
        hook = module.post_attention_layernorm.register_forward_pre_hook(lambda *_: clock.mark())
        try:
            if outputs < len(at):
                # Keys and values of all, but only the last rows ask.
                split = len(at) - outputs
                self._observe(module, hidden[:, :split], _part(angles, slice(None, split)), cache)
                hidden, angles = hidden[:, split:], _part(angles, slice(split, None))
            made = self._run(module, hidden, angles, cache)
        finally:
            hook.remove()
        made = self._with_inner_features(number, made, at[len(at) - outputs :], prompt, media)
        clock.mark()
        times = clock.milliseconds()
        self._keep(request, output=Hidden(made, at[len(at) - outputs :]), keys=LayerKeys(cache, at))
        return {
            "layer": number, "tokens": len(at), "attention_ms": times[0], "feed_forward_ms": sum(times[1:]),
            **_allocated(self.loaded.devices), **_fault(made)}, {}

    def relevance(self, request):
        number = request.whole("layer", 1, len(self.parts.layers))
        prompt, before = request.state(self, "prompt", Prompt), request.state(self, "input", Hidden)
        rows, module = request.rows("queries", len(before.at)), self.parts.layers[number - 1]
        if not len(rows):
            raise Refused("queries has no row.")
        hidden = before.rows.to(_model.device_of(module))
        clock = Clock(hidden.device)
        angles = self._angles(prompt.positions[:, before.at], hidden, hidden.device)
        probe = self._observe(module, hidden, angles, None)
        query, key = probe.queries[:, rows.to(probe.queries.device)].float(), probe.keys.float()
        key = key.repeat_interleave(len(query) // len(key), 0)
        scores = (query @ key.transpose(1, 2) * probe.scaling).softmax(-1).mean((0, 1))
        clock.mark()
        return {"ms": clock.milliseconds()[0]}, {"scores": scores}

    def rows(self, request):
        before = request.state(self, "input", Hidden)
        at = request.rows("rows", len(before.at)) if "rows" in request.tensors else slice(None)
        return {}, {"hidden": _plain(before.rows[0, at])}

    def logits(self, request):
        before = request.state(self, "input", Hidden)
        row = request.whole("row", 0, len(before.at) - 1)
        clock = Clock(before.rows.device)
        made = self._head(before.rows[:, row : row + 1])
        clock.mark()
        return {"ms": clock.milliseconds()[0]}, self._best(request, made)

    def take(self, request):
        """One row of hidden states as a state of its own."""
        before = request.state(self, "input", Hidden)
        row = request.whole("row", 0, len(before.at) - 1)
        self._keep(request, output=Hidden(before.rows[:, row : row + 1].clone(), before.at[row : row + 1]))
        return {}, {}

    def lens(self, request):
        """The next token's distribution after some layers: the final norm and the head, over all rows at once."""
        inputs = request.states(self, "inputs", Hidden)
        if not inputs or any(len(state.at) != 1 for state in inputs):
            raise Refused("inputs are no states of one row each.")
        device = _model.device_of(self.parts.norm)
        clock = Clock(device)
        normed = self.parts.norm(torch.cat([state.rows.to(device) for state in inputs], 1))
        logits = self.parts.head(normed.to(_model.device_of(self.parts.head)))[0].float()
        logs = logits.log_softmax(-1)
        best = logs.topk(min(request.whole("best", 1, 1 << 16), logs.shape[-1]))
        made = {
            "ids": best.indices.cpu().to(torch.uint32), "probabilities": best.values.exp(),
            "entropy": _not_negative(-(logs.exp() * logs).nan_to_num(0).sum(-1))}
        if "final" in request.header:
            final = logs[request.whole("final", 0, len(inputs) - 1)]
            made["kl"] = _not_negative((final.exp() * (final - logs)).nan_to_num(0).sum(-1))
        clock.mark()
        fault = {} if bool(torch.isfinite(logits).all()) else {"fault": "not-finite"}
        return {"ms": clock.milliseconds()[0], **fault}, made

    def looks(self, request):
        """Attention of one row as it enters a layer over the keys that are there, summed by group or of one head."""
        number = request.whole("layer", 1, len(self.parts.layers))
        prompt, before = request.state(self, "prompt", Prompt), request.state(self, "input", Hidden)
        keys = request.state(self, "keys", LayerKeys)
        position = request.whole("position", 0, len(prompt.ids) - 1)
        if len(before.at) != 1:
            raise Refused("input is no state of one row.")
        module = self.parts.layers[number - 1]
        hidden = before.rows.to(_model.device_of(module))
        clock = Clock(hidden.device)
        angles = self._angles(prompt.positions[:, position : position + 1], hidden, hidden.device)
        probe = self._observe(module, hidden, angles, None)
        key = keys.cache.keys[0].to(hidden.device).float()
        query = probe.queries.float().reshape(len(key), -1, key.shape[-1])
        products = (query @ key.transpose(1, 2) * probe.scaling).flatten(0, 1)
        # Tokens after the row are not seen by it.
        weights = products.masked_fill((keys.at > position).to(products.device), float("-inf")).softmax(-1)
        if "head" in request.header:
            made = {"weights": weights[request.whole("head", 0, len(weights) - 1)]}
        else:
            count, group = request.whole("groups", 1, 256), request.tensor("group", 1).long()
            if len(group) != len(keys.at) or int(group.max()) >= count:
                raise Refused("group does not fit the tokens of keys.")
            members = torch.nn.functional.one_hot(group, count).to(weights.device, weights.dtype)
            made = {"shares": weights @ members}
        clock.mark()
        return {"ms": clock.milliseconds()[0]}, made

    def decoder(self, request):
        """Caches of the survivors at these positions, which every layer has."""
        layers = request.states(self, "layers", LayerKeys)
        if len(layers) != len(self.parts.layers):
            raise Refused(f"Decoding needs keys and values of all {len(self.parts.layers)} layers.")
        kept = request.rows("positions", MOST_TOKENS)
        caches = []
        for held in layers:
            self.check()
            at = torch.searchsorted(held.at, kept).clamp(max=max(0, len(held.at) - 1))
            if not torch.equal(held.at[at], kept):
                raise Refused("Among the survivors are tokens that a layer does not have.")
            caches.append(GrowingKeys.of(held.cache, None if len(at) == len(held.at) else at))
        self._keep(request, output=Answer(caches, request.number("next_position")))
        return {}, {}

    def token(self, request):
        """Runs one token of an answer: a given one, or the most likely after those before."""
        before = request.state(self, "input", Answer)
        table = self.parts.thinker.get_input_embeddings()
        number = request.whole("token", 0, self._vocabulary() - 1, default=before.best)
        stops = request.header.get("stop", [])
        if not isinstance(stops, list):
            raise Refused("stop is not a list.")
        if "token" not in request.header and number in stops:
            raise Cancelled
        clock = Clock(_model.device_of(table))
        hidden = table(torch.tensor([[number]], device=_model.device_of(table)))
        place = torch.full((3, 1), before.next_position)
        caches = []
        for module, held in zip(self.parts.layers, before.caches):
            self.check()
            device = _model.device_of(module)
            hidden, cache = hidden.to(device), held.copy()
            hidden = self._run(module, hidden, self._angles(place, hidden, device), cache)
            caches.append(cache)
        made = self._head(hidden)
        clock.mark()
        best = int((made == made.max()).nonzero()[0, 0]) if bool(torch.isfinite(made).all()) else None
        self._keep(request, output=Answer(caches, before.next_position + 1, best))
        return {"token": number, "ms": clock.milliseconds()[0], **_fault(hidden)}, self._best(request, made)

    def memory(self, _):
        return memory(self.loaded.devices), {}

    # Parts of them

    def _keep(self, request, **made):
        """Keeps states under the numbers that the request gives: all of them or none."""
        numbers = [request.fresh(self, key) for key in made]
        if len(set(numbers)) < len(numbers):
            raise Refused("Two states have one number.")
        self.states.update(zip(numbers, made.values()))

    def _vocabulary(self):
        return self.parts.config.get_text_config().vocab_size

    def _dtype(self):
        """The type of hidden states; quantised weights have others."""
        found = (p.dtype for p in self.parts.decoder.parameters() if p.is_floating_point() and p.dtype.itemsize > 1)
        return next(found, torch.get_default_dtype())

    def _piece(self, request):
        media = request.state(self, "media", list)
        return media[request.whole("piece", 0, len(media) - 1)]

    def _changed(self, request, hidden):
        """New hidden states of rows into which others were merged."""
        if "changed" not in request.tensors:
            return hidden
        rows = request.tensor("changed", 2)
        at = request.tensor("changed_rows", 1).long()
        if len(rows) != len(at) or rows.shape[1] != hidden.shape[-1] or len(at) == 0 or int(at.max()) >= hidden.shape[1]:
            raise Refused("Changed rows do not fit the tokens.")
        hidden = hidden.clone()
        hidden[0, at.to(hidden.device)] = rows.to(hidden.device, hidden.dtype)
        return hidden

    @staticmethod
    def _merged(request, source, hidden):
        """Rows that become weighted sums of the input's rows."""
        if "merged_rows" not in request.tensors:
            return hidden
        at, counts = request.tensor("merged_rows", 1).long(), request.tensor("merged_counts", 1).long()
        rows, weights = request.tensor("merged_sources", 1).long(), request.tensor("merged_weights", 1).float()
        if not len(at) or int(at.max()) >= hidden.shape[1] or len(at.unique()) != len(at) or len(counts) != len(at):
            raise Refused("Merged rows do not fit the tokens.")
        if int(counts.sum()) != len(rows) or len(weights) != len(rows) or not len(rows) or int(rows.max()) >= source.shape[1]:
            raise Refused("The sources of merged rows do not fit the tokens.")
        device, hidden = hidden.device, hidden.clone()
        terms = source[0, rows.to(source.device)].to(device).float() * weights.to(device)[:, None]
        sums = torch.segment_reduce(terms, "sum", lengths=counts.to(device), axis=0)
        hidden[0, at.to(device)] = sums.to(hidden.dtype)
        return hidden

    def _angles(self, positions, hidden, device):
        rotary = self.parts.rotary
        place = positions[:, None].to(next((b.device for b in rotary.buffers()), device))
        return tuple(part.to(device) for part in rotary(hidden.to(place.device), place))

    @staticmethod
    def _run(module, hidden, angles, cache):
        made = module(hidden, attention_mask=None, position_embeddings=angles, past_key_values=cache)
        # transformers 4, Qwen2.5: a tuple.
        return made[0] if isinstance(made, tuple) else made

    @staticmethod
    def _observe(module, hidden, angles, cache):
        """Queries and keys of a layer over these rows; its keys and values go to the cache, where there is one."""
        with Probe(module.self_attn, stops=True) as probe:
            module.self_attn(
                hidden_states=module.input_layernorm(hidden), attention_mask=None, position_embeddings=angles,
                past_key_values=cache)
        return probe

    def _with_inner_features(self, layer, hidden, at, prompt, media):
        """Adds what inner blocks of the vision encoder have for this layer to the tokens of pictures."""
        for piece, places, kind in zip(media, prompt.places, prompt.kinds):
            if kind == "audio" or layer > len(piece.deepstack):
                continue
            token = torch.searchsorted(places, at).clamp(max=len(places) - 1)
            found = places[token] == at
            if not bool(found.any()):
                continue
            rows = piece.deepstack[layer - 1].to(hidden.device, hidden.dtype)
            hidden = hidden.clone()
            hidden[0, found.nonzero()[:, 0].to(hidden.device)] += rows[token[found].to(hidden.device)]
        return hidden

    def _head(self, hidden):
        normed = self.parts.norm(hidden.to(_model.device_of(self.parts.norm)))
        return self.parts.head(normed.to(_model.device_of(self.parts.head)))[0, -1].float()

    @staticmethod
    def _best(request, logits):
        """All logits; or the best ones, where the request says how many."""
        count = request.header.get("best")
        if count is None:
            return {"logits": logits}
        best = logits.topk(min(request.whole("best", 1), len(logits)))
        return {"logits": best.values, "ids": best.indices.cpu().to(torch.uint32)}


def _numbers(request, index, tower):
    """The numbers of a piece of media; those of patches may be given as bytes and the values of these."""
    tensor = request.tensor(f"piece{index}", 2)
    if tensor.dtype != torch.uint8:
        return tensor
    levels = request.tensor(f"levels{index}", 2)
    if tower is not None:
        tensor, levels = (part.to(_model.device_of(tower)) for part in (tensor, levels))
    channels, width = len(levels), tensor.shape[1]
    if levels.shape[1] != 256 or levels.dtype != torch.float32 or not channels or width % channels:
        raise Refused("The levels of patches are no [channels, 256], or do not fit the patches.")
    made = torch.empty(tensor.shape, device=tensor.device)
    for channel, values in enumerate(levels):
        at = slice(channel * width // channels, (channel + 1) * width // channels)
        for rows in range(0, len(tensor), 4096):
            made[rows : rows + 4096, at] = values[tensor[rows : rows + 4096, at].long()]
    return made


class Request:
    """What a request states, checked as it is read."""

    def __init__(self, header, tensors):
        self.header, self.tensors = header, tensors

    def whole(self, key, least, most=1 << 31, default=None):
        value = self.header.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise Refused(f"{key} is not an integer from {least} to {most}: {value!r}")
        return value

    def number(self, key):
        value = self.header.get(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) < 1e9:
            raise Refused(f"{key} is not a number: {value!r}")
        return float(value)

    def tensor(self, name, dimensions):
        tensor = self.tensors.get(name)
        if tensor is None or tensor.dim() != dimensions:
            raise Refused(f"The request has no tensor {name} of {dimensions} dimensions.")
        return tensor

    def rows(self, name, count):
        """Ascending indices below `count`."""
        rows = self.tensor(name, 1).long()
        if len(rows) and (int(rows[-1]) >= count or not bool((rows[1:] > rows[:-1]).all())):
            raise Refused(f"{name} are not ascending indices below {count}.")
        return rows

    def state(self, engine, key, kind):
        return self._known(engine, self.header.get(key), key, kind)

    def states(self, engine, key, kind):
        numbers = self.header.get(key)
        if not isinstance(numbers, list):
            raise Refused(f"{key} is not a list of states.")
        return [self._known(engine, number, key, kind) for number in numbers]

    @staticmethod
    def _known(engine, number, key, kind):
        found = engine.states.get(number) if isinstance(number, int) else None
        if not isinstance(found, kind):
            raise Refused(f"{key} is no state of this engine that fits: {number!r}")
        return found

    def fresh(self, engine, key):
        number = self.whole(key, 1, 1 << 62)
        if number in engine.states:
            raise Refused(f"The state {number} is there already.")
        return number


def _open_regular(path, flags):
    """Opens a regular file: opening a pipe or a device might wait for ever, or change it."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(None, "not a regular file")
    return os.open(path, flags)


def _plain(tensor):
    """In its own type, where a frame has it: half the bytes."""
    return tensor if tensor.dtype in (torch.float32, torch.bfloat16, torch.float16) else tensor.float()


def _not_negative(values):
    """Without the negative rests of sums that are zero."""
    return values.clamp(min=0)


def _part(angles, at):
    return tuple(part[..., at, :] for part in angles)


def _is_grid(grid, tensor, tower):
    whole = isinstance(grid, list) and len(grid) == 3 and all(
        isinstance(size, int) and not isinstance(size, bool) and 0 < size < 1 << 20 for size in grid)
    merge = getattr(tower, "spatial_merge_size", 1)
    return whole and grid[0] * grid[1] * grid[2] == len(tensor) and grid[1] % merge == 0 and grid[2] % merge == 0


def _fault(rows):
    """Where a row is not finite, or its square is not, so that the next norm would give zeros."""
    squares = rows.float().square().mean(-1)
    if bool(torch.isfinite(squares).all()):
        return {}
    return {"fault": "overflow" if bool(torch.isfinite(rows).all()) else "not-finite"}


def _allocated(devices):
    found = [torch.device(name) for name in devices if name.startswith("cuda")]
    return {"allocated_bytes": sum(torch.cuda.memory_allocated(device) for device in found)} if found else {}


def _stop_ids(model):
    stated = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    return stated if isinstance(stated, list) else [] if stated is None else [stated]
