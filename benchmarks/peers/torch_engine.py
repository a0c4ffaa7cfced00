"""Four Qwen2 layers in one dtype as transformers computes them, without its Python around."""

import os
import sys

import torch
import torch.nn.functional as functional

import shape
from protocol import serve, timed


DTYPE = getattr(torch, sys.argv[2] if len(sys.argv) > 2 else "bfloat16")


def noise(*size):
    return (torch.randn(*size) * 0.02).to(DTYPE)


def layer():
    keys = shape.KEY_HEADS * shape.HEAD_WIDTH
    return {
        "q": (noise(shape.WIDTH, shape.WIDTH), noise(shape.WIDTH)),
        "k": (noise(keys, shape.WIDTH), noise(keys)),
        "v": (noise(keys, shape.WIDTH), noise(keys)),
        "o": (noise(shape.WIDTH, shape.WIDTH), None),
        "gate": (noise(shape.INNER, shape.WIDTH), None),
        "up": (noise(shape.INNER, shape.WIDTH), None),
        "down": (noise(shape.WIDTH, shape.INNER), None),
        "norms": (torch.ones(shape.WIDTH, dtype=DTYPE), torch.ones(shape.WIDTH, dtype=DTYPE)),
    }


def normalised(x, weight):
    return functional.rms_norm(x, (shape.WIDTH,), weight, shape.EPSILON)


def rotated(x, cosines, sines):
    first, second = x.chunk(2, -1)
    return x * cosines + torch.cat((-second, first), -1) * sines


def heads(x, count):
    return x.view(x.shape[0], count, shape.HEAD_WIDTH).transpose(0, 1)


@torch.inference_mode()
def prefill(layers, x):
    half = shape.HEAD_WIDTH // 2
    frequencies = shape.ROTARY_BASE ** (-torch.arange(half) / half)
    angles = torch.arange(x.shape[0])[:, None] * frequencies[None]
    angles = torch.cat((angles, angles), -1)
    cosines, sines = angles.cos().to(DTYPE), angles.sin().to(DTYPE)
    for weights in layers:
        normal = normalised(x, weights["norms"][0])
        queries = heads(functional.linear(normal, *weights["q"]), shape.HEADS)
        keys = heads(functional.linear(normal, *weights["k"]), shape.KEY_HEADS)
        values = heads(functional.linear(normal, *weights["v"]), shape.KEY_HEADS)
        mixed = functional.scaled_dot_product_attention(
            rotated(queries, cosines, sines)[None], rotated(keys, cosines, sines)[None],
            values[None], is_causal=True, enable_gqa=True)[0]
        x = x + functional.linear(mixed.transpose(0, 1).reshape(x.shape), *weights["o"])
        normal = normalised(x, weights["norms"][1])
        gated = functional.silu(functional.linear(normal, *weights["gate"]))
        gated = gated * functional.linear(normal, *weights["up"])
        x = x + functional.linear(gated, *weights["down"])
    return x


def main():
    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    layers = [layer() for _ in range(shape.LAYERS)]

    def answer(tokens):
        x = noise(tokens, shape.WIDTH)
        # It computes every row of the last layer, too.
        laps = timed(lambda: prefill(layers, x))
        return {"every": laps, "last": laps}

    serve({
        "threads": threads, "type": str(DTYPE).removeprefix("torch."),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "oneDNN limited to": os.environ.get("ONEDNN_MAX_CPU_ISA"),
        "version": torch.__version__}, answer)


main()
