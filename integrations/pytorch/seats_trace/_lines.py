"""The lines of a trace in their order, each written once what it says has come from the device."""

import collections
import os
from dataclasses import dataclass, field

from ._clock import Fetch, Mark, milliseconds
from ._survivors import PADDING, Change, Rows


class Lines:
    """Lines that wait for their turn, and what is known of the rows when the next one is written."""

    def __init__(self, write):
        #: Called with an event and its content.
        self.write = write
        self.rows: Rows | None = None
        #: Rows after the last step that was written.
        self.before: Rows | None = None
        self.names: tuple = ()
        #: As the last step that was written says.
        self.counted: dict = {}
        #: Scores that the user gave, by the layer that they follow; 0 for Stage I.
        self.scores: dict = {}
        #: Shares of attention by layer, modality and head.
        self.looks: dict = {}
        self._waiting = collections.deque()

    def add(self, line):
        self._waiting.append(line)

    def flush(self, wait=False):
        """Writes the lines that are ready, without waiting for a device that is behind."""
        while self._waiting and (wait or self._waiting[0].is_ready()):
            self._waiting.popleft().put(self)

    def say(self, text, kind=None):
        self.write("message", {"kind": kind, "text": text})


@dataclass
class Event:
    """Something that is known at once."""

    name: str
    content: dict

    def is_ready(self):
        return True

    def put(self, lines: Lines):
        lines.write(self.name, self.content)


@dataclass
class Run:
    """The `run` line."""

    content: dict
    prompt: object
    rows: Rows
    #: [3, columns] rotary positions of the prompt's row; None where they are not known.
    positions: Fetch | None

    def is_ready(self):
        return self.positions is None or self.positions.is_ready()

    def put(self, lines: Lines):
        positions = None
        if self.positions is not None:
            positions = [
                [place for place, token in zip(axis, self.prompt.tokens_of_row) if token]
                for axis in self.positions.value().tolist()]
        lines.rows = lines.before = self.rows
        lines.names = self.prompt.names
        lines.write("run", {**self.content, "tokens": self.prompt.tokens(positions)})


@dataclass
class Changed:
    """Rows that were dropped, moved or made."""

    change: Change

    def is_ready(self):
        return self.change.is_ready()

    def put(self, lines: Lines):
        lines.rows, said = self.change.apply(lines.rows)
        for text in said:
            lines.say(text)


@dataclass
class Masked:
    """How many tokens the last one attends to in a layer."""

    layer: int
    visible: Fetch

    def is_ready(self):
        return self.visible.is_ready()

    def put(self, lines: Lines):
        there = sum(letter != "" for letter in lines.rows.letters)
        hidden = there - int(self.visible.value())
        if hidden > 0:
            lines.say(
                f"From layer {self.layer} on, {hidden} of {there} tokens are masked, not dropped: "
                "the layers still process them, and they are counted as kept.", "warning")


