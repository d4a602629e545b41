#!/usr/bin/env python3
"""The loss curve of `hone pretrain` next to that of PyTorch: same configuration, data order and statistics of fresh weights.

    compare_curve_with_torch.py HONE CORPUS TOKENIZER OUTPUT [STEPS [DRAWS]]

Runs `HONE pretrain` on a corpus in its own order, then trains the model of transformers that the written config.json
describes on the same windows, with torch's AdamW, once for each draw of fresh weights; prints both losses, and the ratio
of their means over the last tenth of the steps. Needs torch and transformers.
"""
import json
import math
import struct
import subprocess
import sys
from pathlib import Path

import numpy
import torch
from transformers import AutoConfig, AutoModelForCausalLM

hone, corpus, tokenizer, outputs = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])
steps = int(sys.argv[5]) if len(sys.argv) > 5 else 300
draws = int(sys.argv[6]) if len(sys.argv) > 6 else 3
length, windows, rate, warmup = 256, 8, 1e-3, 30
torch.set_num_threads(2)


def trained_by_hone(output, seed):
    """Losses and learning rates of a run with the weights that `seed` draws; the order of the data has no seed."""
    if not (output / "model.safetensors").exists():
        subprocess.run(
            [hone, "pretrain", "--corpus", corpus, "--tokenizer", tokenizer, "--depth", "4", "--width", "128", "--head-size",
             "32", "--context", str(length), "--batch", str(windows), "--steps", str(steps), "--optimizer", "adamw",
             "--learning-rate", str(rate), "--warmup", str(warmup), "--schedule", "linear", "--weight-decay", "0.1",
             "--no-shuffle", "--precision", "float32", "--seed", str(seed), "--output", str(output)], check=True)
    lines = [json.loads(line) for line in open(output / "metrics.jsonl")]
    return zip(*((line["loss"], line["learning_rate"]) for line in lines if "loss" in line))


def documents(path):
    """The documents of a shard; Documentation/Corpus.md describes the file."""
    data = path.read_bytes()
    size, count, tokens = struct.unpack_from("<4xIQQ", data, 8)[0:3]
    values = numpy.frombuffer(data, numpy.uint16 if size == 2 else numpy.uint32, tokens, 64)
    begins = numpy.frombuffer(data, numpy.uint64, count + 1, 64 + (tokens * size + 7) // 8 * 8).astype(int)
    return [values[a:b].astype(int).tolist() for a, b in zip(begins, begins[1:])]


def stretches(text, end):
    """A document between its ends; one of more than two windows in stretches of one."""
    if len(text) <= 2 * length:
        return [[end] + text + [end]]
    cuts = range(0, len(text), length)
    return [([] if begin else [end]) + text[max(0, begin - 1):begin + length] + ([end] if begin + length >= len(text) else [])
            for begin in cuts]


def pieces(output, end):
    """Pieces of documents that fill windows: a piece's last token is only predicted, and the next begins with it."""
    texts = [text for kind in ("text", "code") for text in documents(output / "tokens" / f"training-{kind}.tokens")]
    filled = 0
    while True:
        for rest in (stretch for text in texts for stretch in stretches(text, end)):
            while len(rest) > 1:
                taken = min(len(rest), length - filled % length + 1)
                yield rest[:taken]
                filled += taken - 1
                rest = rest[taken - 1:] if taken < len(rest) else []


def batches(output, end):
    """Rows of `length` tokens, with each token's position in its piece and which piece that is."""
    source = pieces(output, end)
    while True:
        tokens, targets, positions, numbers = [], [], [], []
        while len(tokens) < length * windows:
            piece = next(source)
            numbers += [len(numbers) and numbers[-1] + 1] * (len(piece) - 1)
            positions += range(len(piece) - 1)
            tokens += piece[:-1]
            targets += piece[1:]
        yield [torch.tensor(part).view(windows, length) for part in (tokens, targets, positions, numbers)]


def trained_by_torch(output, seed, rates):
    """The losses, at the given learning rates, of the model that the folder's configuration describes, with other weights
    of the same statistics."""
    torch.manual_seed(seed)
    configuration = AutoConfig.from_pretrained(output)
    configuration._attn_implementation = "sdpa"
    model = AutoModelForCausalLM.from_config(configuration, dtype=torch.float32)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2:
            into_residual = name.endswith(("o_proj.weight", "down_proj.weight"))
            deviation = 0.02 / math.sqrt(2 * configuration.num_hidden_layers) if into_residual else 0.02
            torch.nn.init.normal_(parameter, 0, deviation)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0}], betas=(0.9, 0.95))
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    end = configuration.eos_token_id
    end = end[0] if isinstance(end, list) else end
    losses = []
    for rate, (tokens, targets, positions, numbers) in zip(rates, batches(output, end)):
        for group in optimizer.param_groups:
            group["lr"] = rate
        sees = (numbers[:, :, None] == numbers[:, None, :]) & causal
        logits = model(input_ids=tokens, position_ids=positions, attention_mask=sees[:, None]).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


last = max(1, steps // 10)
ends = []
for seed in range(1, draws + 1):
    output = outputs / f"draw-{seed}"
    ours, rates = trained_by_hone(output, seed)
    theirs = trained_by_torch(output, seed, rates)
    for step in range(0, steps, 25):
        print(f"draw {seed}, step {step + 1:4}   hone {ours[step]:.4f}   torch {theirs[step]:.4f}", flush=True)
    ends.append([sum(curve[-last:]) / last for curve in (ours, theirs)])
    print(f"draw {seed}, mean of the last {last} steps: hone {ends[-1][0]:.4f}, torch {ends[-1][1]:.4f}", flush=True)
mine, peer = (sum(column) / draws for column in zip(*ends))
print(f"mean of {draws} draws: hone {mine:.4f}, torch {peer:.4f}, ratio {mine / peer:.4f}")
