"""Hooks on the modules of a thinker, and their removal."""

import functools
import sys
import threading
import types
import warnings

import torch

#: In front of what other hooks make of an output: what the module itself put out.
after = functools.partial(torch.nn.Module.register_forward_hook, with_kwargs=True, prepend=True)
before = functools.partial(torch.nn.Module.register_forward_pre_hook, with_kwargs=True)


def guarded(*states):
    """A recorder must not stop what it records: whatever fails in a hook ends the recording, not the run.

    - states: in which the hook does something; other calls, those of other threads, and what is traced for a
      compiled graph pass by.
    """

    def decorate(hook):
        @functools.wraps(hook)
        def run(self, *arguments):
            if torch.compiler.is_compiling() or self.state not in states:
                return None
            if self.thread is not None and self.thread != threading.get_ident():
                return None
            try:
                with self.clock.stopped(), torch.no_grad():
                    return hook(self, *arguments)
            except Exception as error:
                self.fail(error)
                return None

        return run

    return decorate


def warn(text: str):
    """A warning, even where warnings are made errors: then it is printed."""
    try:
        warnings.warn(text, stacklevel=4)
    except Exception:
        print(f"Warning: {text}", file=sys.stderr)


def _of_one(thinker, watched, generate):
    """A method that is `watched` of the thinker itself; copies made of it meanwhile keep their own `generate`."""
    function = getattr(generate, "__func__", None)

    @functools.wraps(generate)
    def method(self, *args, **kwargs):
        if self is thinker:
            return watched(*args, **kwargs)
        return generate(*args, **kwargs) if function is None else function(self, *args, **kwargs)

    return method


class Hooks:
    """What is hooked, to be taken away again."""

    def __init__(self):
        self._handles, self._entrances = [], []
        self._thinker = self._watched = None
        self._own = False

    def watch_generate(self, thinker, watch):
        """Puts `watch(generate)` in the place of the thinker's `generate`, which may be the user's own."""
        self._thinker, self._own = thinker, "generate" in vars(thinker)
        self._generate = thinker.generate
        self._watched = types.MethodType(_of_one(thinker, watch(self._generate), self._generate), thinker)
        thinker.generate = self._watched

    def add(self, handle):
        self._handles.append(handle)

    def enter_layers(self, layers, entered, arrived):
        """Hooks behind every hook that is there already, so that layers are seen as they are really entered.

        - entered: index → hook; arrived: hook in front of all others.
        """
        for handle in self._entrances:
            handle.remove()
        self._entrances = [before(layer, entered(index)) for index, layer in enumerate(layers)]
        self._entrances += [before(layer, arrived, prepend=True) for layer in layers]

    def remove(self):
        for handle in self._handles + self._entrances:
            handle.remove()
        self._handles, self._entrances = [], []
        thinker, self._thinker = self._thinker, None
        # What the user has put in its place meanwhile stays.
        if thinker is not None and vars(thinker).get("generate") is self._watched:
            if self._own:
                thinker.generate = self._generate
            else:
                del thinker.generate
