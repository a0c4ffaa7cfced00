"""The model's configuration, and a batched forward pass over the parameters of the `transformers` class.

`transformers` runs the encoders over one packed sequence and the decoder over one padded batch. Training wants many
equal clips at once and many questions behind one shared audio-visual prefix. The functions here use the very
parameters of `Qwen2_5OmniThinkerForConditionalGeneration`, so that whatever is trained is already a checkpoint;
`check_forward.py` compares the two.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from transformers import Qwen2_5OmniThinkerConfig, Qwen2_5OmniThinkerForConditionalGeneration
from transformers.audio_utils import mel_filter_bank

WIDTH = 128
VIDEO_TOKENS, AUDIO_TOKENS = 32, 50


def configuration(special, vocabulary):
    """The thinker's configuration for the token ids in `special` (token text to id)."""
    return Qwen2_5OmniThinkerConfig(
        audio_token_index=special["<|AUDIO|>"],
        audio_start_token_id=special["<|audio_bos|>"],
        audio_end_token_id=special["<|audio_eos|>"],
        image_token_index=special["<|IMAGE|>"],
        video_token_index=special["<|VIDEO|>"],
        vision_start_token_id=special["<|vision_bos|>"],
        vision_end_token_id=special["<|vision_eos|>"],
        vision_token_id=special["<|vision_pad|>"],
        bos_token_id=special["<|im_start|>"],
        eos_token_id=special["<|im_end|>"],
        pad_token_id=special["<|endoftext|>"],
        position_id_per_seconds=25,
        seconds_per_chunk=2,
        audio_config=dict(
            d_model=96,
            encoder_attention_heads=3,
            encoder_ffn_dim=256,
            encoder_layers=3,
            num_hidden_layers=3,
            max_source_positions=1500,
            n_window=100,
            num_mel_bins=128,
            output_dim=WIDTH,
            scale_embedding=False,
        ),
        vision_config=dict(
            depth=4,
            hidden_size=96,
            embed_dim=96,
            hidden_act="silu",
            intermediate_size=256,
            num_heads=3,
            in_channels=3,
            in_chans=3,
            patch_size=14,
            spatial_patch_size=14,
            spatial_merge_size=2,
            temporal_patch_size=2,
            window_size=56,
            out_hidden_size=WIDTH,
            fullatt_block_indexes=[1, 3],
            tokens_per_second=25,
        ),
        text_config=dict(
            vocab_size=vocabulary,
            hidden_size=WIDTH,
            intermediate_size=320,
            num_hidden_layers=12,
            num_attention_heads=4,
            num_key_value_heads=2,
            hidden_act="silu",
            max_position_embeddings=32768,
            rms_norm_eps=1e-6,
            rope_theta=1_000_000.0,
            rope_scaling={"mrope_section": [8, 4, 4], "rope_type": "default", "type": "default"},
            tie_word_embeddings=False,
            use_cache=True,
            use_sliding_window=False,
            sliding_window=32768,
            max_window_layers=12,
        ),
    )


def new_thinker(config, seed):
    """A thinker with fresh weights: fan-in scaled matrices, residual outputs small, embeddings of unit size."""
    torch.manual_seed(seed)
    thinker = Qwen2_5OmniThinkerForConditionalGeneration._from_config(config, attn_implementation="sdpa", dtype=torch.float32)
    for name, parameter in thinker.named_parameters():
        with torch.no_grad():
            if parameter.dim() < 2:
                continue
            if "embed_tokens" in name or "audio_bos_eos" in name:
                parameter.normal_(0, 0.5)
                continue
            spread = 1 / math.sqrt(parameter[0].numel())
            if any(key in name for key in ("o_proj", "out_proj", "down_proj", "fc2", "attn.proj")):
                spread *= 0.3
            if "lm_head" in name:
                spread *= 0.3
            parameter.normal_(0, spread)
    return thinker


def exact_weights(model):
    """All weights before they are rounded: name to float32 copy."""
    return {name: p.detach().float().clone() for name, p in model.named_parameters()}


def half(model):
    """Rounds the parameters to bfloat16, but not the audio positions, which are no parameters."""
    table = model.audio_tower.positional_embedding.positional_embedding.clone()
    model = model.bfloat16()
    model.audio_tower.positional_embedding.positional_embedding = table
    return model


