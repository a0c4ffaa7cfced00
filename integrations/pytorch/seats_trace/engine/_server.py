"""Reads requests on a thread of its own, so that a cancel is seen while another request works."""

import os
import queue
import threading
import time

import torch

from ._engine import Cancelled
from ._wire import Closed, Malformed, Refused, frame, read_frame

#: The newest version of the protocol, and the oldest that is understood.
NEWEST, OLDEST = 1, 1
MOST_WAITING = 4096
#: While a request works, the other side is sent a sign of life so often, in seconds.
BEAT = 2.0


class Server:
    """Answers requests in the order in which they came, one at a time."""

    def __init__(self, make_engine, source, sink):
        self.make_engine, self.source, self.sink = make_engine, source, sink
        self.waiting = queue.Queue()
        self.lock = threading.Lock()
        #: Numbers of the requests that wait or are at work, and of those among them that were cancelled.
        self.open, self.cancelled = set(), set()
        self.engine = None
        self.writing, self.silent_since, self.is_busy = threading.Lock(), time.monotonic(), False

    def run(self):
        """Until the end of the stream. Returns the exit code."""
        threading.Thread(target=self._beat, daemon=True).start()
        try:
            header, _ = self._first()
        except Closed:
            return 0
        except Malformed as error:
            self._send({"id": None, "ok": False, "kind": "refused", "error": str(error)})
            return 2
        number = header.get("id")
        if not self._agrees(header):
            self._send({
                "id": number, "ok": False, "kind": "version", "oldest": OLDEST, "newest": NEWEST,
                "error": f"This engine speaks versions {OLDEST} to {NEWEST} of the protocol."})
            return 2
        self.is_busy = True
        try:
            self.engine = self.make_engine()
            answer, _ = self.engine.answer("hello", header, {})
        except BaseException as error:  # noqa: BLE001 - whatever the libraries raise is the answer
            self._send({"id": number, **failure(error)})
            return 1
        self._send({"id": number, "ok": True, "protocol": NEWEST, **answer})
        self.is_busy = False
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            request = self.waiting.get()
            if request is None:
                return 0
            if isinstance(request, Malformed):
                self._send({"id": None, "ok": False, "kind": "refused", "error": str(request)})
                return 2
            self.is_busy = True
            self._work(*request)
            self.is_busy = False

    def _first(self):
        header, tensors = read_frame(self.source)
        if header.get("op") != "hello":
            raise Malformed("The first request is not hello.")
        return header, tensors

    @staticmethod
    def _agrees(header):
        oldest, newest = header.get("oldest"), header.get("newest")
        whole = all(isinstance(value, int) for value in (oldest, newest))
        return whole and oldest <= NEWEST and newest >= OLDEST

    def _listen(self):
        try:
            while True:
                header, tensors = read_frame(self.source)
                op, number = header.pop("op", None), header.get("id")
                if op == "cancel":
                    self._cancel(header.get("of"))
                    continue
                if not isinstance(op, str) or not isinstance(number, int):
                    raise Malformed("A request has no op or no id.")
                with self.lock:
                    if len(self.open) >= MOST_WAITING:
                        raise Malformed(f"More than {MOST_WAITING} requests wait.")
                    self.open.add(number)
                self.waiting.put((op, number, header, tensors))
        except Malformed as error:
            self.waiting.put(error)
        except (Closed, OSError):
            # Nobody reads an answer any more: what is at work ends as soon as it can.
            with self.lock:
                self.cancelled |= self.open
            self.waiting.put(None)
        except BaseException as error:  # noqa: BLE001
            self.waiting.put(Malformed(f"A frame could not be read: {error}"))

    def _cancel(self, number):
        with self.lock:
            if number in self.open:
                self.cancelled.add(number)

    def _work(self, op, number, header, tensors):
        def check():
            if number in self.cancelled:
                raise Cancelled

        self.engine.check = check
        is_done = False
        try:
            self._release(header)
            check()
            answer, made = self.engine.answer(op, header, tensors)
            data = frame({"id": number, "ok": True, **answer}, made)
            is_done = True
        except BaseException as error:  # noqa: BLE001 - one request's failure is not the process's
            data = frame({"id": number, **failure(error)})
        if not is_done:
            # Not before the error is gone: it holds the frames, and with them the tensors, of the request.
            _give_back()
        with self.lock:
            self.open.discard(number)
            self.cancelled.discard(number)
        self._write(data)

    def _release(self, header):
        """States that are not needed any more are released whatever becomes of the request."""
        numbers = header.pop("release", [])
        if not isinstance(numbers, list):
            raise Refused("release is not a list.")
        for number in numbers:
            if isinstance(number, int):
                self.engine.states.pop(number, None)

    def _send(self, header):
        self._write(frame(header))

    def _write(self, data):
        with self.writing:
            try:
                self.sink.write(data)
                self.sink.flush()
            except OSError:
                # The other side is gone.
                os._exit(0)
            self.silent_since = time.monotonic()

    def _beat(self):
        while True:
            time.sleep(BEAT / 4)
            if self.is_busy and time.monotonic() - self.silent_since >= BEAT:
                self._send({"beat": True})


def failure(error):
    """A typed answer for what was raised."""
    if isinstance(error, Cancelled):
        return {"ok": False, "kind": "cancelled", "error": "The request was cancelled."}
    if isinstance(error, Refused):
        return {"ok": False, "kind": "refused", "error": str(error)}
    if isinstance(error, (torch.cuda.OutOfMemoryError, MemoryError)) or _is_cpu_memory(error):
        return {"ok": False, "kind": "memory", "error": f"Out of memory: {_line(error)}"}
    return {"ok": False, "kind": "internal", "error": f"{type(error).__name__}: {_line(error)}"}


def _is_cpu_memory(error):
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)


def _line(error):
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no reason given")[:2000]


def _give_back():
    """What a failed request held is freed for the next one."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
