"""A two-layer GPT in plain PyTorch: logits, loss, every gradient, ten AdamW steps and ten Muon steps.

    python make_gpt.py            (torch 2.13.0, safetensors; float32 on one thread; writes gpt.safetensors beside itself)

    tokens, lengths             three sequences, one after the other
    parameter.<name>            before training
    logits, loss, gradient.<name>
    adamw.losses, adamw.<name>  learning rate 1e-3, betas 0.9 0.95, epsilon 1e-8, decay 0.1 on matrices
    muon.losses, muon.<name>    learning rate 0.02 on the blocks' matrices; AdamW as above on all else
"""
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

torch.set_num_threads(1)
VOCABULARY, CONTEXT, WIDTH, HEADS, DEPTH = 41, 16, 24, 3, 2
LENGTHS = [9, 14, 5]


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        for name in ["query", "key", "value", "output"]:
            setattr(self, name, nn.Linear(WIDTH, WIDTH))
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        heads = lambda y: y.view(-1, HEADS, WIDTH // HEADS).transpose(0, 1)
        n = self.attention_norm(x)
        a = F.scaled_dot_product_attention(
            heads(self.query(n)), heads(self.key(n)), heads(self.value(n)), is_causal=True)
        x = x + self.output(a.transpose(0, 1).reshape(-1, WIDTH))
        return x + self.down(F.gelu(self.up(self.feed_forward_norm(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, sequence):
        x = self.tokens(sequence) + self.positions.weight[: len(sequence)]
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.weight.T


def fresh():
    torch.manual_seed(11)
    model = GPT()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.normal_(0, 0.15)
            else:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def loss_of(model, tokens):
    total, logits, begin = 0.0, [], 0
    for length in LENGTHS:
        sequence = tokens[begin:begin + length]
        logits.append(model(sequence))
        total = total + F.cross_entropy(logits[-1][:-1], sequence[1:], reduction="sum")
        begin += length
    return total / (sum(LENGTHS) - len(LENGTHS)), torch.cat(logits)


def orthogonalized(m, steps=5):
    """Newton-Schulz iteration of Jordan et al. 2024 in float32."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = m.T if m.shape[0] > m.shape[1] else m
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        g = x @ x.T
        x = a * x + (b * g + c * g @ g) @ x
    return x.T if m.shape[0] > m.shape[1] else x


class Muon(torch.optim.Optimizer):
    """Momentum 0.95 with Nesterov's look-ahead, update scaled by sqrt(max(1, rows / columns))."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
                momentum.lerp_(p.grad, 1 - 0.95)
                update = orthogonalized(p.grad.lerp(momentum, 0.95))
                p.add_(update, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def adamw(named):
    return torch.optim.AdamW(
        [{"params": [p for _, p in named if p.dim() == 2], "weight_decay": 0.1},
         {"params": [p for _, p in named if p.dim() != 2], "weight_decay": 0.0}],
        lr=1e-3, betas=(0.9, 0.95), eps=1e-8)


def train(model, optimizers, tokens):
    losses = []
    for _ in range(10):
        model.zero_grad()
        loss, _ = loss_of(model, tokens)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def main():
    out = {}
    torch.manual_seed(12)
    tokens = torch.randint(0, VOCABULARY, (sum(LENGTHS),))
    model = fresh()
    loss, logits = loss_of(model, tokens)
    loss.backward()
    out |= {"tokens": tokens.int(), "lengths": torch.tensor(LENGTHS).int(), "logits": logits, "loss": loss[None]}
    for name, parameter in model.named_parameters():
        out |= {f"parameter.{name}": parameter.clone(), f"gradient.{name}": parameter.grad.clone()}
    out["adamw.losses"] = train(model, [adamw(list(model.named_parameters()))], tokens)
    out |= {f"adamw.{name}": parameter for name, parameter in model.named_parameters()}

    model = fresh()
    named = list(model.named_parameters())
    inside = [(n, p) for n, p in named if n.startswith("blocks") and p.dim() == 2]
    outside = [(n, p) for n, p in named if not (n.startswith("blocks") and p.dim() == 2)]
    out["muon.losses"] = train(model, [Muon([p for _, p in inside], lr=0.02), adamw(outside)], tokens)
    out |= {f"muon.{name}": parameter for name, parameter in model.named_parameters()}
    save_file({k: v.detach().contiguous().clone() for k, v in out.items()}, Path(__file__).parent / "gpt.safetensors")
    print(out["loss"], out["adamw.losses"], out["muon.losses"])


main()
