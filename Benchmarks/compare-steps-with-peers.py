#!/usr/bin/env python3
"""Whole steps of Hone and of PyTorch and TRL in turns, as ratios.

    compare-steps-with-peers.py PEERS [--rounds N] [--only NAME …] [--bfloat16]

Build first: swift build -c release --package-path Benchmarks; HONE_BENCHMARKS names another binary, PEERS_OUT the folder for
generated files. PEERS is the folder with train_torch.py and trl_bench.py, and this script is run by a Python that has torch, trl and their dependencies. Each round runs one side and then the
other in processes of their own; a ratio is the median over rounds.
"""
import argparse
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("peers", type=Path)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--only", nargs="*")
parser.add_argument("--bfloat16", action="store_true")
options = parser.parse_args()

binary = Path(os.environ.get("HONE_BENCHMARKS", Path(__file__).parent / ".build/release/hone-benchmarks"))
precision = "bf16" if options.bfloat16 else "fp32"
ours = ["--bfloat16"] if options.bfloat16 else []
out = Path(os.environ.get("PEERS_OUT", "peers-out")).resolve()
memory = re.compile(r"maxrss_MB=(\d+)")


def changed(name, *changes):
    """A copy of the peer's script with other data."""
    text = (options.peers / "trl_bench.py").read_text()
    for old, new in changes:
        if old not in text:
            raise SystemExit(f"trl_bench.py has no {old}")
        text = text.replace(old, new)
    out.mkdir(parents=True, exist_ok=True)
    script = out / f"trl_bench_{name}.py"
    script.write_text(text)
    return script


def trl(kind, script=options.peers / "trl_bench.py"):
    return [sys.executable, script, kind, precision, "5"]


# Conversations of 32 to 256 tokens of which a third are the prompt, as ours are, in place of full windows; and DPO with a long
# prompt.
count = "32+i%16*224//15"
ragged = changed(
    "ragged", ("'text':piece(i,300)", f"'prompt':piece(2*i,({count})//3),'completion':piece(2*i+1,({count})*2//3)"),
    ("tokstep=16*256", "tokstep=16*144"))
longer = [("piece(3*i,64)", "piece(3*i,192)"), (",230)", ",78)")]
long_prompt = changed("192", *longer)
precomputed = changed("192_precomputed", *longer, ("trl.DPOConfig(", "trl.DPOConfig(precompute_ref_log_probs=True,"))
ours_192 = ["alignment", "dpo", "--prompt", "192", "--completion", "64", "--rounds", "4"]


def torch(model, batch, length):
    return [sys.executable, options.peers / "train_torch.py", model, str(batch), str(length), precision, "eager", "2", "4"]


def training(model, batch, length):
    return ["training", "--model", model, "--batch", str(batch), "--length", str(length), "--rounds", "4"]


# What is measured: the peer's command, ours, and the figure that both print.
cases = {
    "training 13.8 M, 16 × 256": (torch("llama", 16, 256), training("llama", 16, 256), r"tok/s=(\d+)"),
    "training GPT-2 124 M, 4 × 64": (torch("gpt2", 4, 64), training("gpt2", 4, 64), r"tok/s=(\d+)"),
    "training GPT-2 124 M, 1 × 1,024": (torch("gpt2", 1, 1024), training("gpt2", 1, 1024), r"tok/s=(\d+)"),
    "SFT": (trl("sft", ragged), ["alignment", "sft", "--rounds", "4"], r"tok/s=(\d+)"),
    "DPO, 64 + 192": (trl("dpo"), ["alignment", "dpo", "--rounds", "4"], r"tok/s=(\d+)"),
    "DPO, 192 + 64": (trl("dpo", long_prompt), ours_192, r"tok/s=(\d+)"),
    "DPO, 192 + 64, reference precomputed": (trl("dpo", precomputed), ours_192 + ["--precomputed"], r"tok/s=(\d+)"),
    "GRPO": (trl("grpo"), ["alignment", "grpo", "--rounds", "4"], r"tok/s=(\d+)"),
}


def measured(command, figure):
    text = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, env={**os.environ, "PEERS_OUT": str(out)}).stdout
    line = next((line for line in text.splitlines() if re.search(figure, line) and memory.search(line)), None)
    if line is None:
        raise SystemExit(f"no figure in the output of {command}")
    return float(re.search(figure, line)[1]), int(memory.search(line)[1])


print(f"{precision:40} {'ours':>10} {'peer':>10} {'ratio':>7}   memory: ours, peer (MB)")
for name, (peer, mine, figure) in cases.items():
    if options.only and not any(word in name for word in options.only):
        continue
    pairs = [(measured([binary, *mine, *ours], figure), measured(peer, figure)) for _ in range(options.rounds)]
    speed, peers = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(pair[0][0] / pair[1][0] for pair in pairs)
    used, theirs = (statistics.median(pair[side][1] for pair in pairs) for side in (0, 1))
    print(f"{name:40} {speed:10.0f} {peers:10.0f} {ratio:7.2f}   {used:.0f}, {theirs:.0f}", flush=True)
