"""A recording: what the hooks see, in the order of a run."""

import functools
import os
import pathlib
import threading

import torch

from ._clip import clip_of, settings_of
from ._clock import Clock, Fetch, Mark, milliseconds, on_device
from ._full import NotFull, is_same_file, read_full, same_run
from ._generation import cached_bytes, cached_tokens, check_start, read_call, tokens_generated
from ._hooks import Hooks, after, before, guarded, warn
from ._lens import Lens, Lensed, Looked
from ._lines import Answer, Changed, Event, Lines, Masked, Run, Step, Token
from ._memory import Memory
from ._model import describe, device_of, find_parts, head_flops, layer_flops
from ._pictures import media
from ._prompt import InParts, NotRecorded, build_prompt, positions_of, rope_axes
from ._survivors import Change, Side, columns, position_rows, whole
from ._writer import Writer, plain, reason

#: Where a recording stands: nothing seen yet, before the head's first call, after it, over, or never begun.
WAITING, PREFILL, DECODING, DONE, OFF = "waiting", "prefill", "decoding", "done", "off"

#: What a Recorder still knows after its block.
KEPT = {"failure", "state", "path", "thread", "clock", "hooks", "writer", "_used", "_refused", "_lock"}


def record(
    model, inputs, path, *, processor=None, clip=None, method=None, settings=None, full=None, sample=0,
    preprocessing_ms=None, pictures=True, all_ranks=False, lens=None,
):
    """Records the first generation inside the `with` block as a trace.

    Never raises, and never ends the run: what cannot be recorded is a warning, the `failure` of the Recorder, and
    a message in the trace.

    - model: a Qwen2.5-Omni, Qwen3-Omni, Qwen2.5-VL or Qwen3-VL model, a thinker, or a wrapper around one.
    - inputs: what the processor made of the clip; what `generate` is really given wins over it.
    - path: file to write, or an open text file such as `sys.stdout`.
    - processor: the processor or a tokenizer; without it the answer is token ids only.
    - clip: what to write about the clip, such as `{"title": …, "question": …, "answer": …}`.
    - method: name of what prunes, shown beside the run.
    - settings: what the method was asked for, such as `{"video_ratio": 0.3, "drop_layers": [4, 6, 7]}`; see
      `settings` in docs/trace-format.md.
    - full: the same prompt with every token kept, to compare with: path of its trace, its Recorder, or a `full` event.
    - sample: the row of a batch to record, from 0.
    - preprocessing_ms: how long the processor took.
    - pictures: also write the frames and the sound in small.
    - all_ranks: under `torch.distributed`, let every rank write a file of its own (`run.rank1.jsonl`);
      otherwise rank 0 writes alone.
    - lens: "summary": also what each layer would say of the next token and which modalities it looks at; "full": by
      head as well. It costs a product with the output head for each layer, and one with its keys.
    """
    return Recorder(
        model, inputs, path, processor, clip, method, settings, full, sample, preprocessing_ms, pictures, all_ranks,
        lens)


