"""python reference.py > random.json: random texts with the ids that tokenizers 0.22.2 makes of them, by the golden tokenizers."""
import json, random, sys
from tokenizers import Tokenizer

POOLS = [
    "abcdefgh ijklmnop qrstuvwxyz ETAOIN'", "0123456789 ٠١٢३४五六⅓Ⅷ²", " \t\n\r\u00a0\u2003\u3000\u200b\u0085\u2028\u180e\ufeff\x0b\x0c\x1c\x1f",
    "\u0301\u0308\u0327\u20dd\u0e31\u094d\u1ab0\u0344\u0f71\u0f72", "éèüñçÅÅﬁſßİıǅ", "😀👨\u200d👩\u200d👧🏽🇩🇪❤️☝🏿",
    "请描述视频中的声音和画面。日本語カタカナ한국어가각힣", "!?.,;:'\"()[]{}<>|@#$%^&*-_=+/\\~`", "ЖенщинаΣςάνעבריתالعربية",
    "𝔸𝒷𐍈𒀀𞤀𠀀\U000e0061\U0010ffff\ue000", "\u0958\u2126\u212b\u0340\ufb1d\uf900\u1100\u1161\u11a8\u0b4b",
    "'s 't 're 've 'm 'll 'd 'S 'RE 'ſ 'LL", "<|im_end|> <|video_pad|> <|VIDEO|>", "\uac00\u11a8\uac01\u11a8\u1100\u1161\u11a8\uc5b4\u11a8",
]
PIECES = ["I'm", "we'll", " don't", "\r\n", "\n\n", "   ", "a\u0301", "https://x.y/z?a=1", '{"k": [1,2]}']
generator = random.Random(20261127)


def text():
    parts = []
    for _ in range(generator.randint(1, 8)):
        kind = generator.random()
        if kind < 0.8:
            pool = generator.choice(POOLS)
            parts.append("".join(generator.choice(pool) for _ in range(generator.randint(1, 6))))
        elif kind < 0.9:
            parts.append(generator.choice(PIECES))
        else:
            code = generator.randint(0, 0x10FFFF)
            parts.append("x" if 0xD800 <= code < 0xE000 else chr(code))
    return "".join(parts)


names = ["qwen2_5_av", "qwen3_av"]
tokenizers = {n: Tokenizer.from_file(f"../golden/{n}/checkpoint/tokenizer.json") for n in names}
rows = []
for _ in range(240):
    words, name = text(), generator.choice(names)
    rows.append({"text": words, "checkpoint": name, "ids": tokenizers[name].encode(words).ids})
print(json.dumps(rows, separators=(",", ":")))
