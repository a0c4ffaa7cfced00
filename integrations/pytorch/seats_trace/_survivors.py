"""Which tokens of the prompt the rows of the hidden states are.

A row is known by its hidden state, which equals bit for bit what the layer before put out, unless a method
merges tokens; and by its rotary position, which travels with the token through whatever prunes, unless a
method numbers positions anew. Both are compared as fingerprints: one number for each row.
"""

from dataclasses import dataclass

import torch

from ._clock import Fetch, on_device

#: Columns of the hidden states that are compared, at most, spread over their width.
COLUMNS = 256
#: The position of a row that pads a batch.
PADDING = -1
#: What each letter of `modality` is called where tokens are counted.
MODALITIES = {"T": "text", "V": "video", "A": "audio", "I": "image"}


@dataclass(frozen=True)
class Rows:
    """The rows of the hidden states, in their order."""

    #: Position in the full prompt; None for a row that is no token of it; PADDING.
    positions: list
    #: T, V, A or I for each row; "" for padding.
    letters: list
    #: False where survivors are not known: then only the counts hold.
    exact: bool = True

    def __len__(self):
        return len(self.positions)

    def counts(self, names) -> dict:
        return {name: self.letters.count(letter) for letter, name in MODALITIES.items() if name in names}

    def kept(self) -> list:
        """Positions in the full prompt, ascending."""
        return sorted(position for position in self.positions if position is not None and position != PADDING)