class Recorder:
    """A recording; see `record`. After the block, `failure` is None unless recording had to stop."""

    def __init__(
        self, model, inputs, path, processor=None, clip=None, method=None, settings=None, full=None, sample=0,
        preprocessing_ms=None, pictures=True, all_ranks=False, lens=None,
    ):
        self.lens_choice, self.lens = lens, None
        self.model, self.inputs, self.processor, self.path = model, inputs, processor, path
        self.clip, self.method, self.settings, self.full = clip, method, settings, full
        self.sample, self.preprocessing_ms, self.pictures, self.all_ranks = sample, preprocessing_ms, pictures, all_ranks
        self.failure, self.state, self.thread = None, WAITING, None
        self.clock, self.hooks, self.writer = Clock(), Hooks(), None
        self._used, self._refused, self._lock = False, 0, threading.Lock()

    def __reduce__(self):
        """Models that are copied or saved inside the block take hooks with them: these record nothing."""
        return _inert, ()

    # Opening and closing

    def __enter__(self):
        if self._used:
            self._refused += 1
            error = NotRecorded("a Recorder records once: call record() again for another trace")
            # Where the first recording goes on, it is none of its business.
            self.failure = self.failure if self.writer is not None else error
            warn(f"seats_trace does not record this run: {error}.")
            return self
        self._used = True
        try:
            self._open()
        except Exception as error:
            self.fail(error)
        return self

    def _open(self):
        if self.path is None:
            raise TypeError("path is None")
        target = _path_of_rank(self.path, self.all_ranks)
        if target is None:
            self.state = OFF
            return
        self.path = target
        if self.full is not None and is_same_file(self.full, target):
            raise NotFull("full= is the file to write")
        from . import __version__

        full, problem = None, None
        try:
            full = None if self.full is None else read_full(self.full)
        except (NotFull, OSError, ValueError, TypeError, KeyError) as error:
            problem = f"The full run is left out: {reason(error)}."
        self.writer = Writer(target, f"seats_trace {__version__}")
        self.lines = Lines(self.writer.write)
        self.full_run = full
        if problem:
            self._mention(problem)
        self.parts = find_parts(self.model)
        self.lens = None if self.lens_choice is None else Lens(self.parts, self.lens_choice)
        self.inputs = dict(self.inputs or {})
        self.tokenizer = getattr(self.processor, "tokenizer", self.processor)
        self.sample = int(self.sample)
        self.answer = Answer(self.tokenizer)
        self.memory = Memory()
        self.call = self.prompt = self.generated = self.layer = self.decode_start = None
        self.embeddings = self.embedded = self.seen_ids = self.positions = self.last_output = self.arrived = None
        self.places = self.mask = self.cache = None
        self.announced = self.calls_generate = False
        self.encoding = {"vision": [], "audio": []}
        self.encoder_outputs = {"vision": [], "audio": []}
        self.fed, self.choices, self.decode_spans = [], [], []
        self._hook()

    def _hook(self):
        parts, add = self.parts, self.hooks.add
        add(before(parts.thinker, self._called))
        add(before(parts.decoder, self._decodes, prepend=True))
        for name, encoder in (("vision", parts.vision), ("audio", parts.audio)):
            if encoder is not None:
                add(before(encoder, functools.partial(self._encodes, name)))
                add(after(encoder, functools.partial(self._encoded, name)))
        add(after(parts.thinker.get_input_embeddings(), self._embeds))
        for index, layer in enumerate(parts.layers):
            add(after(layer, functools.partial(self._leaves, index)))
            inside = {name: getattr(layer, name, None) for name in (
                "input_layernorm", "self_attn", "post_attention_layernorm", "mlp")}
            if all(isinstance(module, torch.nn.Module) for module in inside.values()):
                add(before(inside["input_layernorm"], self._norms))
                add(after(inside["self_attn"], self._attends))
                add(before(inside["post_attention_layernorm"], self._attended))
                add(after(inside["mlp"], self._thinks))
        if isinstance(parts.norm, torch.nn.Module):
            add(before(parts.norm, self._ends))
        add(after(parts.head, self._heads))
        self._hook_entrances()
        self.hooks.watch_generate(parts.thinker, self._watch)

    def _hook_entrances(self):
        self.hooks.enter_layers(self.parts.layers, lambda index: functools.partial(self._enters, index), self._arrives)

    def __exit__(self, kind, error, _traceback):
        if self._refused:
            self._refused -= 1
            return False
        if self.state == OFF:
            return False
        try:
            with torch.no_grad():
                self.hooks.remove()
                if error is not None and self.failure is None and self.writer is not None:
                    self.state = OFF
                    self.lines.flush()
                    self.writer.write("message", {"kind": "error", "text": f"{kind.__name__}: {reason(error)}"})
                elif error is None and self.failure is None:
                    self._finish()
        except Exception as problem:
            self.fail(problem)
        finally:
            self._close()
        return False

    def _close(self):
        self.state = OFF
        writer, self.writer = self.writer, None
        # Neither the model nor anything of the run is held any longer.
        for name in vars(self).keys() - KEPT:
            setattr(self, name, None)
        if writer is not None:
            try:
                if self.failure is not None:
                    writer.write("end", {})
            except Exception:  # the file takes nothing, which is known already
                pass
            try:
                writer.close()
            except Exception as error:
                if self.failure is None:
                    self.fail(error)

    def fail(self, error):
        """Ends the recording."""
        if self.failure is not None:
            return
        self.failure, self.state = error, DONE
        kind = type(error).__name__
        text = f"seats_trace stopped recording ({kind}: {reason(error)}); the run itself goes on."
        if isinstance(error, NotRecorded):
            text = f"seats_trace does not record this run: {error}. The run itself goes on."
        try:
            if self.writer is not None:
                if isinstance(error, InParts):
                    self.writer.write("rewind", {"steps": 0})
                self.writer.write("message", {"kind": "error", "text": text})
        except Exception:
            # What takes no line now takes none later either.
            text = f"{text} The trace is not complete."
        warn(text)

    def _mention(self, text):
        self.writer.write("message", {"kind": "warning", "text": text})
        warn(f"seats_trace: {text}")

    # generate

    def _watch(self, generate):
        @functools.wraps(generate)
        def watched(*args, **kwargs):
            outermost = self._generate_begins(args, kwargs)
            try:
                result = generate(*args, **kwargs)
            except BaseException:
                if outermost:
                    self.calls_generate = False
                raise
            if outermost:
                self._generated(result)
            return result

        return watched

    @guarded(WAITING)
    def _generate_begins(self, args, kwargs):
        if self.calls_generate or not self._claim():
            return False
        self.calls_generate = True
        self.call = read_call(self.parts.thinker, args, kwargs)
        return True

    def _claim(self) -> bool:
        """Whether this thread is the one that is recorded: the first that begins."""
        with self._lock:
            if self.thread is None:
                self.thread = threading.get_ident()
        return self.thread == threading.get_ident()

    @guarded(WAITING, PREFILL, DECODING, DONE)
    def _generated(self, result):
        self.calls_generate = False
        if self.failure is not None:
            return
        self.generated = tokens_generated(result, self.call, self.sample)
        if self.state == DECODING:
            self.state = DONE

    # The prompt

    @guarded(WAITING, PREFILL, DECODING)
    def _called(self, _module, args, kwargs):
        ids = kwargs.get("input_ids", args[0] if args else None)
        if self.state == WAITING:
            if self._claim():
                self._begin(ids, kwargs)
        elif self.state == DECODING and self.decode_start is None:
            self.decode_start = self._mark(self.parts.layers[0])

    def _begin(self, ids, kwargs):
        """The first forward call: everything is read here that the device has to be waited for."""
        known = self.inputs.get("input_ids")
        known = known if isinstance(known, torch.Tensor) else None
        cache = kwargs.get("past_key_values")
        embeddings = kwargs.get("inputs_embeds")
        seen = self.seen_ids
        if self.call is None and ids is None and seen is not None and embeddings is not None:
            if seen.dim() == 2 and seen.shape[-1] == embeddings.shape[-2]:
                ids, embeddings = seen, None
        check_start(self.call, ids, embeddings, cache, known)
        self._hook_entrances()
        self.prompt = build_prompt(self.parts, self._arguments(ids, embeddings, kwargs, known), self.sample)
        given = next((tensor for tensor in (ids, embeddings) if tensor is not None), None)
        self.count = len(self.prompt.tokens_of_row)
        self.batch = self.call.batch if self.call is not None else given.shape[0] if given is not None else 1
        positions = kwargs.get("position_ids")
        if isinstance(positions, torch.Tensor) and positions.shape[-1] == self.count:
            self.positions = positions
        self.notes = []
        title = str(getattr(self.path, "name", self.path)).split("/")[-1]
        self.run = {
            "model": self._or_note("sizes of the model", lambda: describe(self.model, self.parts)) or {
                "name": type(self.parts.thinker).__name__, "layers": len(self.parts.layers)},
            "clip": self._or_note("facts of the clip", lambda: clip_of(title, self.clip)) or {"title": title},
            "settings": self._or_note("settings", lambda: settings_of(self.method, self.settings)),
            "media": self._or_note("pictures", self._media) if self.pictures else None,
            "preprocessing_ms": plain(self.preprocessing_ms),
        }
        if self.batch > 1:
            self.run.update(sample=self.sample, batch=self.batch)
        self.begun = self._mark(self.parts.layers[0])
        self.state = PREFILL

    def _arguments(self, ids, embeddings, kwargs, known):
        """What the processor made of the full prompt, whatever the method has made of it since."""
        given = self.call.arguments if self.call is not None else kwargs
        arguments = {**self.inputs, **{key: value for key, value in given.items() if value is not None}}
        ids = self.call.ids if self.call is not None else ids
        # A method may prune embeddings and ids before the model sees them; `record` was given all of them.
        pruned = embeddings is not None and known is not None and (ids is None or ids.shape[-1] < known.shape[-1])
        if ids is not None and not pruned:
            arguments["input_ids"] = ids
        elif known is not None:
            arguments["input_ids"] = known
        elif self.seen_ids is not None:
            arguments["input_ids"] = self.seen_ids
        shape = getattr(arguments.get("input_ids"), "shape", None)
        masks = (given.get("attention_mask"), self.inputs.get("attention_mask"))
        arguments["attention_mask"] = next(
            (mask for mask in masks if isinstance(mask, torch.Tensor) and mask.shape == shape), None)
        return arguments

    def _or_note(self, name, make):
        """What `make` gives; a note and None where it fails: the run is worth more than what goes with it."""
        try:
            return make()
        except Exception as error:
            self.notes.append(f"The {name} are left out ({type(error).__name__}: {error}).")
            return None

    def _media(self):
        pictures, notes = media(self.prompt, self.parts.config, self.processor, self.tokenizer)
        self.notes += notes
        return pictures

    @guarded(WAITING, PREFILL, DECODING)
    def _decodes(self, _module, args, kwargs):
        """In front of the decoder: embeddings and positions, of the full prompt where nothing has dropped any yet."""
        if self.state == DECODING:
            self._goes_on(kwargs)
            return
        if self.state == WAITING:
            if not self._claim():
                return
            ids = kwargs.get("input_ids", args[0] if args else None)
            self._begin(ids if isinstance(ids, torch.Tensor) and not ids.is_floating_point() else None, kwargs)
        if self.announced:
            return
        embeddings, positions = kwargs.get("inputs_embeds"), kwargs.get("position_ids")
        if isinstance(embeddings, torch.Tensor) and embeddings.shape[-2] == self.count:
            self.embedded = embeddings
        if isinstance(positions, torch.Tensor) and positions.shape[-1] == self.count:
            self.positions = positions
        if isinstance(embeddings, torch.Tensor):
            self._announce(embeddings.shape[0])

    def _goes_on(self, kwargs):
        """Several tokens that no loop feeds after a prompt: the rest of it, or another prompt."""
        given = next((kwargs[name] for name in ("inputs_embeds", "input_ids") if kwargs.get(name) is not None), None)
        if given is None or self.calls_generate or given.shape[1] in (1, len(self.prompt.tokens_of_row) + len(self.fed)):
            return
        cache = kwargs.get("past_key_values")
        if cache is not None and not self.fed and (cache is self.cache or cached_tokens(cache) > 0):
            raise InParts("more tokens follow those recorded here: a prompt in several parts")
        self.state = DONE  # another prompt: one run is one trace

    def _announce(self, rows):
        """The `run` line, once the positions are known; `rows` go through the layers together."""
        self.announced = True
        self.row = self.sample * max(1, rows // self.batch)
        if self.row >= rows:
            raise NotRecorded(f"{rows} rows go through the layers, and generate was given {self.batch}")
        if self.positions is not None:
            axes = rope_axes(self.positions)
            self.positions = axes[:, self.row if axes.shape[1] > self.row else 0]
        else:
            self.positions = self._own_positions()
        whole_prompt = whole(self.prompt.modality, self.prompt.tokens_of_row)
        fetch = None if self.positions is None else Fetch(self.positions)
        self.lines.add(Run(self.run, self.prompt, whole_prompt, fetch))
        for text in self.notes:
            self.lines.add(Event("message", {"kind": "warning", "text": text}))
        self._compare_with_full()
        self.lines.add(Event("activity", {"state": "running"}))

    def _own_positions(self):
        """[3, columns] as the model numbers the full prompt, by itself; None where that is not known."""
        try:
            positions = positions_of(self.parts, self.prompt)
        except Exception:  # of another make, or in need of what nobody kept
            return None
        if positions is None or positions.shape[1] == self.count:
            return positions
        full = positions.new_ones(3, self.count)
        full[:, torch.tensor(self.prompt.tokens_of_row, device="cpu")] = positions
        return full

    def _compare_with_full(self):
        if self.full_run is None:
            return
        problem = same_run(self.full_run, self.prompt, len(self.parts.layers))
        if problem:
            self._mention(f"The full run is left out: {problem}.")
        else:
            self.lines.add(Event("full", plain(self.full_run["event"])))

    # The encoders

    @guarded(WAITING, PREFILL)
    def _encodes(self, name, module, _args, _kwargs):
        if self.layer is None:
            self.encoding[name].append([self._mark(module), None])

    @guarded(WAITING, PREFILL)
    def _encoded(self, name, _module, _args, _kwargs, output):
        if self.layer is not None or not self.encoding[name]:
            return
        rows = getattr(output, "last_hidden_state", output)
        # Of pictures, transformers 5 calls the merged patches so.
        pooled = getattr(output, "pooler_output", None)
        rows = rows if pooled is None else pooled
        rows = rows[0] if isinstance(rows, (tuple, list)) else rows
        self.encoding[name][-1][1] = Mark(rows.device, self.clock)
        self.encoder_outputs[name].append(rows)

    @guarded(WAITING, PREFILL, DECODING)
    def _embeds(self, _module, args, kwargs, output):
        ids = kwargs.get("input", args[0] if args else None)
        if self.state == DECODING:
            self._feeds(ids)
        elif isinstance(ids, torch.Tensor) and self.layer is None:
            self.seen_ids, self.embeddings = ids, output

    # The layers

    @guarded(PREFILL)
    def _arrives(self, _module, args, kwargs):
        """In front of every hook: what the model hands the layer, deepstack features added."""
        self.arrived = _hidden(args, kwargs)

    @guarded(WAITING, PREFILL)
    def _enters(self, index, module, args, kwargs):
        if self.state == WAITING:
            if not self._claim():
                return
            self._begin(self.seen_ids, {})
        entered = self._mark(module)
        hidden = _hidden(args, kwargs)
        if not self.announced:
            self._announce(hidden.shape[0])
        embeddings = kwargs.get("position_embeddings")
        if self.layer is None:
            end = self._encoders_step()
            self._enter_first(hidden, embeddings)
            self.lines.add(Step({"step": "stage1"}, {"ms": []}, gap=(end, entered), measured=self._held(0)))
        elif index <= self.layer["index"]:
            raise InParts("the layers ran again before the head did: a prompt in several parts")
        else:
            self._follow(hidden, embeddings)
            self._close_layer(entered)
        self._look_at_mask(index, module, kwargs.get("attention_mask"))
        self.arrived = None
        self.count = hidden.shape[-2]
        self.places = embeddings
        self.lines.flush()
        self.layer = {"index": index, "start": self._mark(module), "count": self.count, "hidden": hidden}
        if self.lens is not None:
            self.lens.enters(hidden, self.row, embeddings, kwargs.get("attention_mask"))

    def _enter_first(self, hidden, embeddings):
        if hidden.shape[-2] != self.count:
            old = self._prompt_side(hidden, embeddings)
            self._changes(old, self._side(hidden, embeddings), hidden.shape[-2])
        elif self.embedded is not None and not _same(self.embedded, hidden):
            self._changes(self._side(self.embedded, None), self._side(hidden, None), hidden.shape[-2])
        self.embeddings = self.embedded = self.seen_ids = None
        self.encoder_outputs = {"vision": [], "audio": []}

    def _follow(self, hidden, embeddings):
        """From what the layer before put out to what this one is handed, and on to what it really gets."""
        last = self.last_output
        for states in (self.arrived, hidden):
            if states is None or last is None or _same(last, states):
                continue
            dropped = states.shape[-2] != last.shape[-2]
            old = self._side(last, self.places if dropped else None)
            self._changes(old, self._side(states, embeddings if dropped else None), states.shape[-2])
            last = states

    def _side(self, hidden, embeddings):
        states = hidden[self.row] if hidden.dim() == 3 else hidden
        places = None
        if embeddings is not None and all(part.shape[-2] == states.shape[0] for part in embeddings):
            places = position_rows(embeddings, self.row)
        return Side(columns(states), places)

    def _changes(self, old, new, count):
        self.lines.add(Changed(Change(old, new, count)))

    def _prompt_side(self, hidden, embeddings):
        """The rows of the full prompt before layer 1, as far as they were seen."""
        places = None
        if embeddings is not None and all(part.shape[-2] == hidden.shape[-2] for part in embeddings):
            places = self._prompt_places(hidden, embeddings)
        if self.embedded is not None:
            return Side(columns(self.embedded[self.row]), places)
        states, unknown = self._prompt_states(hidden)
        return Side(states, places, unknown)

    def _prompt_places(self, hidden, embeddings):
        """[columns, width] as the model's own rotary embedding makes them of the full prompt; None where it does not."""
        if self.positions is None or self.parts.rotary is None:
            return None
        try:
            positions = self.positions
            if positions.device != hidden.device:
                positions = on_device(positions.long().flatten().tolist(), hidden.device).view(positions.shape)
            made = self.parts.rotary(hidden[:1, :1], positions.unsqueeze(1))
            return position_rows([part.to(given.dtype) for part, given in zip(made, embeddings)], 0)
        except Exception:  # a rotary embedding of another make: the states are compared as well
            return None

    def _prompt_states(self, hidden):
        """[columns, …] of embeddings with the encoders' outputs in their places, and which rows are not known."""
        rows = self.embeddings
        if rows is None or rows.shape[-2] != self.count:
            table = getattr(self.parts.thinker.get_input_embeddings(), "weight", None)
            if table is None or table.dim() != 2 or table.device.type == "meta" or table.shape[1] != hidden.shape[-1]:
                return None, frozenset()
            ids = [0] * self.count
            for index, token in zip((i for i, t in enumerate(self.prompt.tokens_of_row) if t), self.prompt.ids):
                ids[index] = token
            states = columns(torch.nn.functional.embedding(on_device(ids, table.device), table)).to(hidden.dtype)
        else:
            states = columns(rows[self.row if rows.shape[0] > self.row else 0]).clone()
        places = {"V": [], "A": [], "I": []}
        there = (index for index, token in enumerate(self.prompt.tokens_of_row) if token)
        for index, letter in zip(there, self.prompt.modality):
            if letter in places:
                places[letter].append(index)
        unknown = set()
        # Images before videos, in every forward; other rows of a batch are left alone.
        outputs = {"A": self.encoder_outputs["audio"], "IV": self.encoder_outputs["vision"]}
        for letters, made in outputs.items():
            wanted = [index for letter in letters for index in places[letter]]
            if not wanted:
                continue
            found = torch.cat([columns(part.reshape(-1, part.shape[-1])) for part in made]) if made else None
            if found is None or found.shape != (len(wanted), states.shape[1]):
                unknown.update(wanted)
                continue
            states[on_device(wanted, states.device)] = found.to(states.device, states.dtype)
        return states, frozenset(unknown)

    def _encoders_step(self):
        """Notes it, and says when the last of them ended."""
        found = {name: spans for name, spans in self.encoding.items() if spans and all(span[1] for span in spans)}
        every = [span for spans in found.values() for span in spans]
        parts = {f"{name}_ms": spans for name, spans in found.items()}
        self.lines.add(Step({"step": "encoders"}, {"ms": every, **parts}, measured=self._held(0)))
        # They may run in either order, or at once.
        return max((span[1] for span in every), key=lambda mark: mark.host, default=self.begun)

    @guarded(PREFILL)
    def _norms(self, _module, args, kwargs):
        if self.layer is not None:
            self._inside(self.layer["hidden"], _hidden(args, kwargs))
            self.layer["hidden"] = _hidden(args, kwargs)

    @guarded(PREFILL)
    def _attends(self, _module, _args, _kwargs, output):
        if self.layer is not None:
            self.layer["added"] = output[0] if isinstance(output, tuple) else output

    @guarded(PREFILL)
    def _attended(self, module, args, kwargs):
        if self.layer is not None:
            self.layer["attended"] = self._mark(module)
            self._add_up(_hidden(args, kwargs))

    @guarded(PREFILL)
    def _thinks(self, _module, _args, _kwargs, output):
        if self.layer is not None:
            self.layer["added"] = output[0] if isinstance(output, tuple) else output

    @guarded(PREFILL)
    def _leaves(self, index, _module, _args, kwargs, output):
        if self.layer is None or self.layer["index"] != index:
            return
        output = output[0] if isinstance(output, tuple) else output
        self.layer["end"] = Mark(output.device, self.clock)
        cache = kwargs.get("past_key_values")
        self.layer["cache"] = kwargs.get("past_key_value") if cache is None else cache
        if self.lens is not None:
            looked = self.lens.leaves(index, output, self.row, self.count, self.layer["cache"])
            if looked is not None:
                self.lines.add(Looked(index + 1, looked, self.lens))
        self._add_up(output)
        self.layer["hidden"] = None
        self.last_output = output

    def _add_up(self, states):
        """After a half of a layer: `states` are what entered it plus what it added, unless tokens were dropped."""
        residual, added = self.layer["hidden"], self.layer.pop("added", None)
        if states is not None and residual is not None and states.shape[-2] != residual.shape[-2]:
            if added is not None and added.shape == residual.shape:
                old = Side(columns(residual[self.row]) + columns(added[self.row]))
            else:
                old = Side()
            self._drop_inside(old, states)
        self.layer["hidden"] = states

    def _inside(self, before, states):
        if states is not None and before is not None and states.shape[-2] != before.shape[-2]:
            self._drop_inside(self._side(before, None), states)

    def _drop_inside(self, old, states):
        self._changes(old, self._side(states, None), states.shape[-2])
        # Its work was done over more than one number of tokens.
        self.layer["count"] = None
        self.places = None

    def _close_layer(self, entered):
        layer = self.layer
        spans = {"ms": [(layer["start"], layer["end"])]}
        if "attended" in layer:
            spans["attention_ms"] = [(layer["start"], layer["attended"])]
            spans["feed_forward_ms"] = [(layer["attended"], layer["end"])]
        flops = None
        if layer["count"] is not None:
            flops = functools.partial(layer_flops, self.parts, self.parts.layers[layer["index"]])
        self.cache = layer["cache"]
        self.kv_bytes = cached_bytes(layer["cache"], layer["index"], self.count)
        name = {"step": "layer", "layer": layer["index"] + 1}
        self.lines.add(Step(name, spans, (layer["end"], entered), flops, self._held(self.kv_bytes)))

    def _held(self, kv_bytes):
        return {"kv_bytes": kv_bytes, **self.memory.sample()}

    def _look_at_mask(self, index, module, mask):
        """A method may mask tokens instead of dropping them."""
        if not isinstance(mask, torch.Tensor) or getattr(module, "attention_type", "full_attention") != "full_attention":
            return
        state = (id(mask), None if mask.is_inference() else mask._version)
        if self.mask is not None and state == self.mask[0]:
            return
        self.mask = state, mask
        row = mask[self.row if mask.shape[0] > self.row else 0]
        last = row if row.dim() == 1 else row.reshape(-1, *row.shape[-2:])[0, -1]
        visible = last if last.dtype == torch.bool else last > -1e4 if last.is_floating_point() else last > 0
        self.lines.add(Masked(index + 1, Fetch(visible.sum())))

    # The head, and what follows

    @guarded(PREFILL)
    def _ends(self, module, args, kwargs):
        if self.layer is None or self.last_output is None:
            return
        entered = self._mark(module)
        hidden = _hidden(args, kwargs)
        self.arrived = None
        self._follow(hidden, None)
        self._close_layer(entered)
        self.count = hidden.shape[-2]
        self.last_output = self.places = self.mask = None
        self.head_start = entered
        self.lines.flush()

    @guarded(PREFILL, DECODING)
    def _heads(self, module, _args, _kwargs, output):
        end = Mark(output.device, self.clock)
        if self.state == DECODING:
            self._decoded(output, end)
            return
        if self.layer is None or self.last_output is not None:
            return  # not after the last layer
        logits = output[self.row if output.shape[0] > self.row else 0]
        last = -1
        if logits.shape[0] == len(self.prompt.tokens_of_row):
            last = max(index for index, token in enumerate(self.prompt.tokens_of_row) if token)
        best = logits[last].detach().float().topk(min(5, logits.shape[-1]))
        flops = head_flops(module, logits.shape[0])
        self.lines.add(Step(
            {"step": "head"}, {"ms": [(self.head_start, end)]}, flops=lambda _: flops, measured=self._held(self.kv_bytes)))
        if self.lens is not None:
            self.lines.add(Lensed(self.lens, self.lens.says(), self.answer))
        self.answer.top = Fetch(best.values), Fetch(best.indices)
        self.choices.append(Fetch(best.indices[:1]))
        self.layer, self.state = None, DECODING
        self.lines.flush()

    def _decoded(self, output, end):
        if self.decode_start is not None:
            self.decode_spans.append((self.decode_start, end))
            self.decode_start = None
        if not self.calls_generate:
            logits = output[self.row if output.shape[0] > self.row else 0]
            self.choices.append(Fetch(logits[-1:].argmax(-1)))
        self.lines.flush()

    def _feeds(self, ids):
        """A token of the answer is fed to the model, alone or with all that stands before it."""
        if not isinstance(ids, torch.Tensor) or ids.dim() == 0:
            return
        row = ids[self.row if ids.shape[0] > self.row else 0] if ids.dim() == 2 else ids
        full = len(self.prompt.tokens_of_row) + len(self.fed) + 1
        if row.shape[0] not in (1, full):
            return  # another prompt, or the rest of this one
        if self.decode_start is None:
            self.decode_start = self._mark(self.parts.layers[0])
        fetch = Fetch(row)
        self.fed.append(fetch)
        if self.call is None or self.call.beams == 1:
            self.lines.add(Token(fetch, self.answer))
            self.lines.flush()

    @guarded(PREFILL)
    def _take_scores(self, layer, values):
        values = torch.as_tensor(values).detach()
        values = values[self.row if values.shape[0] > self.row else 0] if values.dim() > 1 else values
        self.lines.scores[int(layer)] = Fetch(values.float().flatten())

    def scores(self, layer, values):
        """Relevance of each token that is there just before the drop after a layer; to be called by the method.

        - layer: the layer that the drop follows, from 1; 0 before layer 1.
        - values: [tokens] or [batch, tokens], in the order of the hidden states; higher is more relevant.
        """
        self._take_scores(layer, values)

    def _finish(self):
        if self.prompt is None or not self.announced or (self.layer is None and self.state == PREFILL):
            seen = self.prompt is not None or self.call is not None
            raise NotRecorded(
                "the layers ran where hooks do not see them, as in a compiled graph: record a model that is not compiled"
                if seen else "nothing was generated by this model while it was recorded")
        self.lines.flush(wait=True)
        if self.state == PREFILL:
            self.writer.write("message", {
                "kind": "warning", "text": "The output head was not seen: the prefill is recorded up to its last layer."})
        ids, complete, doubt = self._answer_ids()
        if doubt:
            self._mention(doubt)
        for _, end in self.decode_spans:
            end.wait()
        times = [time for span in self.decode_spans if (time := milliseconds(*span)) is not None]
        top = self.answer.top_logits()
        if top is None and self.answer.top is not None:
            self._mention("The logits of the first token are not finite.")
        if ids is not None:
            self.writer.write("answer", {
                "text": self.answer.decode(ids), "token_ids": ids, "top_logits": top,
                "ms_per_token": sum(times) / len(times) if times else None, "complete": complete})
        self.writer.write("activity", {"state": "idle"})
        self.writer.write("end", {"peak_memory_bytes": self.memory.peak()})

    def _answer_ids(self):
        """The generated ids, whether they are all, and what is not known of them; None where nothing is."""
        if self.generated is not None:
            return self.generated, True, None
        if not self.choices:
            return None, False, "The answer is not known: neither the head nor generate was seen."
        if len(self.choices) != len(self.fed) + 1:
            return None, False, "The answer is left out: not all of its tokens were seen."
        prompt, ids = self.prompt.ids, []
        for fetch in self.fed:
            row = fetch.value().tolist()
            if len(row) > 1 and row[-len(prompt) - len(ids) - 1 : -1] != prompt + ids:
                return None, False, "The answer is left out: another prompt followed."
            ids.append(row[-1])
        choices = [int(choice.value()[0]) for choice in self.choices]
        if ids == choices[:-1]:
            return ids + choices[-1:], True, None
        return ids, False, "The last token of the answer is not known: the most likely one is not always taken."

    def _mark(self, module):
        return Mark(device_of(module), self.clock)


def _inert():
    recorder = Recorder(None, None, None)
    recorder.state = OFF
    return recorder


def _hidden(args, kwargs):
    found = kwargs.get("hidden_states", args[0] if args else None)
    return found if found is not None else kwargs.get("input", kwargs.get("x"))


def _same(one, other) -> bool:
    """Whether two tensors are the same numbers in the same place."""
    return one is other or (
        one.shape == other.shape and one.dtype == other.dtype and one.stride() == other.stride()
        and one.data_ptr() == other.data_ptr())


def _path_of_rank(path, all_ranks):
    """Where this process writes; None where it does not."""
    rank = int(os.environ.get("RANK", 0))
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        rank = torch.distributed.get_rank()
    if rank == 0 or hasattr(path, "write"):
        return path if rank == 0 else None
    path = pathlib.Path(path)
    return path.with_name(f"{path.stem}.rank{rank}{path.suffix}") if all_ranks else None
