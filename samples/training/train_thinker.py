"""Stage 3: teaches the thinker to answer, with two processes of one thread each.

    python train_thinker.py --rank 0 --run runs/main --bank runs/bank0 runs/bank1 --minutes 60 &
    python train_thinker.py --rank 1 --run runs/main --bank runs/bank0 runs/bank1 --minutes 60

--minutes counts from the start of the run: a run goes on from RUN/state.pt if there is one, so that a curriculum is a row
of calls with growing --minutes (train.sh). Without --bank the clips are rendered and the encoders learn along.
"""

import argparse
import os
import random
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F

import clips
import prompt
import questions
import thinker as net
from build_bank import load_encoders
from optimiser import Optimiser


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--model", default="../../model")
    parser.add_argument("--run", required=True)
    parser.add_argument("--start", help="weights to start from")
    parser.add_argument("--encoders", nargs=2)
    parser.add_argument("--bank", nargs="*")
    parser.add_argument("--first-seed", type=int, default=100_000_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--decay-from", type=float, default=0.5)
    parser.add_argument("--final", type=float, default=0.03)
    parser.add_argument("--phases", default="0:1,0.06:2,0.2:23,0.4:34,0.7:23456")
    parser.add_argument("--tokens", type=int, default=3600, help="tokens per process and step")
    parser.add_argument("--tail", type=int, default=176, help="tokens of questions per clip")
    parser.add_argument("--weights", default="", help="kind=weight,kind=weight")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="worth it from about ten minutes on")
    return parser.parse_args()


