"""Records the prefill of an omni-modal LLM in PyTorch as a trace that seats-top shows.

    with seats_trace.record(model, inputs, "run.jsonl", processor=processor):
        model.generate(**inputs, max_new_tokens=64)

Nothing in the model, nor in the code that prunes its tokens, has to change: forward hooks see what
reaches each decoder layer, and the rotary positions tell which tokens of the prompt are left.
"""

from ._model import UnsupportedModel
from ._recorder import Recorder, record

__all__ = ["Recorder", "UnsupportedModel", "record"]
__version__ = "0.1.0"
