"""Writes a run's weights into a checkpoint directory: bfloat16 safetensors in the released layout.

    python export.py runs/main/weights.pt ../../model
"""

import os
import sys

import torch
from safetensors.torch import save_file

import prompt


def main(weights, directory):
    trained = torch.load(weights)
    tensors = {}
    for name, parameter in prompt.fresh_model(directory).named_parameters():
        value = trained[name] if name in trained else parameter.detach()
        assert value.shape == parameter.shape, name
        tensors["thinker." + name] = value.to(torch.bfloat16).contiguous()
    path = os.path.join(directory, "model.safetensors")
    save_file(tensors, path + ".new", metadata={"format": "pt"})
    os.replace(path + ".new", path)
    count = sum(t.numel() for t in tensors.values())
    print(f"{count} parameters, {os.path.getsize(path) / 1e6:.2f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
