"""The hooks, and what they make of what they see."""

import collections
import functools
import os
import pathlib
import warnings

import torch

from ._clock import Mark, milliseconds, peak_memory
from ._model import Parts, describe, device_of, find_parts
from ._pictures import media
from ._prompt import build_prompt
from ._survivors import fingerprints, position_rows, recognise
from ._writer import Writer


def record(model, inputs, path, *, processor=None, clip=None, method=None, pictures=True, all_ranks=False):
    """Records the first generation inside the `with` block as a trace.

    - model: a Qwen2.5-Omni or Qwen3-Omni model, its thinker, or a wrapper around one.
    - inputs: what the processor made of the clip; what `generate` is really given wins over it.
    - path: file to write, or an open text file such as `sys.stdout`.
    - processor: the processor or a tokenizer; without it the answer is token ids only.
    - clip: what to tell of the clip, such as `{"title": …, "question": …, "answer": …}`.
    - method: name of what prunes, shown beside the run.
    - pictures: also write the frames and the sound in small.
    - all_ranks: under `torch.distributed`, let every rank write a file of its own (`run.rank1.jsonl`);
      otherwise rank 0 writes alone.
    """
    return Recorder(model, inputs, path, processor, clip, method, pictures, all_ranks)


def _guarded(hook):
    """A recorder must not stop what it records: a hook that fails ends the recording, with a warning."""

    @functools.wraps(hook)
    def run(self, *arguments):
        if self.failure is None and not self.done:
            try:
                hook(self, *arguments)
            except Exception as error:
                self._fail(error)

    return run


