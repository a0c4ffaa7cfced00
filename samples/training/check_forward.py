"""Compares the batched forward pass of training with that of transformers, in float32, on rendered clips.

    python check_forward.py ../../model
"""

import sys

import numpy as np
import torch

import prompt
import thinker as net
import world
from evaluate import Examiner


def main(directory):
    examiner = Examiner(directory, fresh=len(sys.argv) > 2)
    model, packer = examiner.model, prompt.Packer(directory)
    worst = 0.0
    for windows, video, audio in [(1, True, True), (3, True, True), (6, True, True), (2, True, False), (4, False, True)]:
        scene = world.random_scene(90_000_000 + windows, windows)
        question = "What colour is the shape in part one?"
        inputs = examiner.inputs(scene, question, video, audio)
        with torch.no_grad():
            theirs = model(**inputs).logits[0]
            ids, positions = packer.prefix(model, windows, video, audio)
            assert inputs["input_ids"][0, : len(ids)].tolist() == ids.tolist()
            block, _ = packer.block(question, "red")
            block = block[: len(inputs["input_ids"][0]) - len(ids)]
            assert inputs["input_ids"][0, len(ids) :].tolist() == block
            following = int(positions.max()) + 1
            row = prompt.packed([(block, [-100] * len(block), 1.0)], len(block), len(ids), following, packer.pad)
            cos, sin = net.rotation(model.config.text_config, torch.from_numpy(row[2]).expand(3, 1, -1))
            mel = net.log_mel(torch.from_numpy(world.waveform(scene))).view(128, -1, 200).transpose(0, 1)
            parts = []
            if video:
                parts.append(net.vision_features(model.visual, net.patches(world.frames(scene))).view(windows, 32, -1))
            if audio:
                parts.append(net.audio_features(model.audio_tower, mel))
            media = torch.cat(parts, 1).reshape(1, -1, net.WIDTH)
            embed = model.model.embed_tokens
            prefix = net.with_media(embed(ids), media, ids, model.config)
            mask = prompt.tail_mask(row[3][None], len(ids)).float()
            spin = net.rotation(model.config.text_config, positions)
            hidden = net.decode(model.model, prefix, spin, embed(torch.from_numpy(row[0]))[None],
                                (cos[:, None], sin[:, None]), mask)
            ours = model.lm_head(hidden)[0]
        difference = (ours - theirs[len(ids) :]).abs().max().item()
        worst = max(worst, difference)
        print(f"{windows} windows, video {video}, audio {audio}: {len(ids)} tokens before the question, "
              f"logits differ by {difference:.1e} of {np.abs(theirs.numpy()).max():.1f}")
    assert worst < 1e-3
    print("equal")


if __name__ == "__main__":
    main(sys.argv[1])
