#!/usr/bin/env python3
"""Attention of Hone and of PyTorch in turns, as ratios: compare-attention-with-torch.py [THREADS] [ROUNDS].

Build first: swift build -c release --package-path Benchmarks. Needs torch. Each round runs `hone-benchmarks attention`
once and scaled_dot_product_attention once over the same rows, 6 heads of 64 channels, forward and backward of the sum
of the output; a ratio is the median over rounds of PyTorch's time by ours.
"""
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

threads = int(sys.argv[1]) if len(sys.argv) > 1 else torch.get_num_threads()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
torch.set_num_threads(threads)
binary = Path(__file__).parent / ".build/release/hone-benchmarks"


def ours():
    """Milliseconds by length."""
    text = subprocess.run([binary, "attention", "--threads", str(threads), "--rounds", "5"],
                          check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in text.splitlines() if re.match(r"^ +\d", line)]
    return {int(fields[0]): float(fields[2]) for fields in lines}


def theirs(length):
    q, k, v = (torch.randn(4096 // length, 6, length, 64, requires_grad=True) for _ in range(3))
    times = []
    for _ in range(6):
        start = time.perf_counter()
        torch.autograd.grad(F.scaled_dot_product_attention(q, k, v, is_causal=True).sum(), (q, k, v))
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times[1:])


pairs = {}
for _ in range(rounds):
    for length, mine in ours().items():
        pairs.setdefault(length, []).append((mine, theirs(length)))
print("length  ours, ms  PyTorch, ms  PyTorch / ours, more is better")
for length, times in pairs.items():
    mine, peer = (statistics.median(side) for side in zip(*times))
    print(f"{length:6}  {mine:8.1f}  {peer:11.1f}  {statistics.median(b / a for a, b in times):.2f}")
