"""python -m seats_trace.engine --model DIR"""

import argparse
import os
import sys


def main():
    # Whatever prints, prints to stderr: stdout carries frames only.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    options = arguments().parse_args()
    if options.model is None:
        arguments().error("--model is missing: a directory, or the name of a model on the hub")

    def make():
        import torch

        from . import _engine, _loading

        if options.threads:
            torch.set_num_threads(options.threads)
        # Convolutions of float32 weights in float32: survivors are compared with those of other engines.
        torch.backends.cudnn.allow_tf32 = False
        return _engine.Engine(_loading.load(
            options.model, options.dtype, options.device_map, options.adapter, options.random_weights))

    from ._server import Server

    code = Server(make, sys.stdin.buffer, sink).run()
    sink.flush()
    # Threads of libraries, and of the reader, must not keep a process whose other side is gone.
    os._exit(code)


def arguments():
    parser = argparse.ArgumentParser(
        prog="python -m seats_trace.engine",
        description="A model in PyTorch as an engine of seats-top: frames on stdin and stdout.")
    parser.add_argument("--model", help="checkpoint directory, or a model's name on the hub")
    parser.add_argument("--dtype", default="auto", help="type of the weights: auto, float32, bfloat16, float16")
    parser.add_argument("--device-map", help="as transformers takes it: cpu, cuda, cuda:1, auto; default: the first GPU")
    parser.add_argument("--adapter", help="directory of a PEFT adapter")
    parser.add_argument("--threads", type=int, help="threads of torch on a CPU")
    parser.add_argument(
        "--random-weights", type=int, metavar="LAYERS",
        help="random weights of the model's shape, with at most so many decoder layers: for timing")
    return parser


if __name__ == "__main__":
    main()
