"""Muon for the matrices of the blocks, AdamW for everything else, over float32 masters of bfloat16 parameters."""

import torch


def orthogonalised(gradients):
    """Five Newton-Schulz steps on a stack of matrices [n, rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradients.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.float().norm(dim=(1, 2), keepdim=True).bfloat16() + 1e-7)
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * (square @ square)) @ x
    return (x.transpose(1, 2) if tall else x).float()


class Optimiser:
    """Steps masters of named parameters, and writes them back into the parameters."""

    def __init__(self, named, weight_decay=0.02, momentum=0.95, betas=(0.9, 0.98)):
        self.weight_decay, self.momentum, self.betas = weight_decay, momentum, betas
        self.names, self.parameters = zip(*named)
        self.masters = [p.detach().float().clone() for p in self.parameters]
        self.first = [torch.zeros_like(m) for m in self.masters]
        self.second = {}
        self.steps = 0
        groups = {}
        for index, (name, p) in enumerate(named):
            if p.dim() == 2 and ".layers." in name or p.dim() == 2 and ".blocks." in name:
                groups.setdefault(tuple(p.shape), []).append(index)
            else:
                self.second[index] = torch.zeros_like(self.masters[index])
        self.groups = groups

    def gradient(self):
        """All gradients as one float32 vector."""
        return torch.cat(
            [(torch.zeros_like(p) if p.grad is None else p.grad).float().flatten() for p in self.parameters]
        )

    @torch.no_grad()
    def step(self, rate, gradient):
        """One update at learning rate `rate` from the vector `gradient()` gave (perhaps averaged and clipped)."""
        self.steps += 1
        pieces = [
            piece.view_as(m) for piece, m in zip(gradient.split([m.numel() for m in self.masters]), self.masters)
        ]
        for shape, members in self.groups.items():
            for index in members:
                self.first[index].mul_(self.momentum).add_(pieces[index])
            ahead = torch.stack([pieces[i] + self.momentum * self.first[i] for i in members])
            update = orthogonalised(ahead) * (0.2 * max(shape) ** 0.5)
            for index, delta in zip(members, update):
                self.masters[index].mul_(1 - rate * self.weight_decay).sub_(rate * delta)
        for index, second in self.second.items():
            b1, b2 = self.betas
            g = pieces[index]
            self.first[index].mul_(b1).add_(g, alpha=1 - b1)
            second.mul_(b2).addcmul_(g, g, value=1 - b2)
            m = self.first[index] / (1 - b1**self.steps)
            v = second / (1 - b2**self.steps)
            self.masters[index].sub_(rate * m / (v.sqrt() + 1e-8))
        self.publish()

    @torch.no_grad()
    def publish(self):
        """Writes the masters into the parameters, rounding to their precision."""
        for p, m in zip(self.parameters, self.masters):
            p.copy_(m)
            p.grad = None

    def state(self):
        return {"masters": dict(zip(self.names, self.masters)), "first": self.first, "second": self.second,
                "steps": self.steps}

    @torch.no_grad()
    def restore(self, state):
        self.masters = [state["masters"][name] for name in self.names]
        self.first, self.second, self.steps = state["first"], state["second"], state["steps"]
        self.publish()
