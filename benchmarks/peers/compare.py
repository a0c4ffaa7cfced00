#!/usr/bin/env python3
"""Prefill side by side: seats-top, llama.cpp and PyTorch, in turn, on this machine.

All run four decoder layers of the shape of Qwen2.5-Omni-3B with random weights, each in every type that
is asked for. Each engine is a process of its own, which prints a line of
JSON when it is ready (threads, type, instructions, version), and answers a line with a token count by a
line of JSON. See README.md.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
OWN_TYPES = ["bf16", "int8"]
LLAMA_TYPES = ["BF16", "F16", "Q8_0", "Q4_K"]
TORCH_TYPES = ["bfloat16", "float32"]


class Engine:
    """A process that prefills as many tokens as it is asked to."""

    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.facts = self.read()

    @property
    def described(self):
        """What the engine says that it uses."""
        facts = [f"{key} {value}" for key, value in self.facts.items() if value]
        return f"{self.name}: " + ", ".join(facts)

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} stopped; its own message is above.")
        return json.loads(line)

    def prefill(self, tokens):
        print(tokens, file=self.process.stdin, flush=True)
        return self.read()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    arguments = parse()
    threads = str(arguments.threads)
    engines = [
        Engine(f"seats-top {kind}", [arguments.engine_bench, "serve", threads, kind])
        for kind in arguments.types]
    peers = (
        ("llama.cpp", arguments.llama_python, "llama_engine.py", arguments.llama_types),
        ("PyTorch", arguments.torch_python, "torch_engine.py", arguments.torch_types))
    for name, python, script, types in peers:
        for kind in types if python else []:
            engines.append(
                Engine(f"{name} {kind}", [python, str(HERE / script), threads, kind]))
    for engine in engines:
        print(engine.described, flush=True)
        engine.prefill(arguments.tokens[0])
    print(f"{threads} threads, {arguments.rounds} rounds in turn after one that is not counted; "
          "tokens/s by CPU time: tokens per CPU-second × threads", flush=True)
    for tokens in arguments.tokens:
        report(tokens, measured(engines, tokens, arguments.rounds), arguments.threads)
    for engine in engines:
        engine.close()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine-bench", default=".build/release/engine-bench")
    parser.add_argument("--types", nargs="+", metavar="TYPE", choices=OWN_TYPES, default=OWN_TYPES,
                        help="types of seats-top: " + ", ".join(OWN_TYPES))
    parser.add_argument("--llama-python", help="a Python with llama-cpp-python and gguf")
    parser.add_argument("--torch-python", help="a Python with torch")
    parser.add_argument("--llama-types", nargs="+", metavar="TYPE", choices=LLAMA_TYPES,
                        default=LLAMA_TYPES, help="weight types: " + ", ".join(LLAMA_TYPES))
    parser.add_argument("--torch-types", nargs="+", metavar="TYPE", choices=TORCH_TYPES,
                        default=TORCH_TYPES, help="dtypes: " + ", ".join(TORCH_TYPES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, nargs="+", default=[512, 2048, 4096])
    return parser.parse_args()


def measured(engines, tokens, rounds):
    """Answers per engine and round."""
    answers = {engine.name: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            answers[engine.name].append(engine.prefill(tokens))
            # Its threads may still wait for more work, spinning.
            time.sleep(0.3)
    return answers


def report(tokens, answers, threads):
    own = [name for name in answers if name.startswith("seats-top")]
    heads = "".join(f"{'to ' + name.split()[1]:>9}" for name in own)
    print(f"\n{tokens} tokens" + " " * 20 + f"tokens/s by CPU time (least–most)   by wall time{heads}")
    for kind, title in (("every", "every row of 4 layers"), ("last", "the next token only")):
        speeds = {
            name: [tokens / answer[kind]["cpu"] * threads for answer in rounds]
            for name, rounds in answers.items() if kind in rounds[0]}
        middle = {name: statistics.median(values) for name, values in speeds.items()}
        for name, values in speeds.items():
            wall = statistics.median(tokens / answer[kind]["wall"] for answer in answers[name])
            ratios = "".join(f"{middle[mine] / middle[name]:9.2f}" for mine in own)
            print(f"  {title:24}{name:20}{middle[name]:7.0f} ({min(values):.0f}–{max(values):.0f})"
                  f"{wall:22.0f}{ratios}")
        for peer in ("llama.cpp", "PyTorch"):
            types = {name: speed for name, speed in middle.items() if name.startswith(peer)}
            if types:
                fastest = max(types, key=types.get)
                ratios = ", ".join(
                    f"{name} {middle[name] / types[fastest]:.2f} times as fast" for name in own)
                print(f"  {title:24}fastest of {peer}: {fastest}; {ratios}")
    for name in own:
        share = statistics.median(
            answer["flops"] / answer["every"]["cpu"] / answer["peak"] for answer in answers[name])
        peak = statistics.median(answer["peak"] for answer in answers[name]) / 1e9
        print(f"  {name}, every row: {100 * share:.1f} % of {peak:.0f} GFLOP/s, "
              "the measured bfloat16 peak of a core", flush=True)


if __name__ == "__main__":
    main()
