"""Stage 2: runs the trained encoders once over many rendered clips and keeps the tokens of every window.

    python build_bank.py --encoders runs/vision.pt runs/audio.pt --clips 6000 --out runs/bank0 --first-seed 20000000

Encoders work on each 2 s window by itself, so that windows of different clips can be shuffled into new clips while
the thinker learns. (Only the floor of the log-mel looks at the whole clip.)
"""

import argparse
import json

import numpy as np
import torch

import prompt
import thinker as net
import world


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="../../model")
    parser.add_argument("--encoders", nargs=2, required=True)
    parser.add_argument("--clips", type=int, default=6000)
    parser.add_argument("--first-seed", type=int, default=20_000_000)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)

    model = prompt.fresh_model(options.model)
    load_encoders(model, options.encoders)
    model = net.half(model)
    tokens, specifications = [], []
    with torch.no_grad():
        for first in range(0, options.clips, 8):
            film, mels = [], []
            for seed in range(options.first_seed + first, options.first_seed + first + 8):
                scene = world.random_scene(seed, 1 + seed % 6)
                film.append(net.patches(world.frames(scene)))
                mel = net.log_mel(torch.from_numpy(world.waveform(scene)))
                mels.append(mel.view(128, -1, 200).transpose(0, 1))
                specifications += scene["windows"]
            video = net.vision_features(model.visual, torch.cat(film).bfloat16()).reshape(-1, 32, net.WIDTH)
            audio = net.audio_features(model.audio_tower, torch.cat(mels).bfloat16())
            tokens.append(torch.cat([video, audio], 1).view(torch.int16).numpy())
    np.save(options.out + ".npy", np.concatenate(tokens))
    with open(options.out + ".json", "w") as file:
        json.dump(specifications, file)
    print(f"{len(specifications)} windows")


def load_encoders(model, paths):
    """Loads stage 1's encoders, their outputs scaled to unit size (as large as an embedding of the decoder)."""
    for tower, path in zip((model.visual, model.audio_tower), paths):
        saved = torch.load(path)
        last = ("merger.mlp.2.", "proj.")[tower is model.audio_tower]
        weights = {}
        for name, value in saved["weights"].items():
            if not name.startswith("head."):
                weights[name] = value / saved["size"] if name in (last + "weight", last + "bias") else value
        missing = tower.load_state_dict(weights, strict=False)
        assert not missing.unexpected_keys, missing


if __name__ == "__main__":
    main()
