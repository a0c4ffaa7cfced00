"""Frames: a JSON header and raw tensors, of stated and bounded sizes."""

import json
import struct

import torch

#: The largest header and the largest payload, in bytes.
LARGEST_HEADER, LARGEST_PAYLOAD = 1 << 24, 1 << 31
MOST_TENSORS = 4096

DTYPES = {
    "f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16, "u32": torch.uint32, "u8": torch.uint8}
NAMES = {dtype: name for name, dtype in DTYPES.items()}


class Refused(Exception):
    """A request that this engine does not accept; its state is as before."""


class Malformed(Exception):
    """Bytes that are no frame: what follows cannot be read either."""


class Closed(Exception):
    """The other side has closed the connection."""


def read_frame(stream):
    """The header and the tensors of the next frame.

    Raises `Closed` at the end of the stream between frames, `Malformed` for everything that is no frame."""
    start = stream.read(12)
    if not start:
        raise Closed
    if len(start) < 12:
        raise Malformed("The stream ends within a frame.")
    head, body = struct.unpack("<IQ", start)
    if head > LARGEST_HEADER or body > LARGEST_PAYLOAD:
        raise Malformed(f"A frame states a header of {head} and a payload of {body} bytes, more than is allowed.")
    text, payload = stream.read(head), stream.read(body)
    if len(text) < head or len(payload) < body:
        raise Malformed("The stream ends within a frame.")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"A frame's header is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise Malformed("A frame's header is not a JSON object.")
    return header, tensors_of(header.pop("tensors", []), payload)


def tensors_of(stated, payload):
    """The tensors that lie in a payload, one after the other, as `[name, dtype, shape]` state them."""
    if not isinstance(stated, list) or len(stated) > MOST_TENSORS:
        raise Malformed("A frame's list of tensors is not a list, or too long.")
    tensors, at = {}, 0
    for entry in stated:
        name, dtype, shape = _checked(entry)
        count = 1
        for size in shape:
            count *= size
        size = count * DTYPES[dtype].itemsize
        if size > len(payload) - at or name in tensors:
            raise Malformed(f"The tensor {name!r} does not fit in its frame.")
        part = bytearray(payload[at : at + size])
        tensors[name] = (
            torch.frombuffer(part, dtype=DTYPES[dtype]).reshape(shape) if size else torch.empty(shape, dtype=DTYPES[dtype]))
        at += size
    if at != len(payload):
        raise Malformed(f"A frame has {len(payload) - at} bytes that belong to no tensor.")
    return tensors


def _checked(entry):
    if not (isinstance(entry, list) and len(entry) == 3):
        raise Malformed("A tensor is not stated as name, type and shape.")
    name, dtype, shape = entry
    is_shape = isinstance(shape, list) and len(shape) <= 8 and all(
        isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= LARGEST_PAYLOAD for size in shape)
    if not (isinstance(name, str) and isinstance(dtype, str) and dtype in DTYPES and is_shape):
        raise Malformed("A tensor's name, type or shape is not valid.")
    return name, dtype, shape


def frame(header, tensors=None):
    """The bytes of a frame."""
    parts, stated = [], []
    for name, tensor in (tensors or {}).items():
        tensor = tensor.detach().contiguous().cpu()
        stated.append([name, NAMES[tensor.dtype], list(tensor.shape)])
        parts.append(tensor.reshape(-1).view(torch.uint8).numpy().tobytes() if tensor.numel() else b"")
    head = json.dumps({**header, **({"tensors": stated} if stated else {})}, separators=(",", ":")).encode()
    body = sum(map(len, parts))
    if len(head) > LARGEST_HEADER or body > LARGEST_PAYLOAD:
        raise Refused(f"The answer has {body} bytes, more than a frame holds.")
    return b"".join([struct.pack("<IQ", len(head), body), head, *parts])
