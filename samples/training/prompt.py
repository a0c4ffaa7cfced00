"""From questions to token rows: the prompt of the chat template, and several questions packed behind one clip."""

import json
import pathlib

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import Qwen2_5OmniThinkerConfig

import questions
import thinker as net

HEAD = f"<|im_start|>system\n{questions.SYSTEM}<|im_end|>\n<|im_start|>user\n"
ANSWER = "<|im_end|>\n<|im_start|>assistant\n"


def fresh_model(directory, seed=1):
    """A thinker with fresh weights for the configuration of a checkpoint directory."""
    config = json.loads((pathlib.Path(directory) / "config.json").read_text())["thinker_config"]
    return net.new_thinker(Qwen2_5OmniThinkerConfig(**config), seed)


class Packer:
    """Builds prefixes and packed questions as rows of token ids."""

    def __init__(self, directory):
        self.tokenizer = Tokenizer.from_file(str(pathlib.Path(directory) / "tokenizer.json"))
        self.end = self.tokenizer.token_to_id("<|im_end|>")
        self.pad = self.tokenizer.token_to_id("<|endoftext|>")
        self._known = {}

    def ids(self, text):
        if text not in self._known:
            if len(self._known) > 200_000:
                self._known.clear()
            self._known[text] = self.tokenizer.encode(text).ids
        return self._known[text]

    def media(self, windows, video=True, audio=True):
        """The audio-visual part of a prompt as text."""
        v, a = "<|VIDEO|>" * net.VIDEO_TOKENS, "<|AUDIO|>" * net.AUDIO_TOKENS
        if video and audio:
            return f"<|vision_bos|><|audio_bos|>{(v + a) * windows}<|audio_eos|><|vision_eos|>"
        if video:
            return f"<|vision_bos|>{v * windows}<|vision_eos|>"
        return f"<|audio_bos|>{a * windows}<|audio_eos|>"

    def prefix(self, model, windows, video=True, audio=True):
        """Ids and rotary positions of everything before the question: [p], [3, p]; positions come from transformers."""
        ids = torch.tensor(self.ids(HEAD + self.media(windows, video, audio)))[None]
        positions, _ = model.get_rope_index(
            ids,
            None,
            torch.tensor([[2 * windows, 8, 8]]) if video else None,
            torch.ones_like(ids),
            video and audio,
            torch.tensor([200 * windows]) if audio else None,
            torch.tensor([1.0]),
        )
        return ids[0], positions[:, 0].long()

    def block(self, question, answer):
        """Inputs and targets of one question; targets are -100 except where the answer is spoken."""
        asked, said = self.ids(question + ANSWER), self.ids(answer) + [self.end]
        return asked + said[:-1], [-100] * (len(asked) - 1) + said


def packed(blocks, length, prefix_length, next_position, pad):
    """Lays blocks out behind a prefix: ids, targets, positions [length], block numbers [length], lengths of answers."""
    ids, targets = np.full(length, pad), np.full(length, -100)
    positions, number = np.full(length, next_position), np.full(length, -1)
    weight = np.zeros(length, np.float32)
    at = 0
    for index, (inputs, wanted, importance) in enumerate(blocks):
        span = slice(at, at + len(inputs))
        ids[span], targets[span] = inputs, wanted
        positions[span] = next_position + np.arange(len(inputs))
        number[span] = index
        weight[span] = importance
        at += len(inputs)
    return ids, targets, positions, number, weight


def tail_mask(numbers, prefix_length):
    """What packed questions see: the whole prefix, and their own block so far. bfloat16 [b, q, p + q]."""
    b, q = numbers.shape
    same = numbers[:, :, None] == numbers[:, None, :]
    sees = same & np.tri(q, dtype=bool)
    mask = np.zeros((b, q, prefix_length + q), np.float32)
    mask[:, :, prefix_length:][~sees] = -np.inf
    return torch.from_numpy(mask).bfloat16()
