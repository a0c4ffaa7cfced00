"""Writes the tokenizer and the other text files of the checkpoint directory.

    python build_tokenizer.py OUT

Byte-level BPE in Qwen2.5-Omni's own format. The merges are not learnt but built: each word of the world becomes one
token, bare and with its leading space; every other text still encodes, byte by byte.
"""

import json
import pathlib
import sys

import thinker as net
from questions import WORDS

SPECIAL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>", "<|box_end|>",
    "<|quad_start|>", "<|quad_end|>", "<|vision_bos|>", "<|vision_eos|>", "<|vision_pad|>", "<|IMAGE|>", "<|VIDEO|>",
]  # fmt: skip
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n{% else %}"
    "{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "<|vision_bos|><|IMAGE|><|vision_eos|>"
    "{% elif content['type'] == 'audio' or 'audio' in content or 'audio_url' in content %}"
    "<|audio_bos|><|AUDIO|><|audio_eos|>"
    "{% elif content['type'] == 'video' or 'video' in content %}<|vision_bos|><|VIDEO|><|vision_eos|>"
    "{% elif 'text' in content %}{{ content['text'] }}{% endif %}{% endfor %}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def byte_characters():
    """GPT-2's printable stand-ins: byte to character, in vocabulary order."""
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, extra = {byte: chr(byte) for byte in printable}, 0
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(256 + extra)
            extra += 1
    return table


def merged(symbols, ranks):
    """Applies BPE merges to a list of symbols."""
    while len(symbols) > 1:
        pairs = [(ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(symbols, symbols[1:]))]
        rank, i = min(pairs)
        if rank == 1 << 30:
            break
        symbols = symbols[:i] + [symbols[i] + symbols[i + 1]] + symbols[i + 2 :]
    return symbols


def build(words):
    """Vocabulary and merges. A word's merges rank below all earlier ones, so earlier words stay whole."""
    characters = byte_characters()
    vocabulary = {c: i for i, c in enumerate(sorted(characters.values()))}
    merges, ranks = [], {}
    for word in words + [" " + word for word in words]:
        symbols = merged([characters[byte] for byte in word.encode()], ranks)
        while len(symbols) > 1:
            pair = (symbols[0], symbols[1])
            ranks[pair] = len(merges)
            merges.append(pair)
            vocabulary.setdefault("".join(pair), len(vocabulary))
            symbols = merged([characters[byte] for byte in word.encode()], ranks)
    return vocabulary, merges


