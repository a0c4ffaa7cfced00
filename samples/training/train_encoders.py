"""Stage 1: teaches each encoder to say, token by token, what it sees or hears.

    python train_encoders.py vision --minutes 8 --out runs/vision.pt
    python train_encoders.py audio --minutes 5 --out runs/audio.pt

Linear heads on the encoder's output tokens name colour, shape, motion and place (vision) or the sound (audio). They
are thrown away afterwards. The two runs are independent: one process and one thread each.
"""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F

import thinker as net
import world
from optimiser import Optimiser

COLOURS, MOTIONS, PLACES = list(world.COLOURS), list(world.MOTIONS), list(world.PLACES)
HEADS = {"vision": {"colour": 7, "shape": 6, "motion": 6, "place": 6}, "audio": {"sound": 7}}


def vision_labels(scene):
    """Per grid and merged token: 0 for nothing, else 1 + the class. int64 [grids, 4, 16]."""
    labels = np.zeros((2 * len(scene["windows"]), 4, 4, 4), np.int64)
    for number, window in enumerate(scene["windows"]):
        for figure in window["shapes"]:
            first, length = figure["frames"]
            for grid in range(first // 2, (first + length + 1) // 2):
                (ax, ay), (bx, by) = world.centre_of(figure, 2 * grid), world.centre_of(figure, 2 * grid + 1)
                x, y, reach = (ax + bx) // 2, (ay + by) // 2, figure["radius"] - 5
                rows = slice(max(0, (y - reach) // 28), min(3, (y + reach) // 28) + 1)
                columns = slice(max(0, (x - reach) // 28), min(3, (x + reach) // 28) + 1)
                values = [
                    COLOURS.index(figure["colour"]),
                    world.SHAPES.index(figure["shape"]),
                    MOTIONS.index(figure["motion"]),
                    PLACES.index(figure["place"]),
                ]
                for kind, value in enumerate(values):
                    labels[2 * number + grid, kind, rows, columns] = value + 1
    return labels.reshape(-1, 4, 16)


def audio_labels(scene):
    """Per window and token: the sound, silence where there is none. int64 [windows, 1, 50]."""
    labels = np.full((len(scene["windows"]), 1, 50), world.SOUNDS.index("silence"), np.int64)
    for number, window in enumerate(scene["windows"]):
        event = window["sound"]
        if event["kind"] != "silence":
            first, last = event["onset"] // 40, min(49, (event["onset"] + event["length"] - 20) // 40)
            labels[number, 0, first : last + 1] = world.SOUNDS.index(event["kind"])
    return labels


def batch(kind, seeds):
    """A batch of scenes: encoder inputs and labels [n, heads, tokens]."""
    inputs, labels = [], []
    for seed in seeds:
        scene = world.random_scene(seed, 2 if kind == "vision" else 1 + seed % 4)
        if kind == "vision":
            inputs.append(net.patches(world.frames(scene)))
            labels.append(vision_labels(scene))
        else:
            mel = net.log_mel(torch.from_numpy(world.waveform(scene)))
            inputs.append(mel.view(128, -1, 200).transpose(0, 1))
            labels.append(audio_labels(scene))
    return torch.cat(inputs).bfloat16(), torch.from_numpy(np.concatenate(labels))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["vision", "audio"])
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--scenes", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()

    torch.set_num_threads(1)
    special = {name: 0 for name in (
        "<|AUDIO|> <|audio_bos|> <|audio_eos|> <|IMAGE|> <|VIDEO|> <|vision_bos|> <|vision_eos|> <|vision_pad|> "
        "<|im_start|> <|im_end|> <|endoftext|>").split()}
    model = net.new_thinker(net.configuration(special, 640), options.seed)
    tower = model.visual if options.kind == "vision" else model.audio_tower
    tower = tower.bfloat16()
    forward = net.vision_features if options.kind == "vision" else net.audio_features
    if options.compile:
        forward = torch.compile(forward)
    sizes = HEADS[options.kind]
    head = torch.nn.Linear(net.WIDTH, sum(sizes.values())).bfloat16()
    named = [(n, p) for n, p in tower.named_parameters() if "bos_eos" not in n]
    optimiser = Optimiser(named + [("head." + n, p) for n, p in head.named_parameters()])

    start, step, seed, log = time.time(), 0, options.seed * 1_000_000, []
    while (spent := (time.time() - start) / 60) < options.minutes:
        inputs, labels = batch(options.kind, range(seed, seed + options.scenes))
        seed += options.scenes
        logits = head(forward(tower, inputs)).float().split(list(sizes.values()), -1)
        losses = [F.cross_entropy(z.flatten(0, 1), labels[:, i].flatten()) for i, z in enumerate(logits)]
        sum(losses).backward()
        rate = options.rate * min(1, (step + 1) / 100, 2.0 * (1 - spent / options.minutes) + 0.02)
        gradient = optimiser.gradient()
        gradient *= min(1.0, 1.0 / (gradient.norm().item() + 1e-6))
        optimiser.step(rate, gradient)
        step += 1
        hits = []
        for i, z in enumerate(logits):
            told = labels[:, i] != (0 if options.kind == "vision" else 6)
            hits.append((z.argmax(-1) == labels[:, i])[told].float().mean().item())
        log.append([loss.item() for loss in losses] + hits)
        if step % 100 == 0:
            mean = np.mean(log[-100:], 0)
            print(f"{spent:6.2f} min step {step} scenes {seed - options.seed * 1_000_000} "
                  f"loss {mean[:len(sizes)].round(3)} token accuracy {mean[len(sizes):].round(3)}", flush=True)
            save(options, tower, optimiser, head, inputs, forward)
    save(options, tower, optimiser, head, inputs, forward)


def save(options, tower, optimiser, head, inputs, forward):
    with torch.no_grad():
        size = forward(tower, inputs).float().pow(2).mean().sqrt().item()
    weights = {n: m.clone() for n, m in zip(optimiser.names, optimiser.masters)}
    torch.save({"weights": weights, "size": size, "step": optimiser.steps}, options.out)


if __name__ == "__main__":
    main()