class Recorder:
    """A recording; see `record`. After the block, `failure` is None unless recording had to stop."""

    def __init__(self, model, inputs, path, processor, clip, method, pictures, all_ranks):
        self.model, self.inputs, self.processor = model, dict(inputs), processor
        self.clip, self.method, self.pictures = dict(clip or {}), method, pictures
        self.tokenizer = getattr(processor, "tokenizer", processor)
        self.parts: Parts = find_parts(model)
        self.path = _path_of_rank(path, all_ranks)
        self.failure, self.done, self.head_done = None, False, False
        self.prompt = None
        self.handles, self.entrances = [], []
        # Steps whose time is not known yet, in order.
        self.queue = collections.deque()
        self.encoding = {"vision": [], "audio": []}
        self.encoder_outputs = {"video": [], "audio": []}
        self.answer_ids, self.answer_text, self.generated = [], "", None
        self.decode_start, self.decode_spans = None, []

    # Opening and closing

    def __enter__(self):
        if self.path is None:
            self.done = True
            return self
        from . import __version__

        self.writer = Writer(self.path, f"seats_trace {__version__}")
        self._hook()
        return self

    def __exit__(self, kind, error, _traceback):
        if self.path is None:
            return False
        for handle in self.handles + self.entrances:
            handle.remove()
        vars(self.parts.thinker).pop("generate", None)
        try:
            if error is not None:
                self.writer.write("message", {"kind": "error", "text": f"{kind.__name__}: {error}"})
            elif self.failure is None:
                self._finish()
        finally:
            self.writer.close()
        return False

    def _hook(self):
        parts, add = self.parts, self.handles.append
        add(_before(parts.thinker, self._called))
        for name, encoder in (("vision", parts.vision), ("audio", parts.audio)):
            if encoder is not None:
                add(_before(encoder, functools.partial(self._encodes, name)))
                add(_after(encoder, functools.partial(self._encoded, name)))
        add(_after(parts.thinker.get_input_embeddings(), self._embedded))
        for index, layer in enumerate(parts.layers):
            add(_after(layer, functools.partial(self._leaves, index)))
            if hasattr(layer, "post_attention_layernorm"):
                add(_before(layer.post_attention_layernorm, self._attended))
        if parts.norm is not None:
            add(_before(parts.norm, self._ends))
        add(_after(parts.head, self._heads))
        self._hook_entrances()
        generate = parts.thinker.generate

        @functools.wraps(generate)
        def watched(*args, **kwargs):
            result = generate(*args, **kwargs)
            self._generated(result)
            return result

        parts.thinker.generate = watched

    def _hook_entrances(self):
        """Behind every hook that is there already, so that layers are seen as they are really entered."""
        for handle in self.entrances:
            handle.remove()
        self.entrances = [
            _before(layer, functools.partial(self._enters, index)) for index, layer in enumerate(self.parts.layers)
        ] + [_before(layer, self._arrives, prepend=True) for layer in self.parts.layers]

    def _fail(self, error):
        self.failure = error
        text = f"seats_trace stopped recording ({type(error).__name__}: {error}); the run itself goes on."
        self.writer.write("message", {"kind": "error", "text": text})
        warnings.warn(text, stacklevel=3)

    # What the hooks call, in the order of a run

    @_guarded
    def _called(self, _module, args, kwargs):
        ids = kwargs.get("input_ids", args[0] if args else None)
        if self.prompt is None:
            given = {key: value for key, value in kwargs.items() if value is not None}
            if ids is not None:
                given["input_ids"] = ids
            self._hook_entrances()
            self._begin({**self.inputs, **given})
        elif self.head_done and ids is not None:
            if ids.shape[-1] != 1:
                self.done = True  # another prompt: one run is one trace
                return
            self._token(int(ids[0, -1]))
            self.decode_start = Mark(device_of(self.parts.layers[0]))

    def _begin(self, arguments):
        self.prompt = build_prompt(self.parts.thinker, arguments)
        self.present = list(range(len(self.prompt)))
        self.last_output = self.embeddings = self.present_keys = self.arrived = None
        clip = {"title": getattr(self.path, "name", str(self.path)), **self.clip}
        self.writer.write("run", {
            "model": describe(self.model, self.parts), "clip": clip, "tokens": self.prompt.tokens(),
            "settings": {"method": self.method} if self.method else None,
            "media": self._media(arguments) if self.pictures else None,
        })
        self.writer.write("activity", {"state": "running"})
        self.begun = Mark(device_of(self.parts.layers[0]))

    def _media(self, arguments):
        return media(arguments, self.prompt, self.parts.config, self.processor, self.tokenizer)

    @_guarded
    def _encodes(self, name, module, _args, _kwargs):
        # generate may call encoders before the thinker.
        if not self.head_done:
            self.encoding[name].append([Mark(device_of(module)), None])

    @_guarded
    def _encoded(self, name, _module, _args, kwargs, output):
        if self.head_done or not self.encoding[name]:
            return
        rows = getattr(output, "last_hidden_state", output)
        # Of pictures, transformers 5 calls the merged patches so.
        pooled = getattr(output, "pooler_output", None)
        rows = rows if pooled is None else pooled
        rows = rows[0] if isinstance(rows, tuple) else rows
        self.encoding[name][-1][1] = Mark(rows.device)
        shapes = kwargs.get("grid_thw")
        video = self.inputs.get("video_grid_thw")
        if name == "audio":
            self.encoder_outputs["audio"].append(rows)
        elif shapes is None or video is None or torch.equal(shapes.cpu(), video.cpu()):
            self.encoder_outputs["video"].append(rows)

    @_guarded
    def _embedded(self, _module, _args, _kwargs, output):
        if self.prompt is not None and not self.head_done and output.shape[-2] == len(self.prompt):
            self.embeddings = output

    @_guarded
    def _arrives(self, _module, args, kwargs):
        """In front of every hook: what the model hands the layer, deepstack features added."""
        if not self.head_done:
            self.arrived = kwargs.get("hidden_states", args[0] if args else None)

    @_guarded
    def _enters(self, index, module, args, kwargs):
        if self.prompt is None:
            self._begin(self.inputs)
        if self.head_done:
            return
        place = device_of(module)
        entered = Mark(place)
        hidden = kwargs.get("hidden_states", args[0] if args else None)
        drop = self._drop(hidden, kwargs.get("position_embeddings"), first=index == 0)
        self.arrived = None
        if index == 0:
            self._first(entered, drop)
        else:
            self._close_layer(entered, drop)
        self._flush()
        self.layer = {"layer": index + 1, "start": Mark(place)}

    def _first(self, entered, drop):
        spans = [span for spans in self.encoding.values() for span in spans]
        everything = list(range(len(self.prompt)))
        self._queue({"step": "encoders"}, everything, everything, {"ms": spans})
        gap = {"selection_ms": [(spans[-1][1] if spans else self.begun, entered)]} if drop else {}
        self._queue({"step": "stage1"}, everything, self.present, {"ms": [], **gap}, drop)
        self.embeddings = None
        self.encoder_outputs = {"video": [], "audio": []}

    @_guarded
    def _attended(self, module, _args, _kwargs):
        if self.prompt is not None and not self.head_done:
            self.layer["attended"] = Mark(device_of(module))

    @_guarded
    def _leaves(self, index, _module, _args, kwargs, output):
        if self.prompt is None or self.head_done:
            return
        output = output[0] if isinstance(output, tuple) else output
        self.layer["end"] = Mark(output.device)
        self.layer["kv_bytes"] = _cached_bytes(kwargs, index)
        self.last_output = output

    def _close_layer(self, entered, drop):
        layer, before = self.layer, drop["before"] if drop else self.present
        spans = {"ms": (layer["start"], layer["end"])}
        if "attended" in layer:
            spans["attention_ms"] = (layer["start"], layer["attended"])
            spans["feed_forward_ms"] = (layer["attended"], layer["end"])
        if drop:
            spans["selection_ms"] = (layer["end"], entered)
        name = {"step": "layer", "layer": layer["layer"]}
        self._queue(name, before, self.present, {key: [span] for key, span in spans.items()}, drop, layer["kv_bytes"])

    @_guarded
    def _ends(self, module, args, kwargs):
        if self.prompt is None or self.head_done or self.last_output is None:
            return
        entered = Mark(device_of(module))
        hidden = kwargs.get("hidden_states", args[0] if args else None)
        self._close_layer(entered, self._drop(hidden, None, first=False))
        self.last_output = None
        self.head_start = entered

    @_guarded
    def _heads(self, _module, _args, _kwargs, output):
        if self.prompt is None:
            return
        end = Mark(output.device)
        if self.head_done:
            if self.decode_start is not None:
                self.decode_spans.append((self.decode_start, end))
            self.last_choice = output[0, -1].argmax(-1)
            return
        spans = {"ms": [(self.head_start, end)]}
        self._queue({"step": "head"}, self.present, self.present, spans, kv_bytes=self.layer["kv_bytes"])
        self.top = output[0, -1].detach().float().topk(min(5, output.shape[-1]))
        self.last_choice = output[0, -1].argmax(-1)
        self.head_done = True

    # Tokens left

    def _drop(self, hidden, embeddings, first):
        """What was dropped since the step before, as a `drop` object; None where nothing was."""
        if embeddings is not None and self.present_keys is None:
            self.present_keys = self._prompt_keys(hidden, embeddings)
        count = hidden.shape[-2]
        if count == len(self.present):
            return None
        before, known = self.present, self.present_keys
        keys = known and [known[position] for position in before]
        states = self._prompt_states() if first else self._output_states()
        left = embeddings and fingerprints(position_rows(embeddings)), fingerprints(hidden[0])
        found = recognise(before, (keys, states), left)
        if found is None:
            raise LookupError(f"{count} of {len(before)} tokens are left, and neither positions nor states tell which")
        if found.guessed:
            text = f"{found.guessed} survivors look like another token: told apart by their order"
            self.writer.write("message", {"text": text})
        self.present = found.positions
        counts = self.prompt.counts(self.present)
        emptied = counts["video"] == counts["audio"] == 0
        kind = "stage1" if first else "remove" if emptied else "prune"
        return {"kind": kind, "kept": self.present, "before": before}

    def _prompt_keys(self, hidden, embeddings):
        """Position fingerprints of the full prompt, from the model's own rotary embedding."""
        if self.prompt.positions is None or self.parts.rotary is None:
            return None
        positions = self.prompt.positions.to(hidden.device).unsqueeze(1)
        made = self.parts.rotary(hidden[:, :1], positions)
        made = [part.to(given.dtype) for part, given in zip(made, embeddings)]
        return fingerprints(position_rows(made))

    def _prompt_states(self):
        """Hidden-state fingerprints of the full prompt before layer 1; None where not all were seen."""
        if self.embeddings is None:
            return None
        rows = fingerprints(self.embeddings[0])
        for letter, name in (("V", "video"), ("A", "audio")):
            made = self.encoder_outputs[name]
            places = [index for index, found in enumerate(self.prompt.modality) if found == letter]
            prints = [number for part in made for number in fingerprints(part.to(self.embeddings.dtype))]
            if len(prints) != len(places):
                return None
            for place, number in zip(places, prints):
                rows[place] = number
        return rows

    def _output_states(self):
        for states in (self.arrived, self.last_output):
            if states is not None and states.shape[-2] == len(self.present):
                return fingerprints(states[0])
        return None

    # Writing

    def _queue(self, name, before, after, spans, drop=None, kv_bytes=0):
        """Notes a step; `spans` has, for each of its times, the pairs of marks that it adds up."""
        step = {
            **name, "entering": self.prompt.counts(before), "leaving": self.prompt.counts(after),
            "kv_bytes": kv_bytes,
        }
        if drop is not None:
            step["drop"] = {"kind": drop["kind"], "kept": drop["kept"]}
        self.queue.append((step, spans))

    def _flush(self, wait=False):
        """Writes the steps that are done, without waiting for a device that is behind."""
        while self.queue:
            step, spans = self.queue[0]
            marks = [mark for pairs in spans.values() for pair in pairs for mark in pair]
            if wait:
                for mark in marks:
                    mark.wait()
            elif not all(mark.is_past() for mark in marks):
                return
            self.queue.popleft()
            for name, pairs in spans.items():
                times = [milliseconds(*pair) for pair in pairs]
                step[name] = None if None in times else sum(times)
            self.writer.write("step", step)

    def _token(self, token):
        if not self.answer_ids:
            self._flush(wait=True)
            self.writer.write("activity", {"state": "decoding"})
        first = not self.answer_ids
        self.answer_ids.append(token)
        text = self._decode(self.answer_ids)
        same = len(os.path.commonprefix([text, self.answer_text]))
        back = len(self.answer_text) - same
        self.writer.write("token", {
            "id": token, "text": text[same:], "back": back or None, "top_logits": self._top() if first else None})
        self.answer_text = text

    def _decode(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True) if self.tokenizer is not None else ""

    def _top(self):
        return [
            {"id": token, "logit": logit, "text": self.tokenizer.decode([token]) if self.tokenizer else None}
            for logit, token in zip(self.top.values.tolist(), self.top.indices.tolist())
        ]

    @_guarded
    def _generated(self, result):
        if self.prompt is None:
            return
        row = getattr(result, "sequences", result)[0].tolist()
        length = len(self.prompt)
        self.generated = row[length:] if row[:length] == self.prompt.ids else row
        self.done = True

    def _finish(self):
        if self.prompt is None or not self.head_done:
            self.writer.write("message", {"kind": "error", "text": "Nothing was generated while recording."})
            return
        self._flush(wait=True)
        ids = self.generated
        if ids is None:
            ids = self.answer_ids + [int(self.last_choice)]
        for _, end in self.decode_spans:
            end.wait()
        times = [time for span in self.decode_spans if (time := milliseconds(*span)) is not None]
        self.writer.write("answer", {
            "text": self._decode(ids), "token_ids": ids, "top_logits": self._top(),
            "ms_per_token": sum(times) / len(times) if times else None, "complete": True})
        self.writer.write("activity", {"state": "idle"})
        self.writer.write("end", {"peak_memory_bytes": peak_memory()})


