"""Records the prefill of an omni-modal LLM in PyTorch as a trace that seats-top shows.

    with seats_trace.record(model, inputs, "run.jsonl", processor=processor):
        model.generate(**inputs, max_new_tokens=64)

Nothing in the model, nor in the code that prunes its tokens, has to change: forward hooks see what
reaches each decoder layer, and hidden states and rotary positions show which tokens of the prompt are left.
"""

__version__ = "0.3.0"

from ._full import NotFull
from ._model import UnsupportedModel
from ._prompt import NotRecorded
from ._recorder import Recorder, record

__all__ = ["NotFull", "NotRecorded", "Recorder", "UnsupportedModel", "record"]
