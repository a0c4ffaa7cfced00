"""Puts a PEFT adapter on a model, and refuses one of which any part finds no place there."""

import pathlib

import torch

from ._wire import Refused

FILE = "adapter_model.safetensors"
#: What stands before a module's name in one version of transformers, or of the whole model, and not in another.
HOLDERS = ("thinker.", "model.", "language_model.")


def with_adapter(model, directory):
    """The model with the adapter of a PEFT directory, all of whose tensors are in use."""
    import peft
    from safetensors.torch import load_file

    directory = pathlib.Path(directory).expanduser()
    if not (directory / FILE).is_file():
        raise Refused(f"{directory} has no {FILE}: give the directory of a PEFT adapter in safetensors.")
    try:
        made = peft.PeftModel.from_pretrained(model, directory)
        wanted = load_file(directory / FILE)
    except Exception as error:
        raise Refused(f"The adapter {directory} does not fit the model: {_first_line(error)}") from None
    if not _is_loaded(made, wanted):
        # Names of another version of transformers, or of the whole model.
        known = {_bare(name): name for name in _state(made)}
        lost = [name for name in wanted if _bare(name) not in known]
        if lost:
            raise Refused(
                f"{len(lost)} of {len(wanted)} tensors of the adapter {directory} find no place in the model: {lost[0]}")
        peft.set_peft_model_state_dict(made, {known[_bare(name)]: tensor for name, tensor in wanted.items()})
        if not _is_loaded(made, {known[_bare(name)]: tensor for name, tensor in wanted.items()}):
            raise Refused(f"The tensors of the adapter {directory} were not taken over by peft {peft.__version__}.")
    return made


def _state(model):
    import peft

    return peft.get_peft_model_state_dict(model, save_embedding_layers=False)


def _is_loaded(model, wanted):
    found = _state(model)
    return all(
        name in found and found[name].shape == tensor.shape
        and torch.allclose(found[name].float().cpu(), tensor.float(), atol=1e-2, rtol=1e-2)
        for name, tensor in wanted.items())


def _bare(name):
    name = name.removeprefix("base_model.model.")
    while found := next((holder for holder in HOLDERS if name.startswith(holder)), None):
        name = name.removeprefix(found)
    return name


def _first_line(error):
    return next(iter(str(error).splitlines()), type(error).__name__)
