"""Loads the thinker of a checkpoint, and says what the other side has to know of it."""

import hashlib
import json
import pathlib
import platform

import torch
import transformers

from .. import _model
from ._adapter import with_adapter
from ._attention import NAME
from ._wire import Refused

#: The class of a thinker, by a part of the checkpoint's architecture or `model_type`, the most special first.
CLASSES = (
    ("qwen2_5_omni", "Qwen2_5OmniThinkerForConditionalGeneration"),
    ("qwen3_omni", "Qwen3OmniMoeThinkerForConditionalGeneration"),
    ("qwen2_5_vl", "Qwen2_5_VLForConditionalGeneration"),
    ("qwen3_vl_moe", "Qwen3VLMoeForConditionalGeneration"),
    ("qwen3_vl", "Qwen3VLForConditionalGeneration"),
)

#: Files of a checkpoint that say how to prepare a prompt. No weights.
FILES = (
    "config.json", "generation_config.json", "preprocessor_config.json", "video_preprocessor_config.json",
    "processor_config.json", "chat_template.json", "chat_template.jinja", "tokenizer.json", "tokenizer_config.json",
    "vocab.json", "merges.txt", "added_tokens.json", "special_tokens_map.json", "seats.json")


class Loaded:
    """A thinker, ready to run."""

    def __init__(self, model, directory, parts, description):
        self.model, self.directory, self.parts, self.description = model, directory, parts, description
        self.devices = sorted({str(_model.device_of(layer)) for layer in parts.layers})

    def files(self):
        """The small files of the checkpoint by name, each as bytes."""
        return {name: (self.directory / name).read_bytes() for name in FILES if (self.directory / name).is_file()}


def load(name, dtype="auto", device_map=None, adapter=None, random_layers=None):
    """Loads a directory, or a repository of the hub that transformers finds.

    - `dtype`: a torch type's name, or "auto".
    - `device_map`: as transformers takes it ("cpu", "cuda", "auto", …); None: the first GPU, or the CPU.
    - `adapter`: a PEFT directory.
    - `random_layers`: random weights of the checkpoint's shape, with at most so many decoder layers.
    """
    directory = _directory(name, weights=random_layers is None)
    config = _config(directory)
    kind = str(config.get("model_type", ""))
    found = next((made for part, made in CLASSES if part in kind), None)
    loader = getattr(transformers, found or "", None)
    if loader is None:
        raise Refused(f"transformers {transformers.__version__} and this engine have no model of type {kind!r}.")
    chosen = "auto" if dtype == "auto" else getattr(torch, dtype, None)
    if chosen != "auto" and not isinstance(chosen, torch.dtype):
        raise Refused(f"--dtype {dtype}: torch has no such type; give auto, float32, bfloat16 or float16.")
    place = device_map or ("cuda:0" if torch.cuda.is_available() else "cpu")
    if random_layers is None:
        model = _loaded(loader, directory, chosen, place, config)
    else:
        model = _random(loader, directory, chosen, place, random_layers)
    if adapter is not None:
        model = with_adapter(model, adapter)
    model.eval()
    parts = _model.find_parts(model)
    _use_our_attention(parts)
    description = _model.describe(model, parts)
    description["name"] = str(name).rstrip("/") if adapter is None else f"{adapter} + {name}"
    return Loaded(model, directory, parts, description)


def _directory(name, weights):
    directory = pathlib.Path(name).expanduser()
    if directory.is_dir():
        return directory
    try:
        from huggingface_hub import snapshot_download

        patterns = ["*.json", "*.txt", "*.jinja"] + (["*.safetensors"] if weights else [])
        return pathlib.Path(snapshot_download(str(name), allow_patterns=patterns))
    except Exception as error:
        raise Refused(f"There is no directory {name}, and no such model on the hub: {_first_line(error)}") from None


def _has_new_rope(section):
    """Whether a section states its rotary embedding only in the layout of transformers 5."""
    if not isinstance(section, dict):
        return False
    old = "rope_theta" in section or "rope_scaling" in section
    return "rope_parameters" in section and not old or any(_has_new_rope(value) for value in section.values())