@dataclass
class Step:
    """A step that is done, with the gap up to the next one."""

    name: dict
    #: For each of its times the pairs of marks that it adds up.
    spans: dict
    gap: tuple[Mark, Mark] | None = None
    #: Tokens entering → FLOPs, or None where they are not known.
    flops: object = None
    measured: dict = field(default_factory=dict)

    def is_ready(self):
        pairs = [pair for pairs in self.spans.values() for pair in pairs] + ([self.gap] if self.gap else [])
        return all(mark.is_past() for pair in pairs for mark in pair)

    def put(self, lines: Lines):
        before, after = lines.before, lines.rows
        entering, leaving = before.counts(lines.names), after.counts(lines.names)
        entering = {name: min(count, lines.counted.get(name, count)) for name, count in entering.items()}
        inserted = {name: leaving[name] - entering[name] for name in leaving if leaving[name] > entering[name]}
        if inserted and after is not before:
            more = ", ".join(f"{count} {name}" for name, count in inserted.items())
            lines.say(f"More tokens leave than entered, as the method inserts some ({more}): these are not counted.")
        leaving = {name: min(count, entering[name]) for name, count in leaving.items()}
        lines.counted = leaving
        known = before.exact and after.exact
        changed = after is not before and (not known or after.kept() != before.kept())
        step = {**self.name, "entering": entering, "leaving": leaving, **self.measured}
        for name, pairs in self.spans.items():
            step[name] = _sum(pairs)
        if self.gap is not None:
            step["selection_ms" if changed else "rest_ms"] = _sum([self.gap])
        if self.flops is not None:
            step["executed_flops"] = self.flops(sum(entering.values()))
        if changed and after.exact:
            step["drop"] = self._drop(before, after, lines)
        elif (lines.scores.pop(self._layer(), None)) is not None:
            lines.say(f"The scores given after layer {self._layer()} are left out: no drop is recorded there.", "warning")
        lines.before = after
        lines.write("step", step)

    def _layer(self):
        return self.name.get("layer", 0 if self.name["step"] == "stage1" else None)

    def _drop(self, before: Rows, after: Rows, lines: Lines):
        dynamic = [sum(letter in "VA" and letter != "" for letter in rows.letters) for rows in (before, after)]
        kind = "stage1" if self.name["step"] == "stage1" else "remove" if dynamic[0] > dynamic[1] == 0 else "prune"
        drop = {"kind": kind, "kept": after.kept()}
        scores = lines.scores.pop(self._layer(), None)
        if scores is not None:
            drop["scores"], problem = _scores(scores.value().tolist(), before)
            if problem:
                lines.say(f"The scores given after layer {self._layer()} are left out: {problem}.", "warning")
                del drop["scores"]
        return drop


def _scores(values, rows: Rows):
    """Scores in the prompt's order, and why there are none."""
    there = [index for index, position in enumerate(rows.positions) if position != PADDING]
    if not rows.exact:
        return None, "it is not known which tokens were there"
    if len(values) == len(rows) and len(there) < len(rows):
        values = [values[index] for index in there]
    if len(values) != len(there):
        return None, f"they are {len(values)}, and {len(there)} tokens were there"
    if not all(abs(value) < float("inf") for value in values):
        return None, "not all of them are finite"
    order = sorted(range(len(there)), key=lambda index: rows.positions[there[index]])
    return [values[index] for index in order], None


def _sum(pairs):
    times = [milliseconds(*pair) for pair in pairs]
    return None if None in times else sum(times)


class Answer:
    """The answer as it grows."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.ids, self.text = [], ""
        #: Five best first tokens: logits and ids.
        self.top: tuple[Fetch, Fetch] | None = None

    def decode(self, ids):
        try:
            return str(self.tokenizer.decode(ids, skip_special_tokens=True)) if self.tokenizer is not None else ""
        except Exception:  # an id beyond the tokenizer's, or a processor of another make
            return ""

    def top_logits(self):
        """None where they are not known or not finite."""
        if self.top is None:
            return None
        logits, ids = (fetch.value().tolist() for fetch in self.top)
        if not all(abs(logit) < float("inf") for logit in logits):
            return None
        texts = [self.decode_one(token) for token in ids]
        return [{"id": token, "logit": logit, "text": text} for token, logit, text in zip(ids, logits, texts)]

    def decode_one(self, token):
        try:
            return str(self.tokenizer.decode([token]))
        except Exception:  # None, or as above
            return None


@dataclass
class Token:
    """A token of the answer, as it is fed to the model again."""

    ids: Fetch
    answer: Answer

    def is_ready(self):
        return self.ids.is_ready()

    def put(self, lines: Lines):
        answer, first = self.answer, not self.answer.ids
        if first:
            lines.write("activity", {"state": "decoding"})
        token = int(self.ids.value()[-1])
        answer.ids.append(token)
        text = answer.decode(answer.ids)
        same = len(os.path.commonprefix([text, answer.text]))
        back = len(answer.text) - same
        lines.write("token", {
            "id": token, "text": text[same:], "back": back or None, "top_logits": answer.top_logits() if first else None})
        answer.text = text