# In front of what other hooks make of an output: what the layer itself put out.
_after = functools.partial(torch.nn.Module.register_forward_hook, with_kwargs=True, prepend=True)
_before = functools.partial(torch.nn.Module.register_forward_pre_hook, with_kwargs=True)


def _cached_bytes(kwargs, index):
    """Bytes of keys and values that layers 0…index hold; None without a cache."""
    cache = kwargs.get("past_key_values")
    cache = kwargs.get("past_key_value") if cache is None else cache
    total = 0
    for layer in (getattr(cache, "layers", None) or ())[: index + 1]:
        for part in (layer.keys, layer.values):
            if part is not None:
                # A static cache is larger than what it holds.
                length = min(part.shape[-2], int(layer.get_seq_length()) or part.shape[-2])
                total += part.numel() // part.shape[-2] * length * part.element_size() if part.numel() else 0
    return total if cache is not None else None


def _path_of_rank(path, all_ranks):
    """Where this process writes; None where it does not."""
    rank = int(os.environ.get("RANK", 0))
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        rank = torch.distributed.get_rank()
    if rank == 0 or hasattr(path, "write"):
        return path if rank == 0 else None
    path = pathlib.Path(path)
    return path.with_name(f"{path.stem}.rank{rank}{path.suffix}") if all_ranks else None
