#!/usr/bin/env python3
"""Measures a step of training on ranks behind networks of several speeds, and compares it with a model of its cost.

    sudo Benchmarks/many-ranks.py --hone .build-mpi/release/hone --ranks 4 --rates 100 1000 --delays 0 1 --depths 1 4

Each rank runs in a network namespace of its own on this machine; their one way to each other is a bridge. What a rank sends is
limited by `tc` to a rate (tbf) and held up by a delay (netem, where the kernel has it). So the computation is that of one
machine whose processors the ranks share, and only the network is that of several: the table has the time of a step beside
the time with no limit, which is the efficiency that the network leaves.

    step = step without limit + max(network of the last bucket, network - hidden) + 3 ceil(log2 R) * delay

    network   of each bucket of parameters: bytes / rate + messages * delay
    bytes     2 (R - 1) / R * 4 P, or 2 P with --reduction bfloat16
    messages  2 (R - 1) of each round of at most 2^22 numbers
    hidden    two thirds of the step without limit, the backward pass, beside which all buckets but the last may go;
              nothing with --reduction plain and with --shard-optimizer

Needs root, iproute2, Open MPI and a hone with the trait MPI. Nothing but the step times is measured, so a quiet machine is needed.
"""
import argparse
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

ROUND, BUCKET = 1 << 22, 1 << 20


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")


