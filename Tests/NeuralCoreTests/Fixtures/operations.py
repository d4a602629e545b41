"""Values and gradients of differentiable operations as PyTorch computes them.

    python operations.py            (torch 2.13.0, transformers 5.23.0; float32 on one thread; writes operations.json
                                     beside itself)

For each operation: its inputs (shape and elements), its output, the gradient that arrives there, and those it sends on.
"""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers.models.gptj.modeling_gptj import rotate_every_two
from transformers.models.llama.modeling_llama import rotate_half

torch.set_num_threads(1)
torch.manual_seed(17)
TARGETS = torch.tensor([6, 2, 0, 2, 12, 3])


def entropy(logits):
    log_p = logits.log_softmax(-1)
    return -(log_p.exp() * log_p).sum(-1)


def capped(h, w):
    return 4 * torch.tanh(h @ w.T / 4) / 0.7


def rotated(x, rotate, pairs):
    """Heads of 6 channels, 3 rows of 2 heads at positions 0, 5 and 90; `pairs` spreads 3 angles over 6 channels."""
    angles = torch.tensor([0.0, 5, 90])[:, None] / 10_000 ** (torch.arange(3) / 3)
    angles = pairs(angles)[:, None]
    heads = x.view(1, 3, 2, 6)
    return (heads * angles.cos() + rotate(heads) * angles.sin()).view(3, 12)


def summed(x, indices, count):
    return torch.zeros(count, *x.shape[1:]).index_add(0, torch.tensor(indices), x)


def normed_sum(norm, x, y, *weights):
    """Both results of the fused operation, one above the other."""
    return torch.cat([x + y, norm(x + y, (11,), *weights, eps=1e-5)])


OPERATIONS = {
    "sum of two": (torch.add, (3, 1, 5), (2, 5)),
    "difference": (torch.sub, (3, 1, 5), (2, 5)),
    "negative": (torch.neg, (3, 7)),
    "with numbers": (lambda x: (3 - (2 * x + 1) / 4) + 5 / (x * x + 1) - 2, (3, 7)),
    "exp": (lambda x: x.exp(), (3, 7)),
    "log": (lambda x: (x * x + 0.1).log(), (3, 7)),
    "square root": (lambda x: (x * x + 0.1).sqrt(), (3, 7)),
    "magnitude": (torch.abs, (3, 7)),
    "tanh": (lambda x: x.tanh(), (3, 7)),
    "sigmoid": (lambda x: x.sigmoid(), (3, 7)),
    "log sigmoid": (F.logsigmoid, (3, 7)),
    "gelu": (F.gelu, (3, 7)),
    "gelu (tanh)": (lambda x: F.gelu(x, approximate="tanh"), (3, 7)),
    "silu": (F.silu, (3, 7)),
    "relu": (F.relu, (3, 7)),
    "relu squared": (lambda x: F.relu(x) ** 2, (3, 7)),
    "swiGLU": (lambda gate, up: F.silu(gate) * up, (3, 7), (3, 7)),
    "broadcast product": (lambda a, b: a * b, (3, 1, 5), (2, 5)),
    "quotient": (lambda a, b: a / (b * b + 1), (4, 5), (5,)),
    "clip": (lambda x: x.clamp(-0.5, 1), (3, 7)),
    "minimum": (torch.minimum, (3, 7), (3, 7)),
    "maximum": (torch.maximum, (3, 7), (3, 7)),
    "replacing": (lambda a, b: torch.where(a > b, b, a * a), (3, 7), (3, 7)),
    "broadcast": (lambda x: x.expand(2, 3, 4), (3, 1)),
    "sum": (torch.sum, (3, 4, 5)),
    "mean": (torch.mean, (3, 4, 5)),
    "sums along the first axis": (lambda x: x.sum(0), (3, 4, 5)),
    "sums along the middle axis": (lambda x: x.sum(1), (3, 4, 5)),
    "means along the last axis": (lambda x: x.mean(2), (3, 4, 21)),
    "row maxima": (lambda x: x.max(-1).values, (3, 4, 21)),
    "reshaped": (lambda x: x.reshape(2, 6), (3, 4)),
    "slice": (lambda x: x[1:4], (5, 2, 3)),
    "transposed": (lambda x: x.transpose(1, 2), (2, 17, 9)),
    "concatenated": (lambda *tensors: torch.cat(tensors), (2, 3), (1, 3), (4, 3)),
    "product": (torch.matmul, (5, 19), (19, 7)),
    "product, first transposed": (lambda a, b: a.T @ b, (19, 5), (19, 7)),
    "product, second transposed": (lambda a, b: a @ b.T, (5, 19), (7, 19)),
    "product, both transposed": (lambda a, b: a.T @ b.T, (19, 5), (7, 19)),
    "batched product": (torch.matmul, (2, 3, 9), (2, 9, 5)),
    "batched product, both transposed": (lambda a, b: a.mT @ b.mT, (2, 9, 3), (2, 5, 9)),
    "linear": (F.linear, (2, 3, 9), (7, 9), (7,)),
    "mean squared error": (F.mse_loss, (3, 7), (3, 7)),
    "cross-entropy": (lambda x: F.cross_entropy(x, torch.tensor([3, 0, 20])), (3, 21)),
    "softmax": (lambda x: x.softmax(-1), (3, 11)),
    "log softmax": (lambda x: x.log_softmax(-1), (3, 11)),
    "RMS norm": (lambda x, w: F.rms_norm(x, (11,), w, eps=1e-5), (2, 3, 11), (11,)),
    "layer norm": (lambda x, w, b: F.layer_norm(x, (11,), w, b, eps=1e-5), (2, 3, 11), (11,), (11,)),
    "RMS norm of a sum": (lambda x, y, w: normed_sum(F.rms_norm, x, y, w), (5, 11), (5, 11), (11,)),
    "layer norm of a sum": (
        lambda x, y, w, b: normed_sum(F.layer_norm, x, y, w, b), (5, 11), (5, 11), (11,), (11,)),
    "rotary, halves": (lambda x: rotated(x, rotate_half, lambda a: torch.cat([a, a], 1)), (3, 12)),
    "rotary, adjacent": (lambda x: rotated(x, rotate_every_two, lambda a: a.repeat_interleave(2, 1)), (3, 12)),
    "summed into rows": (lambda x: summed(x, [2, 0, 2, 2, 0], 3), (5, 4)),
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
    return {"shape": list(tensor.shape), "elements": [float(f"{x:.9g}") for x in tensor.detach().flatten()]}


def record(function, *shapes):
    inputs = [torch.randn(shape).requires_grad_() for shape in shapes]
    output = function(*inputs)
    arriving = torch.randn(output.shape)
    gradients = torch.autograd.grad(output, inputs, arriving)
    return {"inputs": [plain(x) for x in inputs], "output": plain(output), "arriving": plain(arriving),
            "gradients": [plain(g) for g in gradients]}


lines = [f"{json.dumps(name)}: {json.dumps(record(*operation))}" for name, operation in OPERATIONS.items()]
Path(__file__).with_suffix(".json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
