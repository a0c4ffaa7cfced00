"""A model in PyTorch as an engine of seats-top: `python -m seats_trace.engine --model DIR`.

Frames on stdin and stdout, as docs/engine-protocol.md says; nothing else is written there."""