def _config(directory):
    try:
        config = json.loads((directory / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise Refused(f"{directory / 'config.json'} cannot be read: {error}") from None
    if "auto_map" in config:
        raise Refused(f"{directory / 'config.json'} names code of its own (auto_map), which this engine does not run.")
    if int(transformers.__version__.split(".")[0]) < 5 and _has_new_rope(config):
        raise Refused(
            f"{directory / 'config.json'} has rope_parameters, which transformers {transformers.__version__} ignores: "
            "install transformers 5, which saved it.")
    return config


def _loaded(loader, directory, dtype, place, config):
    """Reads the weights; refuses a quantisation that transformers cannot run here."""
    try:
        return _from_weights(loader, directory, dtype, place, _quantisation(config))
    except (ImportError, NotImplementedError, RuntimeError, ValueError) as error:
        found = _quantisation(config)
        if found is None:
            raise
        raise Refused(
            f"transformers {transformers.__version__} does not load weights quantised by {found.get('quant_method')} here: "
            f"{_first_line(error)}") from None


def _quantisation(section):
    """The first `quantization_config` in a configuration, wherever it stands; None without one."""
    if not isinstance(section, dict):
        return None
    found = section.get("quantization_config")
    if isinstance(found, dict):
        return found
    return next((made for value in section.values() if (made := _quantisation(value))), None)


def _from_weights(loader, directory, dtype, place, quantisation):
    # Only one device: no accelerate needed.
    spread = place if place in ("auto", "balanced", "balanced_low_0", "sequential") else None
    options = {"device_map": spread} if spread else {}
    if quantisation is not None:
        # A thinker reads its own part of the configuration only.
        options["config"] = loader.config_class.from_pretrained(directory)
        options["config"].quantization_config = quantisation
    model, facts = loader.from_pretrained(
        directory, dtype=dtype, attn_implementation=NAME, use_safetensors=True, local_files_only=True,
        output_loading_info=True, **options)
    # transformers fills in random numbers, and goes on.
    lost = sorted(map(str, [*facts["missing_keys"], *facts["mismatched_keys"]]))
    if lost:
        raise Refused(f"{len(lost)} tensors of the model are not in {directory}, or have other sizes there: {lost[0]}")
    if quantisation is not None and not getattr(model, "is_quantized", False):
        raise Refused(f"transformers {transformers.__version__} does not quantise this model as its configuration says.")
    return model if spread or _is_placed(model) else model.to(place)


def _is_placed(model):
    return bool(getattr(model, "hf_device_map", None)) or getattr(model, "is_quantized", False)


def _random(loader, directory, dtype, place, layers):
    config = loader.config_class.from_pretrained(directory)
    text = config.get_text_config()
    text.num_hidden_layers = max(1, min(layers, text.num_hidden_layers))
    for name in ("layer_types",):
        if isinstance(getattr(text, name, None), list):
            setattr(text, name, getattr(text, name)[: text.num_hidden_layers])
    dtype = torch.bfloat16 if dtype == "auto" else dtype
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(place):
            return loader._from_config(config, attn_implementation=NAME, dtype=dtype)
    finally:
        torch.set_default_dtype(before)


def _use_our_attention(parts):
    """Encoders have configurations of their own."""
    for module in parts.thinker.modules():
        config = getattr(module, "config", None)
        if config is not None and getattr(config, "_attn_implementation", NAME) != NAME:
            config._attn_implementation = NAME


def fingerprint(loaded):
    """A hash of everything small that decides what the model answers, and of the sizes and names of its weights."""
    total = hashlib.sha256()
    for name, content in sorted(loaded.files().items()):
        total.update(f"{name} {len(content)}\n".encode() + content)
    for path in sorted(loaded.directory.glob("*.safetensors")):
        with path.open("rb") as file:
            total.update(f"{path.name} {path.stat().st_size}\n".encode() + file.read(1 << 16))
    return total.hexdigest()


def versions():
    made = {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__}
    if torch.version.cuda and torch.cuda.is_available():
        made["cuda"] = torch.version.cuda
    return made


def device_name(devices):
    """The devices of the layers in words."""
    names = []
    for name in devices:
        device = torch.device(name)
        names.append(torch.cuda.get_device_name(device) if device.type == "cuda" else name)
    counted = {name: names.count(name) for name in names}
    return ", ".join(name if count == 1 else f"{count} x {name}" for name, count in counted.items())


def _first_line(error):
    return next(iter(str(error).splitlines()), type(error).__name__)
