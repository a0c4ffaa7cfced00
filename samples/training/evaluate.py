"""Answers the benchmark with plain transformers, in float32, and writes every answer down.

    python evaluate.py ../model ../benchmark.jsonl --answers answers.json

Reports accuracy by type (with its chance level) and by clip length.
"""

import argparse
import collections
import json
import math

import numpy as np
import torch
from transformers import AutoTokenizer, Qwen2_5OmniThinkerForConditionalGeneration, WhisperFeatureExtractor

import prompt
import questions
import world


MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def pixel_values(film):
    """What Qwen2VLVideoProcessor gives for frames whose sides are multiples of 28: rows [patches, 1176] and the grid.

    Written out because the processor itself would need torchvision, which nothing else here does.
    """
    count, height, width, _ = film.shape
    t, h, w = count // 2, height // 14, width // 14
    x = ((film.astype(np.float32) / 255.0 - MEAN) / STD).transpose(0, 3, 1, 2)
    x = x.reshape(t, 2, 3, h // 2, 2, 14, w // 2, 2, 14).transpose(0, 3, 6, 4, 7, 2, 1, 5, 8)
    return torch.from_numpy(np.ascontiguousarray(x).reshape(t * h * w, 1176)), torch.tensor([[t, h, w]])


class Examiner:
    """A checkpoint behind transformers' own preprocessing, positions and generation."""

    def __init__(self, directory, fresh=False):
        if fresh:
            self.model = prompt.fresh_model(directory)
        else:
            self.model = Qwen2_5OmniThinkerForConditionalGeneration.from_pretrained(
                directory, dtype=torch.float32, attn_implementation="sdpa"
            )
        self.model.eval()
        self.tokenizer = AutoTokenizer.from_pretrained(directory)
        self.ear = WhisperFeatureExtractor.from_pretrained(directory)
        self.packer = prompt.Packer(directory)

    def features(self, scene, video=True, audio=True):
        """The clip's own model inputs, without the text."""
        made = {}
        if audio:
            heard = self.ear(world.waveform(scene), sampling_rate=16_000, padding="max_length",
                             return_attention_mask=True, return_tensors="pt")
            made["input_features"] = heard["input_features"]
            made["feature_attention_mask"] = heard["attention_mask"]
        if video:
            made["pixel_values_videos"], made["video_grid_thw"] = pixel_values(world.frames(scene))
            made["video_second_per_grid"] = torch.tensor([1.0])
        made["use_audio_in_video"] = video and audio
        return made

    def inputs(self, scene, question, video=True, audio=True):
        text = prompt.HEAD + self.packer.media(len(scene["windows"]), video, audio) + question + prompt.ANSWER
        ids = torch.tensor([self.tokenizer(text)["input_ids"]])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), **self.features(scene, video, audio)}

    def encoded(self, made):
        """Runs the encoders once for a clip: the tokens that all its questions share."""
        shared = {}
        if "input_features" in made:
            shared["audio"] = self.model.get_audio_features(
                made["input_features"], feature_attention_mask=made["feature_attention_mask"]
            )
        if "video_grid_thw" in made:
            shared["video"] = self.model.get_video_features(made["pixel_values_videos"], made["video_grid_thw"])
        return shared

    @torch.no_grad()
    def answer(self, ids, made, shared, longest=64):
        """Greedy generation over transformers' decoder: text, and the five best first tokens with their logits."""
        config, model = self.model.config, self.model
        ids = torch.tensor([ids])
        embedded = model.get_input_embeddings()(ids)
        for name, token in (("video", config.video_token_id), ("audio", config.audio_token_id)):
            if name in shared:
                embedded[ids == token] = shared[name]
        positions, _ = model.get_rope_index(
            ids, None, made.get("video_grid_thw"), torch.ones_like(ids), made["use_audio_in_video"],
            made["feature_attention_mask"].sum(-1) if "feature_attention_mask" in made else None,
            made.get("video_second_per_grid"),
        )
        cache, spoken, best = None, [], None
        while len(spoken) < longest:
            output = model.model(inputs_embeds=embedded, position_ids=positions, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            logits = model.lm_head(output.last_hidden_state[:, -1])[0]
            if best is None:
                top = logits.topk(5)
                best = list(zip(top.indices.tolist(), [round(v, 5) for v in top.values.tolist()]))
            token = int(logits.argmax())
            if token in (self.packer.end, self.packer.pad):
                break
            spoken.append(token)
            embedded = model.get_input_embeddings()(torch.tensor([[token]]))
            positions = positions[:, :, -1:] + 1 if len(spoken) > 1 else positions.max() + 1 + torch.zeros(3, 1, 1).long()
        return self.tokenizer.decode(spoken), best


def report(rows):
    """Prints accuracy by type and by clip length; returns the overall accuracy."""

    def line(name, chosen, chance=None):
        hits = sum(r["right"] for r in chosen)
        share = hits / len(chosen)
        error = math.sqrt(share * (1 - share) / len(chosen))
        note = "" if chance is None else f"  chance {chance:.3f}"
        print(f"{name:12s} {share:.3f} ± {error:.3f}  of {len(chosen):4d}{note}")

    by_kind = collections.defaultdict(list)
    for row in rows:
        by_kind[row["type"]].append(row)
    for kind in questions.TYPES:
        if kind in by_kind:
            line(kind, by_kind[kind], sum(r["chance"] for r in by_kind[kind]) / len(by_kind[kind]))
    for windows in sorted({r["windows"] for r in rows}):
        line(f"{windows} windows", [r for r in rows if r["windows"] == windows])
    for name, kinds in (("video", questions.VIDEO_TYPES), ("audio", questions.AUDIO_TYPES), ("cross", questions.CROSS_TYPES)):
        line(name, [r for r in rows if r["type"] in kinds])
    line("overall", rows, sum(r["chance"] for r in rows) / len(rows))
    return sum(r["right"] for r in rows) / len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("benchmark")
    parser.add_argument("--answers")
    parser.add_argument("--clips", type=int, default=0, help="only the first so many clips")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    examiner = Examiner(options.model)
    rows = []
    with open(options.benchmark) as file:
        clips = [json.loads(line) for line in file if line.strip()]
    for clip in clips[: options.clips or None]:
        scene = clip["scene"]
        video, audio = "video" in clip["modalities"], "audio" in clip["modalities"]
        with torch.no_grad():
            made = examiner.features(scene, video, audio)
            shared = examiner.encoded(made)
        head = prompt.HEAD + examiner.packer.media(len(scene["windows"]), video, audio)
        for asked in clip["questions"]:
            ids = examiner.packer.ids(head + asked["question"] + prompt.ANSWER)
            text, best = examiner.answer(ids, made, shared)
            rows.append({
                "id": asked["id"], "type": asked["type"], "windows": len(scene["windows"]), "chance": asked["chance"],
                "expected": asked["answer"], "generated": text, "right": text == asked["answer"],
                "first_tokens": best,
            })  # fmt: skip
    report(rows)
    if options.answers:
        with open(options.answers, "w") as file:
            file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
