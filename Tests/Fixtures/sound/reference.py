"""python reference.py > resampled.json: what librosa 0.11 (soxr) makes of a made-up sound at several rates, 16 kHz.

The sound is sample i = ((7 i² + 131 i) mod 2001 − 1000) / 1250 rounded to 16 bits, stereo with the
second channel reversed in sign every third sample."""
import json
import librosa, numpy as np

cases = []
for rate, count, channels in [(8000, 90, 1), (11025, 123, 1), (22050, 245, 2), (44100, 487, 2), (48000, 530, 1), (96000, 1000, 2)]:
    i = np.arange(count, dtype=np.int64)
    first = ((7 * i * i + 131 * i) % 2001 - 1000) * 26
    sound = np.stack([first, np.where(i % 3 == 0, -first, first)])[:channels]
    mono = (sound.astype(np.float32) / 32768).mean(axis=0)
    made = librosa.resample(mono, orig_sr=rate, target_sr=16000)
    cases.append({"rate": rate, "samples": [[int(x) for x in c] for c in sound], "resampled": [round(float(x), 7) for x in made]})
print(json.dumps(cases, separators=(",", ":")))