class Trainer:
    def __init__(self, o):
        self.o = o
        self.packer = prompt.Packer(o.model)
        self.model = prompt.fresh_model(o.model, o.seed)
        if o.encoders:
            load_encoders(self.model, o.encoders)
        if o.start:
            print(self.model.load_state_dict(torch.load(o.start), strict=False), flush=True)
        self.exact = net.exact_weights(self.model)
        self.model = net.half(self.model)
        named = [(n, p) for n, p in self.model.named_parameters() if "bos_eos" not in n]
        if o.bank:
            named = [(n, p) for n, p in named if not n.startswith(("visual", "audio_tower"))]
            for p in list(self.model.visual.parameters()) + list(self.model.audio_tower.parameters()):
                p.requires_grad_(False)
        self.optimiser = Optimiser(named)
        for name, master in zip(self.optimiser.names, self.optimiser.masters):
            master.copy_(self.exact[name])
        self.source = clips.Bank(o.bank) if o.bank else clips.Renderer(o.first_seed + 10_000_000 * o.rank)
        self.weights = dict(clips.WEIGHTS)
        self.weights.update({k: float(v) for k, v in (item.split("=") for item in o.weights.split(",") if item)})
        self.prefixes = {}
        self.minutes_before, self.asked = 0.0, 0
        if os.path.exists(self.path("state.pt")):
            state = torch.load(self.path("state.pt"))
            self.optimiser.restore(state["optimiser"])
            self.minutes_before, self.asked = state["minutes"], state["asked"]
        self.started = time.time()

    def path(self, name):
        return os.path.join(self.o.run, name)

    def prefix(self, windows, video, audio):
        key = (windows, video, audio)
        if key not in self.prefixes:
            ids, positions = self.packer.prefix(self.model, *key)
            self.prefixes[key] = (ids, net.rotation(self.model.config.text_config, positions),
                                  int(positions.max()) + 1)
        return self.prefixes[key]

    def batch_shape(self, progress):
        """Windows and modalities of this step: equal on all ranks."""
        choices = [item.split(":") for item in self.o.phases.split(",")]
        lengths = [digits for start, digits in choices if progress >= float(start)][-1]
        rng = random.Random(self.optimiser.steps * 7919 + self.o.seed)
        video, audio = rng.choices([(True, True), (True, False), (False, True)], [0.88, 0.06, 0.06])[0]
        return int(rng.choice(lengths)), video, audio

    def loss(self, progress):
        windows, video, audio = self.batch_shape(progress)
        rng = random.Random((self.optimiser.steps * 64 + self.o.rank) * 131 + self.o.seed)
        ids, spin, following = self.prefix(windows, video, audio)
        count = max(2, round(self.o.tokens / (len(ids) + self.o.tail)))
        specifications, encode = self.source.draw(count, windows, rng)
        rows, kinds = [], []
        for windows_of_clip in specifications:
            clip = questions.Clip(windows_of_clip, video, audio)
            made = clips.blocks_for(self.packer, clip, self.o.tail, rng, self.weights)
            kinds.append([kind for kind, _, _ in made])
            blocks = [(i, t, 0.35 if kind == "describe" else 1.0) for kind, i, t in made]
            rows.append(prompt.packed(blocks, self.o.tail, len(ids), following, self.packer.pad))
        tail, targets, positions, numbers, importance = (np.stack(part) for part in zip(*rows))
        mask = prompt.tail_mask(numbers, len(ids))

        embed = self.model.model.embed_tokens
        media = encode(self.model)
        media = media[:, :, (0 if video else net.VIDEO_TOKENS) : (None if audio else net.VIDEO_TOKENS)]
        prefix = net.with_media(embed(ids), media.reshape(count, -1, net.WIDTH), ids, self.model.config)
        cos, sin = net.rotation(self.model.config.text_config, torch.from_numpy(positions).expand(3, -1, -1))
        hidden = net.decode(self.model.model, prefix, spin, embed(torch.from_numpy(tail)),
                            (cos[:, None], sin[:, None]), mask)
        told = targets != -100
        logits = self.model.lm_head(hidden[torch.from_numpy(told)]).float()
        wanted = torch.from_numpy(targets[told])
        weight = torch.from_numpy(importance[told]) * torch.where(wanted == self.packer.end, 0.1, 1.0)
        losses = F.cross_entropy(logits, wanted, reduction="none")
        loss = (losses * weight).sum() / weight.sum()
        self.note(kinds, numbers, told, (logits.argmax(-1) == wanted).numpy(), windows)
        return loss

    def note(self, kinds, numbers, told, right, windows):
        rows, _ = np.nonzero(told)
        blocks = numbers[told]
        whole = {}
        for row, block, hit in zip(rows, blocks, right):
            whole[row, block] = whole.get((row, block), True) and hit
        for (row, block), hit in whole.items():
            tally = self.tallies.setdefault((kinds[row][block], windows), [0, 0])
            tally[0] += int(hit)
            tally[1] += 1
        self.clips_seen += len(kinds)

    def train(self):
        o, count = self.o, 0
        self.tallies, self.clips_seen, losses = {}, 0, []
        saved = time.time()
        progress = self.minutes_before / o.minutes
        while progress < 1:
            loss = self.loss(progress)
            loss.backward()
            gradient = self.optimiser.gradient()
            now = (self.minutes_before + (time.time() - self.started) / 60) / o.minutes
            message = torch.cat([gradient, torch.tensor([loss.item(), now])])
            if o.ranks > 1:
                dist.all_reduce(message)
                message /= o.ranks
            gradient, (mean, progress) = message[:-2], message[-2:].tolist()
            norm = gradient.norm().item()
            gradient *= min(1.0, 1.0 / (norm + 1e-6))
            warm = min(1.0, (self.optimiser.steps + 1) / 150)
            fall = min(1.0, (1 - progress) / max(1e-9, 1 - o.decay_from)) * (1 - o.final) + o.final
            self.optimiser.step(o.rate * warm * fall, gradient)
            losses.append(mean)
            count += 1
            if o.rank == 0 and count % 50 == 0:
                self.report(losses[-50:], norm, progress)
            if o.rank == 0 and time.time() - saved > 60:
                saved = time.time()
                self.save(progress)
        if o.rank == 0 and count:
            self.report(losses[-50:], norm, progress)
            self.save(1.0)

    def report(self, losses, norm, progress):
        self.asked += sum(t[1] for t in self.tallies.values()) * self.o.ranks
        by_kind = {}
        for (kind, _), (hits, asked) in self.tallies.items():
            total = by_kind.setdefault(kind, [0, 0])
            total[0] += hits
            total[1] += asked
        text = " ".join(
            f"{k}={by_kind[k][0] / by_kind[k][1]:.2f}" for k in questions.TYPES if k in by_kind
        )
        print(f"{progress * self.o.minutes:6.2f} min step {self.optimiser.steps} questions {self.asked} "
              f"windows {sorted({w for _, w in self.tallies})} loss {np.mean(losses):.4f} norm {norm:.2f} | {text}",
              flush=True)
        self.tallies = {}

    def save(self, progress):
        state = {"optimiser": self.optimiser.state(), "minutes": progress * self.o.minutes, "asked": self.asked}
        torch.save(state, self.path("state.tmp"))
        os.replace(self.path("state.tmp"), self.path("state.pt"))
        weights = dict(self.exact)
        weights.update({n: m.clone() for n, m in zip(self.optimiser.names, self.optimiser.masters)})
        torch.save(weights, self.path("weights.tmp"))
        os.replace(self.path("weights.tmp"), self.path("weights.pt"))


def main():
    o = options()
    torch.set_num_threads(1)
    if o.compile:
        net.decoder_layer = torch.compile(net.decoder_layer, dynamic=True)
    os.makedirs(o.run, exist_ok=True)
    if o.ranks > 1:
        store = dist.FileStore(os.path.abspath(os.path.join(o.run, "meeting")), o.ranks)
        dist.init_process_group("gloo", store=store, rank=o.rank, world_size=o.ranks)
    Trainer(o).train()


if __name__ == "__main__":
    main()