def main(out):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    vocabulary, merges = build(WORDS)
    special = {token: len(vocabulary) + i for i, token in enumerate(SPECIAL)}
    size = -(-(len(vocabulary) + len(SPECIAL)) // 64) * 64

    def added(token):
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        return {"content": token, **flags}

    def byte_level(space, offsets, regex):
        return {"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": offsets, "use_regex": regex}

    def write(name, value, indent=1):
        (out / name).write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n")

    write("tokenizer.json", {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, **added(token)} for token, i in special.items()],
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                byte_level(False, True, False),
            ],
        },
        "post_processor": byte_level(False, False, False),
        "decoder": byte_level(True, True, True),
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": vocabulary, "merges": [list(pair) for pair in merges],
        },
    })  # fmt: skip
    write("vocab.json", vocabulary, None)
    (out / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    roles = {
        "image_token": "<|IMAGE|>", "audio_token": "<|AUDIO|>", "video_token": "<|VIDEO|>",
        "vision_bos_token": "<|vision_bos|>", "vision_eos_token": "<|vision_eos|>",
        "audio_bos_token": "<|audio_bos|>", "audio_eos_token": "<|audio_eos|>",
    }  # fmt: skip
    write("tokenizer_config.json", {
        "add_prefix_space": False,
        "added_tokens_decoder": {str(i): added(token) for token, i in special.items()},
        "additional_special_tokens": SPECIAL[1:],
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "extra_special_tokens": roles,
        **roles,
        "processor_class": "Qwen2_5OmniProcessor",
        "model_max_length": 32768,
        "pad_token": "<|endoftext|>",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
        "chat_template": TEMPLATE,
    })  # fmt: skip
    write("chat_template.json", {"chat_template": TEMPLATE})
    mean, std = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
    picture = {"image_mean": mean, "image_std": std, "max_pixels": 12845056, "min_pixels": 784, "merge_size": 2,
               "patch_size": 14, "temporal_patch_size": 2, "processor_class": "Qwen2_5OmniProcessor"}
    write("preprocessor_config.json", dict(sorted({
        "chunk_length": 300, "dither": 0.0, "feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 128,
        "hop_length": 160, "image_processor_type": "Qwen2VLImageProcessor", "n_fft": 400, "n_samples": 4800000,
        "nb_max_frames": 30000, "padding_side": "right", "padding_value": 0.0, "return_attention_mask": True,
        "sampling_rate": 16000, **picture,
    }.items())))  # fmt: skip
    write("video_preprocessor_config.json", {
        **picture, "video_processor_type": "Qwen2VLVideoProcessor", "do_resize": True, "do_rescale": True,
        "rescale_factor": 1 / 255, "do_normalize": True, "do_convert_rgb": True, "resample": 3, "min_frames": 4,
        "max_frames": 768, "size": {"shortest_edge": 784, "longest_edge": 12845056},
    })  # fmt: skip
    write("generation_config.json", {
        "do_sample": False, "eos_token_id": [special["<|im_end|>"], special["<|endoftext|>"]],
        "pad_token_id": special["<|endoftext|>"], "max_new_tokens": 64, "transformers_version": "4.57.1",
    })  # fmt: skip
    thinker = net.configuration(special, size)
    wanted = json.loads(thinker.to_json_string(use_diff=False))
    write("config.json", whole_configuration(wanted, vocabulary["user"]))
    print(f"{len(vocabulary)} tokens, {len(merges)} merges, {len(special)} special, embedding of {size}")


_TOP = ("audio_token_index audio_start_token_id audio_end_token_id image_token_index video_token_index "
        "vision_start_token_id vision_end_token_id vision_token_id bos_token_id eos_token_id pad_token_id "
        "position_id_per_seconds seconds_per_chunk initializer_range").split()
_AUDIO = ("model_type activation_function d_model encoder_attention_heads encoder_ffn_dim encoder_layers "
          "num_hidden_layers max_source_positions n_window num_mel_bins output_dim scale_embedding dropout "
          "attention_dropout activation_dropout initializer_range").split()
_VISION = ("model_type depth hidden_size embed_dim hidden_act intermediate_size num_heads in_channels in_chans "
           "patch_size spatial_patch_size spatial_merge_size temporal_patch_size window_size out_hidden_size "
           "fullatt_block_indexes tokens_per_second initializer_range").split()
_TEXT = ("model_type vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads "
         "num_key_value_heads hidden_act max_position_embeddings rms_norm_eps rope_theta rope_scaling "
         "tie_word_embeddings use_cache use_sliding_window sliding_window max_window_layers attention_dropout "
         "initializer_range").split()


def whole_configuration(wanted, user):
    """config.json of the whole model, without a talker."""

    def section(name, keys):
        return {key: wanted[name][key] for key in keys if key in wanted[name]}

    text = section("text_config", _TEXT)
    text["sliding_window"] = text["max_position_embeddings"]
    audio = section("audio_config", _AUDIO)
    for key in ("dropout", "attention_dropout", "activation_dropout"):
        audio[key] = 0.0
    return {
        "architectures": ["Qwen2_5OmniForConditionalGeneration"],
        "enable_audio_output": False,
        "enable_talker": False,
        "model_type": "qwen2_5_omni",
        "torch_dtype": "bfloat16",
        "transformers_version": "4.57.1",
        "thinker_config": {
            "architectures": ["Qwen2_5OmniThinkerForConditionalGeneration"],
            "model_type": "qwen2_5_omni_thinker",
            **{key: wanted[key] for key in _TOP if key in wanted},
            "user_token_id": user,
            "ignore_index": -100,
            "torch_dtype": "bfloat16",
            "audio_config": audio,
            "vision_config": section("vision_config", _VISION),
            "text_config": text,
        },
    }


if __name__ == "__main__":
    main(sys.argv[1])
