"""The decoder shape that the peers run: Qwen2.5-Omni-3B, cut to four layers."""

WIDTH = 2048
INNER = 11008
HEADS = 16
KEY_HEADS = 2
HEAD_WIDTH = 128
LAYERS = 4
ROTARY_BASE = 1_000_000.0
EPSILON = 1e-6
