"""python reference.py CHECKPOINT CLIP: the five largest logits after a golden clip, and the first greedy ids, by the
thinker in plain transformers (4.57 or 5), float32, eager."""
import json, sys, tomllib, warnings

warnings.filterwarnings("ignore")
import numpy as np, soundfile, torch, transformers

transformers.logging.set_verbosity_error()
torch.set_num_threads(1)
checkpoint, clip = sys.argv[1:]
config = json.load(open(checkpoint + "/config.json"))
third = "qwen3" in config["model_type"]
if third:
    from transformers import Qwen3OmniMoeProcessor as Processor, Qwen3OmniMoeThinkerForConditionalGeneration as Model
else:
    from transformers import Qwen2_5OmniProcessor as Processor, Qwen2_5OmniThinkerForConditionalGeneration as Model


def frames(path):
    data, place, found = open(path, "rb").read(), 0, []
    while place < len(data):
        fields = data[place:place + 40].split(None, 4)[:4]
        width, height = int(fields[1]), int(fields[2])
        start = place + len(b"%s\n%d %d\n%d\n" % (fields[0], width, height, int(fields[3])))
        found.append(np.frombuffer(data, np.uint8, width * height * 3, start).reshape(height, width, 3))
        place = start + width * height * 3
    return np.stack(found)


info = tomllib.load(open(clip + "/clip.toml", "rb"))
before = info.get("preprocess", {})
side = 32 if third else 28
size = {"shortest_edge": before.get("min_pixels", 128 * side**2), "longest_edge": before.get("max_pixels", 768 * side**2)}
sound, rate = soundfile.read(clip + "/audio.wav", dtype="float32")
assert rate == 16000
system = info.get("system", None if third else "You are a helpful assistant.")
head = f"<|im_start|>system\n{system}<|im_end|>\n" if system else ""
media = "<|vision_start|><|video_pad|><|vision_end|>" if third else "<|vision_bos|><|VIDEO|><|vision_eos|>"
text = f"{head}<|im_start|>user\n{media}{info['question']}<|im_end|>\n<|im_start|>assistant\n"
videos = {"fps": info["fps"], "use_audio_in_video": True, "do_sample_frames": False, "size": size}
call = dict(text=text, videos=[torch.from_numpy(frames(clip + "/video.ppm").copy()).permute(0, 3, 1, 2)], audio=[sound],
            return_tensors="pt", padding=True, videos_kwargs=videos)
if transformers.__version__.startswith("5"):
    videos.pop("use_audio_in_video")
    call |= {"load_audio_from_video": True, "audio_from_video_indices": [0]}
inputs = dict(Processor.from_pretrained(checkpoint)(**call))
if "second_per_grid" in before:
    inputs["video_second_per_grid"] = torch.tensor([float(before["second_per_grid"])])
elif "video_second_per_grid" in inputs:
    inputs["video_second_per_grid"] = torch.as_tensor(inputs["video_second_per_grid"])
model = Model.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation="eager").eval()
if third and not transformers.__version__.startswith("5"):
    # 4.57's eager attention forgets the blocks of the audio tower.
    import transformers.models.qwen3_omni_moe.modeling_qwen3_omni_moe as module

    plain = module.Qwen3OmniMoeAudioAttention.forward

    def forward(self, hidden_states, cu_seqlens=None, attention_mask=None, **rest):
        count = hidden_states.shape[0]
        mask = torch.full((1, 1, count, count), float("-inf"))
        for first, last in zip(cu_seqlens, cu_seqlens[1:]):
            mask[..., first:last, first:last] = 0
        return plain(self, hidden_states, cu_seqlens=cu_seqlens, attention_mask=mask, **rest)

    module.Qwen3OmniMoeAudioAttention.forward = forward
with torch.no_grad():
    logits = model(**inputs, use_audio_in_video=True).logits[0, -1]
    top = torch.topk(logits, 5)
    ids = model.generate(**inputs, use_audio_in_video=True, max_new_tokens=4, min_new_tokens=4, do_sample=False)
print(json.dumps({"transformers": transformers.__version__, "top": [[int(i), float(v)] for v, i in zip(*top)],
                  "ids": ids[0, inputs["input_ids"].shape[1]:].tolist()}))
