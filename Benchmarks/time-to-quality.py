#!/usr/bin/env python3
"""How long a small model takes from nothing to 2.3 bits per byte of the last tenth of a text, here and in PyTorch.

    Benchmarks/time-to-quality.py HONE TEXT [--threads 2] [--goal 2.3] [--minutes 20] [--only hone|torch] [--fewer]

Both sides read the first nine tenths and are measured on the last. A run counts whole, from its first byte to its last step:
training the tokenizer, compiling, training; loading the programs and measuring the end do not count. A schedule has to know
its length, so each setting is tried with fewer and more steps, and the shortest run that reaches the goal counts. On PyTorch's side
that is the best of several settings: nanoGPT's own for characters, and byte-level BPE with AdamW and with Muon, all compiled, in
--precision (float32 is faster on processors without bfloat16), with the model that nanoGPT has for this text made smaller until it is fastest. Needs torch and tokenizers.
"""
import argparse
import json
import math
import subprocess
import tempfile
import time
from pathlib import Path

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("hone")
arguments.add_argument("text", type=Path)
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--goal", type=float, default=2.3)
arguments.add_argument("--minutes", type=float, default=20, help="no single run of PyTorch's side takes longer")
arguments.add_argument("--only", choices=["hone", "torch"])
arguments.add_argument("--precision", choices=["bfloat16", "float32"], default="bfloat16", help="PyTorch's arithmetic")
arguments.add_argument("--fewer", action="store_true", help="the first settings of each side alone")
arguments = arguments.parse_args()

data = arguments.text.read_bytes()
cut = len(data) * 9 // 10
cut = data.rindex(b"\n", 0, cut) + 1
training, held = data[:cut], data[cut:]
folder = Path(tempfile.mkdtemp())
(folder / "training.txt").write_bytes(training)
(folder / "held-out.txt").write_bytes(held)


def shortest(name, steps, run):
    """The shortest of the runs that reach the goal, by steps in rising order."""
    for count in steps:
        seconds, bits = run(count)
        print(f"{name}, {count} steps: {seconds:.1f} s, {bits:.3f} bits per byte", flush=True)
        if bits <= arguments.goal:
            return seconds
        if seconds > 60 * arguments.minutes:
            break
    return math.inf


# Ours.

def hone(*words):
    begin = time.perf_counter()
    done = subprocess.run([arguments.hone, *map(str, words)], cwd=folder, check=True, capture_output=True, text=True)
    return time.perf_counter() - begin, done.stdout


def hone_run(depth, width, vocabulary, batch):
    def run(steps):
        name = f"model-{depth}-{width}-{vocabulary}-{batch}-{steps}"
        seconds, _ = hone("tokenizer", "train", "training.txt", "--vocabulary-size", vocabulary, "--special-token",
                          "<|endoftext|>", "--output", f"{name}.json")
        trained, _ = hone("pretrain", "--corpus", "training.txt", "--tokenizer", f"{name}.json", "--depth", depth, "--width",
                          width, "--head-size", 32, "--context", 256, "--batch", batch, "--steps", steps, "--optimizer",
                          "muon", "--schedule", "linear", "--output", name)
        _, said = hone("evaluate", "--model", name, "--text", "held-out.txt", "--json")
        return seconds + trained, json.loads(said)["models"][0]["texts"][0]["bits_per_byte"]
    return run


# PyTorch's.

