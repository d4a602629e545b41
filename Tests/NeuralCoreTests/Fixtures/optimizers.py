"""Ten steps of each optimizer on a matrix, a tall one and a vector, along given gradients.

    python optimizers.py            (torch 2.13.0; float32 on one thread; writes optimizers.json beside itself)

AdamW, SGD and Adafactor are those of torch.optim; Lion and Muon are written here from their papers' formulas.
"""
import json
from pathlib import Path

import torch

torch.set_num_threads(1)
torch.manual_seed(5)
SHAPES = {"wide": (5, 7), "tall": (9, 4), "vector": (6,)}
STEPS = 10
start = {name: torch.randn(shape) for name, shape in SHAPES.items()}
gradients = [{name: torch.randn(shape) * (1 + step % 3) for name, shape in SHAPES.items()} for step in range(STEPS)]


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, Algorithm 2."""

    def __init__(self, parameters, lr, betas, weight_decay):
        super().__init__(parameters, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), lr = group["betas"], group["lr"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                update = torch.sign(beta1 * m + (1 - beta1) * p.grad)
                p.sub_(lr * (update + group["weight_decay"] * p))
                m.copy_(beta2 * m + (1 - beta2) * p.grad)


class Muon(torch.optim.Optimizer):
    """Jordan et al. 2024, with a Newton-Schulz iteration in float32 and decoupled decay."""

    def __init__(self, parameters, lr, weight_decay):
        super().__init__(parameters, dict(lr=lr, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                m.lerp_(p.grad, 0.05)
                x = p.grad.lerp(m, 0.95)
                tall = x.shape[0] > x.shape[1]
                x = x.T if tall else x
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    a = x @ x.T
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                x = x.T if tall else x
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(x, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def groups(parameters, decay):
    return [{"params": [p for p in parameters if p.dim() == 2], "weight_decay": decay},
            {"params": [p for p in parameters if p.dim() != 2], "weight_decay": 0.0}]


def muon(parameters):
    return [Muon([p for p in parameters if p.dim() == 2], lr=0.02, weight_decay=0.1),
            torch.optim.AdamW([p for p in parameters if p.dim() != 2], lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0)]


CASES = {
    "AdamW": lambda p: [torch.optim.AdamW(groups(p, 0.1), lr=1e-2, betas=(0.9, 0.95), eps=1e-8)],
    "SGD": lambda p: [torch.optim.SGD(groups(p, 0.0), lr=1e-2)],
    "SGD with momentum": lambda p: [torch.optim.SGD(groups(p, 0.1), lr=1e-2, momentum=0.9)],
    "SGD with Nesterov": lambda p: [torch.optim.SGD(groups(p, 0.1), lr=1e-2, momentum=0.9, nesterov=True)],
    "Adafactor": lambda p: [torch.optim.Adafactor(groups(p, 0.1), lr=1e-2)],
    "Lion": lambda p: [Lion(groups(p, 0.1), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)],
    "Muon": muon,
}


def run(make):
    parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizers = make(list(parameters.values()))
    for step in gradients:
        for name, parameter in parameters.items():
            parameter.grad = step[name].clone()
        for optimizer in optimizers:
            optimizer.step()
    return parameters


def plain(values):
    return {name: [float(x) for x in value.detach().flatten()] for name, value in values.items()}


out = {"start": plain(start), "gradients": [plain(step) for step in gradients],
       "results": {name: plain(run(make)) for name, make in CASES.items()}}
text = json.dumps(out).replace("]}, {", "]},\n{").replace("}, \"", "},\n\"")
Path(__file__).with_suffix(".json").write_text(text + "\n")