# MARK: sound


_FILTERS = torch.from_numpy(
    mel_filter_bank(201, 128, 0.0, 8000.0, 16000, norm="slaney", mel_scale="slaney").astype(np.float32)
)
_HANN = torch.hann_window(400)


def log_mel(waveform):
    """Whisper's log-mel of a clip that is zero padded to 300 s, without computing the padding: [128, frames]."""
    padded = F.pad(F.pad(waveform[None], (200, 0), mode="reflect"), (0, 400))[0]
    count = math.ceil(len(waveform) / 160)
    pieces = padded.unfold(0, 400, 160)[:count] * _HANN
    power = torch.fft.rfft(pieces).abs() ** 2
    logs = torch.clamp(power @ _FILTERS, min=1e-10).log10()
    logs = torch.maximum(logs, logs.max() - 8.0)
    return ((logs + 4.0) / 4.0).T


def audio_features(tower, mels):
    """Mel windows [n, 128, 200] to tokens [n, 50, width]."""
    x = F.gelu(tower.conv1(mels))
    x = F.gelu(tower.conv2(x)).transpose(1, 2)
    x = x + tower.positional_embedding.positional_embedding[: x.shape[1]].to(x.dtype)
    for layer in tower.layers:
        y = layer.self_attn_layer_norm(x)
        attention = layer.self_attn
        q, k, v = (_heads(proj(y), 3) for proj in (attention.q_proj, attention.k_proj, attention.v_proj))
        y = attend(q, k, v)
        x = x + attention.out_proj(_flat(y))
        x = x + layer.fc2(F.gelu(layer.fc1(layer.final_layer_norm(x))))
    n, t, d = x.shape
    x = x.view(n, t // 2, 2, d).mean(2)
    return tower.proj(tower.ln_post(x))


# MARK: pictures


_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
# Merge units of the 4x4 grid in the order of the 2x2 attention windows.
_WINDOW_ORDER = torch.arange(16).view(2, 2, 2, 2).permute(0, 2, 1, 3).reshape(-1)
_RASTER_ORDER = torch.argsort(_WINDOW_ORDER)


def patches(film):
    """Frames uint8 [2n, 112, 112, 3] to patches [n, 64, 1176], merge units in attention-window order."""
    x = (film.astype(np.float32) / 255.0 - _MEAN) / _STD
    n = len(film) // 2
    x = torch.from_numpy(x).permute(0, 3, 1, 2).reshape(n, 2, 3, 4, 2, 14, 4, 2, 14)
    x = x.permute(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(n, 16, 4 * 1176)
    return x[:, _WINDOW_ORDER].reshape(n, 64, 1176)


def _vision_rotation(tower):
    """cos and sin for the 64 patches in attention-window order: [64, head]."""
    grid = torch.tensor([[1, 8, 8]])
    angles = tower.rot_pos_emb(grid).view(16, 4, -1)[_WINDOW_ORDER].reshape(64, -1)
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def vision_features(tower, x):
    """Patches [n, 64, 1176] to tokens [n, 16, width] in raster order."""
    cos, sin = (part.to(x.dtype) for part in _vision_rotation(tower))
    n = len(x)
    x = F.linear(x, tower.patch_embed.proj.weight.view(96, -1))
    for number, block in enumerate(tower.blocks):
        group = 64 if number in tower.fullatt_block_indexes else 16
        y = _rms(x, block.norm1)
        q, k = (_rotate(_heads(proj(y), 3), cos, sin) for proj in (block.attn.q, block.attn.k))
        v = _heads(block.attn.v(y), 3)
        q, k, v = (_grouped(part, group) for part in (q, k, v))
        y = attend(q, k, v)
        y = y.view(n, 64 // group, 3, group, 32).transpose(2, 3).reshape(n, 64, 96)
        x = x + block.attn.proj(y)
        x = x + _gated(block.mlp, _rms(x, block.norm2))
    x = _rms(x, tower.merger.ln_q).reshape(n, 16, 384)
    return tower.merger.mlp(x)[:, _RASTER_ORDER]


def _grouped(x, group):
    """[n, heads, 64, d] to [n * 64 / group, heads, group, d]."""
    n, heads, t, d = x.shape
    return x.view(n, heads, t // group, group, d).transpose(1, 2).reshape(-1, heads, group, d)


# MARK: the decoder


def rotation(config, positions):
    """cos and sin of multimodal rotary embedding for positions [3, ...]: two of [..., head]."""
    sections = config.rope_scaling["mrope_section"]
    half = sum(sections)
    frequencies = 1.0 / config.rope_theta ** (torch.arange(half).float() / half)
    axis = torch.repeat_interleave(torch.arange(3), torch.tensor(sections))
    angles = positions.float().movedim(0, -1)[..., axis] * frequencies
    angles = torch.cat([angles, angles], -1)
    return angles.cos(), angles.sin()


def with_media(embedded, media, ids, config):
    """Places media tokens [b, tokens, d] where the prefix ids [p] hold video and audio tokens: [b, p, d]."""
    holds = (ids == config.video_token_id) | (ids == config.audio_token_id)
    first, count = int(holds.nonzero()[0]), int(holds.sum())
    b = len(media)
    before = embedded[:first].expand(b, -1, -1)
    after = embedded[first + count :].expand(b, -1, -1)
    return torch.cat([before, media, after], 1)


def decode(text_model, prefix, prefix_rotation, tail, tail_rotation, mask):
    """Runs the decoder over a shared prefix and the questions behind it.

    prefix [b, p, d] (causal), tail [b, q, d]; mask [b, q, p + q] is 0 where a tail token sees and -inf where not.
    Rotations are (cos, sin) of shapes [p, head] and [b, 1, q, head]. Returns the normed tail [b, q, d].
    """
    x, y = prefix, tail
    p = prefix.shape[1]
    cos = torch.cat([prefix_rotation[0].expand(len(x), 1, -1, -1), tail_rotation[0]], 2).to(x.dtype)
    sin = torch.cat([prefix_rotation[1].expand(len(x), 1, -1, -1), tail_rotation[1]], 2).to(x.dtype)
    x = torch.cat([x, y], 1)
    causal = torch.full((1, p, p), -torch.inf, dtype=x.dtype).triu(1)
    for layer in text_model.layers:
        x = decoder_layer(layer, x, cos, sin, causal, mask, p)
    return _rms(x[:, p:], text_model.norm)


def decoder_layer(layer, x, cos, sin, causal, mask, p):
    y = _rms(x, layer.input_layernorm)
    attention = layer.self_attn
    q = _rotate(_heads(attention.q_proj(y), 4), cos, sin)
    k = _rotate(_heads(attention.k_proj(y), 2), cos, sin)
    v = _heads(attention.v_proj(y), 2)
    first = attend(q[:, :, :p], k[:, :, :p], v[:, :, :p], causal)
    second = attend(q[:, :, p:], k, v, mask)
    x = x + attention.o_proj(_flat(torch.cat([first, second], 2)))
    return x + _gated(layer.mlp, _rms(x, layer.post_attention_layernorm))


def attend(q, k, v, mask=None):
    """Plain softmax attention; query heads share key heads in consecutive groups. mask [b or 1, queries, keys] is added.

    On CPUs in bfloat16 these two products beat the fused kernel, above all in the backward pass.
    """
    n, heads, t, d = q.shape
    shared = heads // k.shape[1]
    q = (q * d**-0.5).reshape(n, heads // shared, shared * t, d)
    scores = q @ k.transpose(-1, -2)
    if mask is not None:
        scores = scores.view(n, heads // shared, shared, t, -1) + mask[:, None, None]
        scores = scores.view(n, heads // shared, shared * t, -1)
    return (scores.softmax(-1) @ v).view(n, heads, t, d)


def _heads(x, count):
    n, t, d = x.shape
    return x.view(n, t, count, d // count).transpose(1, 2)


def _flat(x):
    return x.transpose(1, 2).flatten(2)


def _rotate(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


def _rms(x, norm):
    return F.rms_norm(x, (x.shape[-1],), norm.weight.to(x.dtype), 1e-6)


def _gated(mlp, x):
    return mlp.down_proj(F.silu(mlp.gate_proj(x)) * mlp.up_proj(x))