class Network:
    """A bridge with a namespace for each rank."""

    def __init__(self, ranks, rate, delay):
        self.names = [f"hone{number}" for number in range(ranks)]
        self.rate, self.delay = rate, delay

    def __enter__(self):
        run("ip", "link", "add", "hone-bridge", "type", "bridge")
        run("ip", "addr", "add", "10.77.0.254/24", "dev", "hone-bridge")
        run("ip", "link", "set", "hone-bridge", "up")
        for number, name in enumerate(self.names):
            run("ip", "netns", "add", name)
            run("ip", "link", "add", f"{name}-out", "type", "veth", "peer", "name", "eth0", "netns", name)
            run("ip", "link", "set", f"{name}-out", "master", "hone-bridge", "up")
            run("ip", "-n", name, "addr", "add", f"10.77.0.{number + 1}/24", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            limit = ["ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", "eth0"]
            if self.delay:
                run(*limit, "root", "handle", "1:", "netem", "delay", f"{self.delay}ms", "limit", 100000)
            if self.rate:
                place = ["parent", "1:"] if self.delay else ["root"]
                burst = max(64, round(self.rate / 8))
                run(*limit, *place, "tbf", "rate", f"{self.rate}mbit", "burst", f"{burst}kb", "latency", "1s")
        return self

    def __exit__(self, *_):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        subprocess.run(["ip", "link", "del", "hone-bridge"], capture_output=True)

    def command(self, words):
        """mpirun, with each rank in its namespace and TCP as the only way between them."""
        command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none"]
        command += ["--mca", "pml", "ob1", "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "10.77.0.0/24"]
        for number, name in enumerate(self.names):
            command += ([":"] if number else []) + ["-n", "1", "ip", "netns", "exec", name, *words]
        return command


def steps(command, output):
    """The seconds of each step but the first two, and the parameters of each bucket of the model."""
    # Ranks reach mpirun over the bridge, too.
    os.environ |= {"PMIX_MCA_ptl_tcp_if_include": "10.77.0.0/24", "PMIX_MCA_ptl_tcp_remote_connections": "1"}
    run(*command)
    lines = [json.loads(line) for line in (output / "metrics.jsonl").read_text().splitlines()]
    ends = [line["seconds"] for line in lines]
    header = (output / "model.safetensors").read_bytes()
    size = int.from_bytes(header[:8], "little")
    arrays = [entry for name, entry in json.loads(header[8 : 8 + size]).items() if name != "__metadata__"]
    # Written in the order in which the model visits them; buckets begin at its end.
    counts = [math.prod(array["shape"]) for array in sorted(arrays, key=lambda array: -array["data_offsets"][0])]
    buckets = [0]
    for count in counts:
        if buckets[-1] >= BUCKET:
            buckets.append(0)
        buckets[-1] += count
    return [b - a for a, b in zip(ends[1:], ends[2:])], buckets


def network_seconds(buckets, ranks, rate, delay, width, hidden):
    """What a step takes beside its computation: rate in Mbit/s (0 for no limit), delay in ms, hidden in seconds."""
    if ranks == 1:
        return 0

    def seconds(parameters):
        sent = 2 * (ranks - 1) / ranks * width * parameters
        messages = 2 * (ranks - 1) * math.ceil(parameters / ROUND)
        return (8 * sent / (rate * 1e6) if rate else 0) + messages * delay / 1e3

    network = [seconds(bucket) for bucket in buckets]
    return max(network[-1], sum(network) - hidden) + 3 * math.ceil(math.log2(ranks)) * delay / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hone", required=True, type=pathlib.Path)
    parser.add_argument("--corpus", type=pathlib.Path, help="text to train on; the pages of Documentation unless given")
    parser.add_argument("--ranks", type=int, default=4)
    parser.add_argument("--rates", type=float, nargs="+", default=[100, 1000, 10000], help="Mbit/s")
    parser.add_argument("--delays", type=float, nargs="+", default=[0], help="ms, one way; other than 0 needs netem")
    parser.add_argument("--depths", type=int, nargs="+", default=[2, 4], help="of the models")
    parser.add_argument("--batch", type=int, default=16, help="windows of 256 tokens in a step")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--reduction", default="exact", choices=["exact", "plain", "bfloat16"])
    parser.add_argument("--shard-optimizer", action="store_true")
    arguments = parser.parse_args()
    hone, ranks = arguments.hone.resolve(), arguments.ranks
    width = 2 if arguments.reduction == "bfloat16" else 4
    print("| parameters | Mbit/s | ms | step, s | predicted | error % | efficiency % | at 8 | 64 | 512 machines |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        corpus = (arguments.corpus or folder / "pages").resolve()
        if not arguments.corpus:
            corpus.mkdir()
            for page in (pathlib.Path(__file__).parent.parent / "Documentation").glob("*.md"):
                shutil.copy(page, corpus)
        run(hone, "tokenizer", "train", corpus, "--vocabulary-size", "2048", "--output", folder / "tokenizer.json")

        def measured(depth, rate, delay):
            output = folder / f"{depth}-{rate}-{delay}"
            words = [hone, "pretrain", "--corpus", corpus, "--tokenizer", folder / "tokenizer.json"]
            words += ["--depth", depth, "--batch", arguments.batch, "--steps", arguments.steps, "--accumulation", ranks]
            words += ["--reduction", arguments.reduction, "--output", output]
            words += ["--shard-optimizer"] * arguments.shard_optimizer
            with Network(ranks, rate, delay) as network:
                seconds, buckets = steps(network.command(words), output)
            return statistics.median(seconds), buckets

        for depth in arguments.depths:
            unlimited, buckets = measured(depth, 0, 0)
            hidden = 2 / 3 * unlimited
            if arguments.reduction == "plain" or arguments.shard_optimizer:
                buckets, hidden = [sum(buckets)], 0
            for rate in arguments.rates:
                for delay in arguments.delays:
                    found, _ = measured(depth, rate, delay)
                    predicted = unlimited + network_seconds(buckets, ranks, rate, delay, width, hidden)
                    # On machines of their own each rank has the time of its part alone, as here with all others beside it.
                    others = [
                        100 * unlimited / (unlimited + network_seconds(buckets, hosts, rate, delay, width, hidden))
                        for hosts in (8, 64, 512)
                    ]
                    print(
                        f"| {sum(buckets):,} | {rate:g} | {delay:g} | {found:.3f} | {predicted:.3f} "
                        f"| {100 * (predicted / found - 1):+.0f} | {100 * unlimited / found:.0f} "
                        f"| {others[0]:.0f} | {others[1]:.0f} | {others[2]:.0f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    if os.geteuid():
        raise SystemExit("many-ranks.py makes network namespaces, which needs root")
    main()
