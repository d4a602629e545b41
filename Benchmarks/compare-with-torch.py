#!/usr/bin/env python3
"""Matrix products of Hone and of PyTorch in turns, as ratios: compare-with-torch.py [THREADS] [ROUNDS].

Build first: swift build -c release --package-path Benchmarks. Needs torch. Each round runs `hone-benchmarks products`
once and PyTorch once at the same shapes; a ratio is the median over rounds of PyTorch's time by ours.
"""
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

threads = int(sys.argv[1]) if len(sys.argv) > 1 else torch.get_num_threads()
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
torch.set_num_threads(threads)
binary = Path(__file__).parent / ".build/release/hone-benchmarks"
line = re.compile(r"^(\w+) (\d+)×(\d+)×(\d+) +(.*)$")


def ours():
    """Billions of operations a second by shape: float32 and bfloat16."""
    text = subprocess.run([binary, "products", "--threads", str(threads), "--rounds", "3"],
                          check=True, capture_output=True, text=True).stdout
    found = {}
    for match in filter(None, map(line.match, text.splitlines())):
        numbers = match[5].split()
        found[match[1], int(match[2]), int(match[3]), int(match[4])] = float(numbers[0]), float(numbers[3])
    return found


def theirs(name, m, n, k, dtype):
    a = torch.randn(k, m, dtype=dtype).t() if name == "dW" else torch.randn(m, k, dtype=dtype)
    b = torch.randn(k, n, dtype=dtype) if name in ("dW", "dX", "square") else torch.randn(n, k, dtype=dtype).t()
    operations = 2e-9 * m * n * k
    repetitions = max(1, int(0.4 / operations))
    rates = []
    for _ in range(4):
        start = time.perf_counter()
        for _ in range(repetitions):
            torch.mm(a, b)
        rates.append(operations * repetitions / (time.perf_counter() - start))
    return statistics.median(rates[1:])


ratios = {}
for _ in range(rounds):
    for shape, rates in ours().items():
        peers = theirs(*shape, torch.float32), theirs(*shape, torch.bfloat16)
        ratios.setdefault(shape, []).append([mine / peer for mine, peer in zip(rates, peers)])
print("shape                          float32  bfloat16   (ours / PyTorch, more is better)")
for shape, pairs in ratios.items():
    single, half = (statistics.median(column) for column in zip(*pairs))
    print(f"{shape[0]:10}{shape[1]:6}×{shape[2]}×{shape[3]:<10} {single:8.2f}  {half:8.2f}")
