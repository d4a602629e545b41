"""Values and gradients of differentiable operations as PyTorch computes them.

    python operations.py            (torch 2.13.0; float32 on one thread; writes operations.json beside itself)

For each operation: its inputs (shape and elements), its output, the gradient that arrives there, and those it sends on.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(17)
TARGETS = torch.tensor([6, 2, 0, 2, 12, 3])


def entropy(logits):
    log_p = logits.log_softmax(-1)
    return -(log_p.exp() * log_p).sum(-1)


def capped(h, w):
    return 4 * torch.tanh(h @ w.T / 4) / 0.7


OPERATIONS = {
    "exp": (lambda x: x.exp(), (3, 7)),
    "tanh": (lambda x: x.tanh(), (3, 7)),
    "sigmoid": (lambda x: x.sigmoid(), (3, 7)),
    "log sigmoid": (F.logsigmoid, (3, 7)),
    "gelu": (F.gelu, (3, 7)),
    "gelu (tanh)": (lambda x: F.gelu(x, approximate="tanh"), (3, 7)),
    "silu": (F.silu, (3, 7)),
    "relu squared": (lambda x: F.relu(x) ** 2, (3, 7)),
    "swiGLU": (lambda gate, up: F.silu(gate) * up, (3, 7), (3, 7)),
    "broadcast product": (lambda a, b: a * b, (3, 1, 5), (2, 5)),
    "quotient": (lambda a, b: a / (b * b + 1), (4, 5), (5,)),
    "clip": (lambda x: x.clamp(-0.5, 1), (3, 7)),
    "minimum": (torch.minimum, (3, 7), (3, 7)),
    "softmax": (lambda x: x.softmax(-1), (3, 11)),
    "log softmax": (lambda x: x.log_softmax(-1), (3, 11)),
    "RMS norm": (lambda x, w: F.rms_norm(x, (11,), w, eps=1e-5), (2, 3, 11), (11,)),
    "layer norm": (lambda x, w, b: F.layer_norm(x, (11,), w, b, eps=1e-5), (2, 3, 11), (11,), (11,)),
    "embedding": (lambda w: F.embedding(torch.tensor([2, 0, 2, 2, 3]), w), (4, 3)),
    "head": (lambda h, w: F.cross_entropy(h @ w.T, TARGETS, reduction="sum"), (6, 5), (13, 5)),
    "head with z-loss": (
        lambda h, w: F.cross_entropy(h @ w.T, TARGETS, reduction="sum")
        + 0.1 * (h @ w.T).logsumexp(-1).square().sum(), (6, 5), (13, 5)),
    "capped log-probabilities": (
        lambda h, w: capped(h, w).log_softmax(-1)[torch.arange(6), TARGETS], (6, 5), (13, 5)),
    "capped entropies": (lambda h, w: entropy(capped(h, w)), (6, 5), (13, 5)),
}


def plain(tensor):
    return {"shape": list(tensor.shape), "elements": [float(x) for x in tensor.detach().flatten()]}


def record(function, *shapes):
    inputs = [torch.randn(shape).requires_grad_() for shape in shapes]
    output = function(*inputs)
    arriving = torch.randn(output.shape)
    gradients = torch.autograd.grad(output, inputs, arriving)
    return {"inputs": [plain(x) for x in inputs], "output": plain(output), "arriving": plain(arriving),
            "gradients": [plain(g) for g in gradients]}


lines = [f"{json.dumps(name)}: {json.dumps(record(*operation))}" for name, operation in OPERATIONS.items()]
Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
