"""Attention and rotary embedding in PyTorch and transformers: outputs and gradients.

    python make_attention.py   (torch 2.13.0, transformers 5.23, safetensors; one thread; writes attention.safetensors)

    <case>.query, .key, .value, .cotangent, .output      [rows, heads · head size], float32
    <case>.query_gradient, .key_gradient, .value_gradient
    <case>.lengths, .parents                             segments, depth-first; -1 begins a tree
    rotary.input, .cotangent                             [rows, 2 · 16]
    rotary.positions
    rotary.<name>.output, .gradient                      names: plain, linear, llama3, adjacent

Cases without a soft-cap are computed by scaled_dot_product_attention, the others by its definition.
"""
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import LlamaConfig
from transformers.models.gptj import modeling_gptj
from transformers.models.llama import modeling_llama

torch.set_num_threads(1)
torch.manual_seed(1)

# lengths, parents, heads, key-value heads, head size, window, soft-cap, scale
CASES = {
    "causal": ([37], [-1], 1, 1, 64, None, None, None),
    "grouped": ([20, 13], [-1, -1], 6, 2, 8, None, None, None),
    "forest": ([17, 9, 6, 11, 5], [-1, 0, 1, 0, -1], 4, 2, 16, None, None, None),
    "window": ([30, 12, 25], [-1, 0, 0], 2, 1, 10, 14, None, 0.3),
    "capped": ([19, 8, 7], [-1, 0, 1], 3, 3, 8, 16, 1.25, 0.5),
}


def mask(lengths, parents, window):
    """Which row (first axis) sees which (second): the rule, row by row."""
    rows, starts = [], []
    for segment, (length, parent) in enumerate(zip(lengths, parents)):
        start = starts[parent] + lengths[parent] if parent >= 0 else 0
        starts.append(start)
        rows += [(segment, start + i) for i in range(length)]
    above = []
    for segment, parent in enumerate(parents):
        above.append({segment} | (above[parent] if parent >= 0 else set()))
    return torch.tensor(
        [[b in above[a] and 0 <= p - r and (window is None or p - r < window) for b, r in rows] for a, p in rows])


def attention(q, k, v, seen, cap, scale):
    repeats = q.shape[0] // k.shape[0]
    k, v = k.repeat_interleave(repeats, 0), v.repeat_interleave(repeats, 0)
    if cap is None:
        return F.scaled_dot_product_attention(q, k, v, attn_mask=seen, scale=scale)
    scores = cap * torch.tanh(q @ k.transpose(-1, -2) * scale / cap)
    return scores.masked_fill(~seen, float("-inf")).softmax(-1) @ v


tensors = {}
for name, (lengths, parents, heads, kv_heads, size, window, cap, scale) in CASES.items():
    rows = sum(lengths)
    inputs = [torch.randn(rows, n * size, requires_grad=True) for n in (heads, kv_heads, kv_heads)]
    cotangent = torch.randn(rows, heads * size)
    q, k, v = (x.view(rows, -1, size).transpose(0, 1) for x in inputs)
    seen = mask(lengths, parents, window)
    output = attention(q, k, v, seen, cap, scale or size**-0.5).transpose(0, 1).reshape(rows, -1)
    gradients = torch.autograd.grad(output, inputs, cotangent)
    for role, x, g in zip(("query", "key", "value"), inputs, gradients):
        tensors[f"{name}.{role}"], tensors[f"{name}.{role}_gradient"] = x.detach(), g
    tensors |= {
        f"{name}.cotangent": cotangent, f"{name}.output": output.detach(),
        f"{name}.lengths": torch.tensor(lengths, dtype=torch.int32),
        f"{name}.parents": torch.tensor(parents, dtype=torch.int32)}

SIZE, ROWS = 16, 12
x = torch.randn(ROWS, 2 * SIZE, requires_grad=True)
cotangent = torch.randn(ROWS, 2 * SIZE)
positions = torch.tensor([0, 1, 2, 3, 17, 63, 64, 500, 5, 4095, 2, 8191], dtype=torch.int32)
tensors |= {"rotary.input": x.detach(), "rotary.cotangent": cotangent, "rotary.positions": positions}

LLAMA = {
    "plain": {"rope_type": "default", "rope_theta": 10_000.0},
    "linear": {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0},
    "llama3": {
        "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 8192},
}
heads = x.view(1, ROWS, 2, SIZE)
for name in (*LLAMA, "adjacent"):
    if name == "adjacent":
        table = modeling_gptj.create_sinusoidal_positions(8192, SIZE)[positions.long()][None]
        sin, cos = table.chunk(2, dim=-1)
        output = modeling_gptj.apply_rotary_pos_emb(heads, sin, cos)
    else:
        config = LlamaConfig(
            hidden_size=2 * SIZE, num_attention_heads=2, max_position_embeddings=32768,
            rope_parameters=LLAMA[name])
        cos, sin = modeling_llama.LlamaRotaryEmbedding(config)(heads, positions[None])
        output, _ = modeling_llama.apply_rotary_pos_emb(heads, heads, cos, sin, unsqueeze_dim=2)
    output = output.reshape(ROWS, -1)
    tensors[f"rotary.{name}.output"] = output.detach().contiguous()
    tensors[f"rotary.{name}.gradient"] = torch.autograd.grad(output, x, cotangent, retain_graph=True)[0].contiguous()

save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, Path(__file__).with_name("attention.safetensors"))
