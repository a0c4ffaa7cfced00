"""Sources of training clips: shuffled windows of a bank of encoder tokens, or freshly rendered clips."""

import json
import random

import numpy as np
import torch

import questions
import thinker as net
import world

WEIGHTS = {
    "v_colour": 1.0, "v_shape": 1.0, "v_place": 0.8, "v_motion": 1.0, "v_bind": 1.2,
    "v_which": 2.0, "v_count": 1.5, "v_order": 1.5, "c_video": 0.8,
    "a_sound": 1.0, "a_which": 1.5, "a_count": 1.5, "a_order": 1.5, "c_audio": 0.8,
    "x_colour": 2.0, "x_shape": 2.0, "x_place": 1.5, "x_sound": 2.5, "x_yesno": 2.0, "c_cross": 1.2,
    "describe": 0.8,
}  # fmt: skip


class Bank:
    """Windows of encoder tokens and their specifications; clips are random draws of windows."""

    def __init__(self, paths):
        self.tokens = [np.load(path + ".npy", mmap_mode="r") for path in paths]
        self.windows = []
        for path in paths:
            with open(path + ".json") as file:
                self.windows.append(json.load(file))
        self.places = [(shard, i) for shard, windows in enumerate(self.windows) for i in range(len(windows))]

    def draw(self, clips, windows, rng):
        """Window specifications of some clips, and a function that gives their tokens [clips, windows, 82, width]."""
        chosen = [[rng.choice(self.places) for _ in range(windows)] for _ in range(clips)]
        tokens = np.stack([np.stack([self.tokens[s][i] for s, i in clip]) for clip in chosen])
        media = torch.from_numpy(tokens).view(torch.bfloat16)
        return [[self.windows[s][i] for s, i in clip] for clip in chosen], lambda model: media


class Renderer:
    """Clips rendered from scene seeds, encoded by the model itself so that the encoders learn too."""

    def __init__(self, first_seed):
        self.next_seed = first_seed

    def draw(self, clips, windows, rng):
        film, mels, specifications = [], [], []
        for _ in range(clips):
            scene = world.random_scene(self.next_seed, windows)
            self.next_seed += 1
            film.append(net.patches(world.frames(scene)))
            mel = net.log_mel(torch.from_numpy(world.waveform(scene)))
            mels.append(mel.view(128, -1, 200).transpose(0, 1))
            specifications.append(scene["windows"])
        film, mels = torch.cat(film).bfloat16(), torch.cat(mels).bfloat16()

        def encode(model):
            video = net.vision_features(model.visual, film).view(clips, windows, 32, net.WIDTH)
            audio = net.audio_features(model.audio_tower, mels).view(clips, windows, 50, net.WIDTH)
            return torch.cat([video, audio], 2)

        return specifications, encode


def blocks_for(packer, clip, length, rng, weights=WEIGHTS):
    """Random questions about a clip until `length` tokens are full: [(type, inputs, targets)]."""
    kinds = [k for k in questions.TYPES if weights.get(k, 0) > 0]
    if not clip.has_audio:
        kinds = [k for k in kinds if k[0] == "v" or k in ("c_video", "describe")]
    if not clip.has_video:
        kinds = [k for k in kinds if k[0] == "a" or k in ("c_audio", "describe")]
    # Weighted order without replacement, then round again.
    order = sorted(kinds, key=lambda k: rng.random() ** (1 / weights[k]), reverse=True)
    order += rng.choices(kinds, [weights[k] for k in kinds], k=12)
    blocks, used = [], 0
    for kind in order:
        made = questions.ask(kind, clip, rng)
        if not made:
            continue
        inputs, targets = packer.block(*made)
        if used + len(inputs) > length:
            if length - used < 16:
                break
            continue
        blocks.append((kind, inputs, targets))
        used += len(inputs)
    return blocks
