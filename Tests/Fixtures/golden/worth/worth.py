"""Leaves out each window of video and audio of golden/qwen2_5_av from a layer on, with transformers.

    python worth.py        # writes worth.json; transformers 4.57.1, torch 2.13, CPU, float32, eager

The prompt's embeddings and positions are those of expected.safetensors. The layers before the chosen
one run over all tokens; then the rows of a window are removed from the hidden states and positions,
and the other layers run over what is left. KL is in nats, of the first answer token.
"""

import json
import pathlib

import torch
from safetensors.torch import load_file
from transformers.models.qwen2_5_omni.configuration_qwen2_5_omni import Qwen2_5OmniTextConfig
from transformers.models.qwen2_5_omni.modeling_qwen2_5_omni import (
    Qwen2_5OmniDecoderLayer,
    Qwen2_5OmniRotaryEmbedding,
    Qwen2RMSNorm,
)

FOLDER = pathlib.Path(__file__).parent.parent / "qwen2_5_av"
LAYERS = [1, 4, 7, 10]
#: Tokens of a window: two grids of video, two seconds of audio.
VIDEO_WINDOW, AUDIO_WINDOW = 24, 50


def load():
    config = json.loads((FOLDER / "checkpoint/config.json").read_text())["thinker_config"]
    text = Qwen2_5OmniTextConfig(**config["text_config"])
    text._attn_implementation = "eager"
    weights = {
        name.removeprefix("thinker."): tensor.float()
        for name, tensor in load_file(FOLDER / "checkpoint/model.safetensors").items()
    }
    layers = []
    for index in range(text.num_hidden_layers):
        layer = Qwen2_5OmniDecoderLayer(text, index).eval()
        prefix = f"model.layers.{index}."
        layer.load_state_dict(
            {n.removeprefix(prefix): t for n, t in weights.items() if n.startswith(prefix)})
        layers.append(layer)
    norm = Qwen2RMSNorm(text.hidden_size, eps=text.rms_norm_eps)
    norm.load_state_dict({"weight": weights["model.norm.weight"]})
    return config, text, layers, norm, weights["lm_head.weight"], Qwen2_5OmniRotaryEmbedding(text)


def main():
    torch.set_grad_enabled(False)
    config, text, layers, norm, head, rotary = load()
    expected = load_file(FOLDER / "expected.safetensors")
    inputs = load_file(FOLDER / "inputs.safetensors")
    known = {**expected, **inputs}
    embeds = known["llm.inputs_embeds"][None]
    positions = known["prompt.position_ids"].long()[:, None]
    ids = known["prompt.input_ids"].long()
    places = {
        "video": (ids == config["video_token_index"]).nonzero().flatten().tolist(),
        "audio": (ids == config["audio_token_index"]).nonzero().flatten().tolist(),
    }

    def run(hidden, kept, first):
        """Layers from `first` (from 1) on, over the rows `kept`."""
        states = []
        place = positions[:, :, kept]
        cosines = rotary(hidden, place)
        count = hidden.shape[1]
        mask = torch.full((count, count), torch.finfo(torch.float32).min).triu(1)[None, None]
        for layer in layers[first - 1:]:
            states.append(hidden)
            hidden = layer(
                hidden, attention_mask=mask, position_ids=place[0], position_embeddings=cosines)[0]
            if hidden.dim() == 2:
                hidden = hidden[None]
        return (norm(hidden[:, -1]) @ head.T)[0], states

    everything = list(range(len(ids)))
    full, states = run(embeds, everything, 1)
    worst = (full - known["full.logits_last"]).abs().max().item()
    assert worst < 1e-4, worst
    cases = []
    for first in LAYERS:
        for modality, window in [("video", VIDEO_WINDOW), ("audio", AUDIO_WINDOW)]:
            for start in range(0, len(places[modality]), window):
                gone = set(places[modality][start:start + window])
                kept = [token for token in everything if token not in gone]
                logits, _ = run(states[first - 1][:, kept], kept, first)
                p, q = full.double().log_softmax(-1), logits.double().log_softmax(-1)
                cases.append({
                    "from_layer": first, "modality": modality, "index": start // window,
                    "tokens": len(gone), "divergence": (p.exp() * (p - q)).sum().item(),
                    "logits": [round(v, 6) for v in logits[:64].tolist()],
                })
    out = pathlib.Path(__file__).parent / "worth.json"
    out.write_text(json.dumps({"logits_of_full_differ_by": worst, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
