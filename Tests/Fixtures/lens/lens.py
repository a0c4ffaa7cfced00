"""What transformers makes of the next token's row in every layer of the golden checkpoints: its distribution after the
final norm and the output head, and its attention by modality.

    python lens.py [OUTPUT]      # transformers 4.57.1: writes expected.json beside this file

The decoder layers, norm and head of transformers (eager attention, float32) run on the golden prompt embeddings and
positions. With full tokens the hidden states are also those of the whole model (`output_hidden_states`). For runs of
SEATS the rows that the reference keeps are gathered after the layers where it drops the others.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoConfig

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"
CASES = ["qwen2_5_av", "qwen3_av", "qwen2_5_video_only", "qwen2_5_audio_only"]
RUNS = 3
BEST = 3


def load(case):
    folder = GOLDEN / case / "checkpoint"
    config = AutoConfig.from_pretrained(folder)
    thinker = config.thinker_config
    thinker._attn_implementation = "eager"
    thinker.text_config._attn_implementation = "eager"
    name = "Qwen2_5OmniThinkerForConditionalGeneration" if "qwen2_5" in case else \
        "Qwen3OmniMoeThinkerForConditionalGeneration"
    model = getattr(transformers, name).from_pretrained(
        folder, config=thinker, dtype=torch.float32, attn_implementation="eager")
    return model.eval(), thinker


def modalities(ids, config):
    # Text, image, video, audio.
    groups = torch.zeros_like(ids)
    def token(*names):
        return next(getattr(config, name) for name in names if getattr(config, name, None) is not None)
    groups[ids == token("image_token_id", "image_token_index")] = 1
    groups[ids == token("video_token_id", "video_token_index")] = 2
    groups[ids == token("audio_token_id", "audio_token_index")] = 3
    return groups


def run(model, inputs, positions, groups, deepstack, keeps):
    """`keeps`: rows left before layer l, by l from 0; hidden rows and attention of the last row."""
    text = model.model
    left = torch.arange(inputs.shape[0])
    hidden, rows, shares = inputs[None], [], []
    for index, layer in enumerate(text.layers):
        if index in keeps:
            place = {int(p): i for i, p in enumerate(left)}
            hidden = hidden[:, [place[int(p)] for p in keeps[index]]]
            left = keeps[index]
        count = hidden.shape[1]
        rotary = text.rotary_emb(hidden, positions[:, None, left])
        mask = torch.full((count, count), float("-inf")).triu(1)[None, None]
        attention = []
        hook = layer.self_attn.register_forward_hook(lambda m, i, o: attention.append(o[1]))
        out = layer(hidden, attention_mask=mask, position_ids=positions[0][None, left],
                    position_embeddings=rotary)
        hook.remove()
        hidden = out[0] if isinstance(out, tuple) else out
        if index < len(deepstack):
            seen = (groups[left] == 2).nonzero()[:, 0]
            places = [int(p) for p in (groups == 2).nonzero()[:, 0]]
            hidden = hidden.clone()
            hidden[0, seen] += deepstack[index][[places.index(int(left[i])) for i in seen]]
        rows.append(hidden[0, -1])
        weights = attention[0][0, :, -1]
        shares.append(torch.stack([weights[:, groups[left] == g].sum(1) for g in range(4)], 1))
    return torch.stack(rows), shares


def lens(model, rows, shares):
    logits = model.lm_head(model.model.norm(rows)).double()
    logs = logits.log_softmax(-1)
    final = logs[-1]
    layers = []
    for own, share in zip(logs, shares):
        best = own.topk(BEST)
        layers.append({
            "best": [[int(i), float(f"{v.exp():.9g}")] for i, v in zip(best.indices, best.values)],
            "entropy": float(f"{-(own.exp() * own).sum():.9g}"),
            "kl": float(f"{(final.exp() * (final - own)).sum():.9g}"),
            "heads": [[float(f"{v:.7g}") for v in head] for head in share.tolist()],
        })
    return layers


@torch.no_grad()
def main():
    result = {}
    for case in CASES:
        model, config = load(case)
        expected = load_file(GOLDEN / case / "expected.safetensors")
        seats = load_file(GOLDEN / case / "expected_seats.safetensors")
        described = json.loads((GOLDEN / case / "expected_seats.json").read_text())
        ids = expected["prompt.input_ids"].long()
        positions = expected["prompt.position_ids"].float() if "qwen3" in case else \
            expected["prompt.position_ids"].long()
        inputs = expected["llm.inputs_embeds"]
        groups = modalities(ids, config)
        deepstack = [expected[f"vision.deepstack.{i}"] for i in range(9)
                     if f"vision.deepstack.{i}" in expected]
        rows, shares = run(model, inputs, positions, groups, deepstack, {})
        # The same rows as the whole model gives them; its last state is normed. Without a mask it would take
        # positions that do not count up for the starts of other sequences.
        whole = model.model(inputs_embeds=inputs[None], position_ids=positions[:, None],
                            attention_mask=torch.ones(1, len(ids), dtype=torch.long), output_hidden_states=True, use_cache=False,
                            **({"visual_pos_masks": (groups == 2)[None, :, None], "deepstack_visual_embeds": deepstack}
                               if deepstack else {})).hidden_states
        assert len(whole) == len(rows) + 1
        stated = torch.stack([state[0, -1] for state in whole[1:]])
        mine = torch.cat([rows[:-1], model.model.norm(rows[-1:])])
        print(case, "hidden states differ by", float((stated - mine).abs().max()))
        logits = model.lm_head(model.model.norm(rows[-1:]))[0]
        print(case, "logits differ by", float((logits - expected["full.logits_last"]).abs().max()))
        runs = {"full": lens(model, rows, shares)}
        for tag, fact in list(described.items())[:RUNS]:
            keeps = {0: seats[f"{tag}.stage1.kept_indices"].long()}
            for index, drop in enumerate(fact["drops"]):
                keeps[drop["after_layer_1based"]] = seats[f"{tag}.drop{index}.kept_indices"].long()
            late = fact["late_block_layer"]
            if late and late > 1:
                keeps[late - 1] = seats[f"{tag}.late.kept_indices"].long()
            rows, shares = run(model, inputs, positions, groups, deepstack, keeps)
            logits = model.lm_head(model.model.norm(rows[-1:]))[0]
            print(case, tag, "logits differ by", float((logits - seats[f"{tag}.logits_last"]).abs().max()))
            runs[tag] = lens(model, rows, shares)
        result[case] = runs
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "expected.json"
    lines = ",\n".join(
        f'"{case}": {{\n' + ",\n".join(
            f' "{tag}": [\n' + ",\n".join("  " + json.dumps(layer) for layer in layers) + "\n ]"
            for tag, layers in runs.items()) + "\n}" for case, runs in result.items())
    output.write_text("{\n" + lines + "\n}\n")


main()