def fingerprints(rows: torch.Tensor) -> torch.Tensor:
    """One number for each row of [tokens, width]; equal rows, bit for bit, have equal numbers."""
    rows = rows.detach().contiguous()
    bits = rows.view({1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[rows.element_size()])
    # Odd weights, in integers that wrap round: exact, whatever the shape and the device.
    index = torch.arange(bits.shape[1], device=rows.device, dtype=torch.int64)
    weights = (index * 6364136223846793005 + 1442695040888963407) | 1
    return torch.cat([(part.to(torch.int64) * weights).sum(-1) for part in bits.split(1024)])


def columns(states: torch.Tensor) -> torch.Tensor:
    """[tokens, at most COLUMNS] of hidden states [tokens, width]."""
    return states.detach()[:, :: max(1, -(-states.shape[1] // COLUMNS))].contiguous()


def position_rows(embeddings, row: int) -> torch.Tensor:
    """[tokens, width] of the cosines and sines that reach a layer: each [B, S, D] or [3, B, S, D]."""
    rows = []
    for part in embeddings:
        at = row if part.shape[-3] > row else 0
        part = part[:, at] if part.dim() == 4 else part[at].unsqueeze(0)
        rows.append(part.transpose(0, 1).flatten(1))
    return torch.cat(rows, dim=1)


class Side:
    """The rows on one side of a change.

    - states: [tokens, columns] of the hidden states, or None where they are not known.
    - places: [tokens, width] of the rotary embeddings, or None.
    - unknown: rows of `states` that are not known.
    """

    def __init__(self, states=None, places=None, unknown=frozenset()):
        self.columns, self.unknown = states, unknown
        self._states = None if states is None else Fetch(fingerprints(states))
        self._places = None if places is None else Fetch(fingerprints(places))

    def is_ready(self):
        return all(fetch is None or fetch.is_ready() for fetch in (self._states, self._places))

    def states(self):
        if self._states is None:
            return None
        prints = self._states.value().tolist()
        return [None if index in self.unknown else found for index, found in enumerate(prints)]

    def places(self):
        return None if self._places is None else self._places.value().tolist()


class Change:
    """Rows before and after something that may have dropped, moved or made some."""

    def __init__(self, old: Side, new: Side, count: int):
        self.old, self.new, self.count = old, new, count
        self._matches = self._nearest = None

    def is_ready(self) -> bool:
        if not (self.old.is_ready() and self.new.is_ready()):
            return False
        if self._matches is None:
            self._match()
        return self._nearest is None or self._nearest.is_ready()

    def apply(self, rows: Rows):
        """The rows after, and what is to be said of it (a list of sentences). `is_ready` comes first, or it waits."""
        if self._matches is None:
            self._match()
        matches = self._matches
        if matches.origins == list(range(len(rows))):
            return rows, []
        letters, said = self._letters(rows)
        positions, seen = [], set()
        for origin in matches.origins:
            position = None if origin is None or origin in seen else rows.positions[origin]
            seen.add(origin)
            positions.append(position)
        strange = sum(position is None for position in positions)
        exact = strange == 0
        if strange and rows.exact:
            said.insert(0, (
                f"{strange} of {len(positions)} tokens were merged, copied or inserted, or cannot be distinguished: "
                f"{len(positions) - strange} agree with tokens before. From here on only the counts are recorded."))
        order, before = (
            [position for position in found if position is not None and position != PADDING]
            for found in (positions, rows.positions))
        if exact and order != sorted(order) and before == sorted(before):
            said.append("The tokens are in another order than in the prompt: the trace lists them in the prompt's.")
        if exact and (guessed := sum(rows.letters[origin] != "" for origin in matches.guessed)):
            said.append(f"{guessed} survivors look like another token: told apart by their order")
        return Rows(positions, letters, exact), said

    def _match(self):
        sides = self.old.states(), self.new.states(), self.old.places(), self.new.places()
        self._matches = match(*sides, self.count)
        strangers = [index for index, origin in enumerate(self._matches.origins) if origin is None]
        if strangers and self.old.columns is not None and self.new.columns is not None and not self.old.unknown:
            self._nearest = Fetch(_nearest(self.new.columns, strangers, self.old.columns))
        self.old.columns = self.new.columns = None

    def _letters(self, rows: Rows):
        origins, said = list(self._matches.origins), []
        strangers = [index for index, origin in enumerate(origins) if origin is None]
        if self._nearest is not None:
            for index, origin in zip(strangers, self._nearest.value().tolist()):
                origins[index] = origin
            said.append("Merged tokens count as what the most similar token before was.")
            return [rows.letters[origin] for origin in origins], said
        letters = [None if origin is None else rows.letters[origin] for origin in origins]
        if strangers:
            said.append(_by_order(letters, origins, rows.letters))
        return letters, [text for text in said if text]


def _nearest(new, strangers, old):
    """The index of the old row that points most nearly the same way, for each of the strangers."""
    directions = torch.nn.functional.normalize(old.float(), dim=-1)
    rows = new.index_select(0, on_device(strangers, new.device)).float().to(directions.device)
    with torch.autocast(directions.device.type, enabled=False):
        return torch.cat([(part @ directions.T).argmax(-1) for part in rows.split(1024)])


def _by_order(letters, origins, before):
    """Fills in the letters of rows that agree with none before, from what stood between their neighbours."""
    guessed, start = False, 0
    while start < len(letters):
        if letters[start] is not None:
            start += 1
            continue
        end = next((index for index in range(start, len(letters)) if letters[index] is not None), len(letters))
        low = origins[start - 1] + 1 if start and origins[start - 1] is not None else 0
        high = origins[end] if end < len(letters) and origins[end] is not None else len(before)
        between = [letter for letter in before[low:high] if letter] or ["T"]
        guessed = guessed or len(set(between)) > 1
        for offset in range(end - start):
            letters[start + offset] = between[offset * len(between) // (end - start)]
        start = end
    return "How many of the tokens left are video and how many audio is estimated from their order." if guessed else None


@dataclass(frozen=True)
class Matches:
    #: For each new row the index of the old row that it is; None where there is none.
    origins: list
    #: Old rows that were recognised by their order only.
    guessed: list


def match(old_states, new_states, old_places, new_places, count) -> Matches:
    """Which old row each of the `count` new rows is.

    - old_states, new_states, old_places, new_places: fingerprints in order, or None where they are not known;
      None among the old ones is a row that is not known.
    """
    if old_states is not None and old_states == new_states:
        return Matches(list(range(count)), [])
    places_hold = _places_hold(old_states, new_states, old_places, new_places)
    if old_states is not None and new_states is not None and len(old_states) == count and not places_hold:
        # Changed where they stand, as deepstack features are: none of them is found elsewhere.
        known = set(old_states)
        if not any(new != old and new in known for old, new in zip(old_states, new_states)):
            return Matches(list(range(count)), [])
    by_state = _indices(old_states)
    by_place = _indices(old_places if places_hold else None)
    by_both = _indices(list(zip(old_states, old_places)) if places_hold and old_states else None)
    origins, candidates, used, last = [], [], set(), -1
    for index in range(count):
        state = new_states[index] if new_states is not None else None
        place = new_places[index] if places_hold else None
        found = by_both.get((state, place)) or by_state.get(state) or by_place.get(place) or []
        free = [origin for origin in found if origin not in used]
        origin = next((origin for origin in free if origin > last), free[0] if free else None)
        origins.append(origin)
        candidates.append(found)
        if origin is not None:
            used.add(origin)
            last = origin
    guessed = [
        origin for origin, found in zip(origins, candidates)
        if origin is not None and len(found) > 1 and any(other not in used for other in found)]
    return Matches(origins, guessed)


def _places_hold(old_states, new_states, old_places, new_places) -> bool:
    """Whether positions are still those that the tokens had: a method may have numbered them anew."""
    if not old_places or not new_places:
        return False
    if old_places == new_places:
        return True
    if old_states is not None and new_states is not None:
        old, new = _indices(old_states), _indices(new_states)
        agree = [
            old_places[old[state][0]] == new_places[indices[0]] for state, indices in new.items()
            if len(indices) == 1 and len(old.get(state, ())) == 1]
        if agree:
            return all(agree)
    # The last token asks; it stays, and keeps its position unless they are numbered anew.
    renumbered = new_places == old_places[: len(new_places)] or new_places[-1] != old_places[-1]
    return not renumbered and set(new_places) <= set(old_places)


def _indices(values) -> dict:
    found = {}
    for index, value in enumerate(values or ()):
        if value is not None:
            found.setdefault(value, []).append(index)
    return found


def whole(modality: str, tokens: list) -> Rows:
    """The rows of a full prompt.

    - modality: a letter for each token of the prompt.
    - tokens: for each row, whether it is a token of the prompt rather than padding.
    """
    places = iter(range(len(modality)))
    positions = [next(places) if token else PADDING for token in tokens]
    return Rows(positions, ["" if place == PADDING else modality[place] for place in positions])