def torch_run(setting):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    torch.set_num_threads(arguments.threads)

    class Block(nn.Module):
        def __init__(self, width, heads):
            super().__init__()
            self.heads = heads
            self.norms = nn.ModuleList(nn.LayerNorm(width, bias=False) for _ in range(2))
            self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
            self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

        def forward(self, x):
            batch, length, width = x.shape
            q, k, v = self.qkv(self.norms[0](x)).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(y.transpose(1, 2).reshape(batch, length, width))
            return x + self.down(F.gelu(self.up(self.norms[1](x))))

    class GPT(nn.Module):
        def __init__(self, vocabulary, depth, width, context):
            super().__init__()
            self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.blocks = nn.ModuleList(Block(width, width // 32) for _ in range(depth))
            self.norm = nn.LayerNorm(width, bias=False)
            for name, parameter in self.named_parameters():
                if parameter.dim() == 2:
                    scale = 0.02 / math.sqrt(2 * depth) if name.endswith(("out.weight", "down.weight")) else 0.02
                    nn.init.normal_(parameter, 0, scale)

        def forward(self, ids, targets):
            x = self.tokens(ids) + self.places.weight[:ids.size(1)]
            for block in self.blocks:
                x = block(x)
            logits = F.linear(self.norm(x), self.tokens.weight)
            return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none")

    class Muon:
        """Momentum, made orthogonal by five steps of Newton and Schulz (Jordan 2024)."""
        def __init__(self, matrices):
            self.matrices, self.moments = matrices, [torch.zeros_like(m) for m in matrices]

        @torch.no_grad()
        def step(self, rate):
            for matrix, moment in zip(self.matrices, self.moments):
                moment.mul_(0.95).add_(matrix.grad)
                x = (matrix.grad + 0.95 * moment).to(getattr(torch, arguments.precision))
                wide = x.size(0) > x.size(1)
                x = x.T if wide else x
                x = x / (x.norm() + 1e-7)
                for _ in range(5):
                    a = x @ x.T
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                x = x.T if wide else x
                matrix.sub_(x.float() * rate * max(1, x.size(0) / x.size(1)) ** 0.5)

    def run(steps):
        torch.manual_seed(0)
        torch.compiler.reset()
        begin = time.perf_counter()
        text = training.decode()
        if setting["vocabulary"]:
            tokenizer = Tokenizer(models.BPE())
            tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            tokenizer.decoder = decoders.ByteLevel()
            tokenizer.train_from_iterator([text], trainers.BpeTrainer(
                vocab_size=setting["vocabulary"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
            encode = lambda text: tokenizer.encode(text).ids
            vocabulary = setting["vocabulary"]
        else:
            characters = sorted(set(data.decode()))
            places = {character: place for place, character in enumerate(characters)}
            encode = lambda text: [places[character] for character in text]
            vocabulary = len(characters)
        ids = torch.tensor(encode(text))
        context, batch = 256, setting["batch"]
        model = GPT(vocabulary, setting["depth"], setting["width"], context)
        matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n.startswith("blocks")]
        others = [p for n, p in model.named_parameters() if not (p.dim() == 2 and n.startswith("blocks"))]
        muon = Muon(matrices) if setting["muon"] else None
        groups = [{"params": others, "weight_decay": 0.0}] + ([] if muon else [{"params": matrices, "weight_decay": 0.1}])
        adam = torch.optim.AdamW(groups, lr=setting["rate"], betas=(0.9, 0.95 if muon else 0.99), fused=True)
        compiled = torch.compile(model)
        for step in range(steps):
            share = min(1, (step + 1) / (0.05 * steps)) * (1 - step / steps)
            starts = torch.randint(0, len(ids) - context - 1, (batch,))
            window = torch.stack([ids[start:start + context + 1] for start in starts.tolist()])
            with torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bfloat16"):
                loss = compiled(window[:, :-1], window[:, 1:]).mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for group in adam.param_groups:
                group["lr"] = setting["rate"] * share
            adam.step()
            if muon:
                muon.step(setting["muon"] * share)
            model.zero_grad(set_to_none=True)
            if step % 50 == 0 and time.perf_counter() - begin > 60 * arguments.minutes:
                return time.perf_counter() - begin, math.inf
        seconds = time.perf_counter() - begin
        # Windows of which the second half is new, as hone evaluate reads.
        ids, nats, end = torch.tensor(encode(held.decode())), 0.0, 1
        with torch.no_grad():
            while end < len(ids):
                start = max(0, end - context // 2)
                window = ids[start:start + context + 1][None]
                losses = model(window[:, :-1], window[:, 1:])
                nats += losses[end - 1 - start:].sum().item()
                end = start + window.size(1)
        return seconds, nats / math.log(2) / len(held)
    return run


results = {}
if arguments.only != "torch":
    results["hone"] = min(
        shortest(f"hone, {depth} × {width}, vocabulary {vocabulary}, {batch} windows", steps,
                 hone_run(depth, width, vocabulary, batch))
        for depth, width, vocabulary, batch, steps in [
            (4, 192, 512, 8, (700, 900, 1000, 1200, 1500)), (4, 128, 512, 8, (900, 1200, 1600, 2000)),
            (4, 192, 1024, 8, (700, 900, 1200, 1500))][:1 if arguments.fewer else None])
if arguments.only != "hone":
    results["torch"] = min(
        shortest(f"torch, {setting}", steps, torch_run(setting))
        for setting, steps in [
            (dict(vocabulary=512, depth=4, width=192, batch=8, rate=3e-3, muon=0.02), (700, 900, 1000, 1200, 1500)),
            (dict(vocabulary=512, depth=4, width=128, batch=8, rate=3e-3, muon=0.02), (900, 1200, 1600, 2000)),
            (dict(vocabulary=1024, depth=4, width=192, batch=8, rate=3e-3, muon=0.03), (700, 900, 1200, 1500)),
            (dict(vocabulary=512, depth=4, width=192, batch=8, rate=3e-3, muon=None), (700, 1400, 2800)),
            # nanoGPT's for this text on a CPU, and with more to learn from.
            (dict(vocabulary=0, depth=4, width=128, batch=12, rate=1e-3, muon=None), (2000, 4000, 8000)),
        ][:2 if arguments.fewer else None])
for name, seconds in results.items():
    print(f"{name}: {seconds:.1f} s to {arguments.goal} bits per byte of the last tenth")
if len(results) == 2:
    print(f"ratio {results['torch'] / results['hone']:.2f}")
