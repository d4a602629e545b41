#!/usr/bin/env python3
"""Measures a step of training on ranks behind networks of several speeds, and compares it with a model of its cost.

    sudo Benchmarks/many-ranks.py --hone .build-traits/release/hone --ranks 2 4 --rates 200 1000 --delays 0 1 --depths 4 6

Each rank runs in a network namespace of its own on this machine (network.py). So the computation is that of one machine whose
processors the ranks share, and only the network is that of several: the table has the time of a step beside the time with no
limit, which is the efficiency that the network leaves. Steps with no limit are measured before and after the others of a model, of which the
faster counts, for cells with a delay through the switch that delays, because it takes time of the same processors.

The model of the cost goes through a step with a clock. A bucket of parameters goes to the network when the backward pass has
ended it and the one before has gone; the last one goes when all is computed, and what is left then is waited for.

    step     step with no limit + what is waited for + 3 delays, of small messages: figures of the parts, and whether to stop
    ended    forward is a third of the products of a step; the backward pass goes from the head to the embedding, in each as
             long as it has parameters
    bucket   its bytes / rate + 2 messages, to be added up and added up
    bytes    2 (R - 1) / R * 4 P, or 2 P with --reduction bfloat16; and 66 bytes of headers for each 1,448
    message  3 delays above 64 kB, since Open MPI asks before it sends, and 1 below; one in each 2^22 numbers of a bucket
    waiting  the thread that waits for a bucket looks every 50 µs, which takes 8 % of a processor from the computation; of one
             for each rank, or of those that they share

With --shard-optimizer nothing is taken to go before the end, though half of it, the gradients, may. Nothing is fitted to the table: the steps with no limit
are measured beside it, and the 8 % were, in the thread's own account of its time.

Needs root, iproute2, Open MPI and a hone with the trait MPI. Nothing but the step times is measured, so a quiet machine is needed.
"""
import argparse
import math
import os
import statistics

from network import Network
from pretraining import Pretraining

ROUND, BUCKET, EAGER = 1 << 22, 1 << 20, 1 << 16
HEADERS = 1 + 66 / 1448
HOSTS, WAITING = (8, 64, 512), 0.08


class Buckets:
    """The parameters of a model as they go over the network."""

    def __init__(self, arrays):
        counts = {name: math.prod(shape) for name, (shape, _) in arrays.items()}
        self.counts = [0]
        for count in reversed(counts.values()):
            if self.counts[-1] >= BUCKET:
                self.counts.append(0)
            self.counts[-1] += count
        self.total = sum(counts.values())
        # It is the head, too: the backward pass begins with it.
        self.embedding = counts["model.embed_tokens.weight"]

    def ended(self):
        """The share of a step's computation after which each bucket is whole."""
        done = self.embedding
        for count in self.counts[:-1]:
            done += count
            yield 1 / 3 + 2 / 3 * done / self.total
        yield 1


def network_seconds(compute, buckets, ranks, rate, delay, width, is_beside, taken=WAITING):
    """What a step takes beside its computation.

    Rate in Mbit/s (0 for no limit), delay in seconds, width of a number in bytes, and what waiting takes from the computation.
    """

    def seconds(parameters):
        rounds = math.ceil(parameters / ROUND)
        sent = 2 * (ranks - 1) / ranks * width * parameters * HEADERS
        trips = 3 if width * parameters / rounds / ranks > EAGER else 1
        return (8 * sent / (rate * 1e6) if rate else 0) + rounds * 2 * trips * delay

    time, computed = 0, 0
    for share, parameters in zip(buckets.ended(), buckets.counts):
        whole = compute * share if is_beside else compute
        time += max(0, whole - computed)
        computed = max(computed, whole)
        gone = seconds(parameters)
        time += gone
        computed = min(compute, computed + gone * (1 - taken))
    return time - compute + 3 * delay


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Pretraining.add_arguments(parser)
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--rates", type=float, nargs="+", default=[200, 1000, 10000], help="Mbit/s")
    parser.add_argument("--delays", type=float, nargs="+", default=[0, 1], help="ms, one way")
    parser.add_argument("--depths", type=int, nargs="+", default=[4, 6], help="of the models")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--reduction", default="exact", choices=["exact", "plain", "bfloat16"])
    parser.add_argument("--shard-optimizer", action="store_true")
    arguments = parser.parse_args()
    width = 2 if arguments.reduction == "bfloat16" else 4
    is_beside = not arguments.shard_optimizer
    print("| parameters | ranks | Mbit/s | ms | step, s | predicted | error % | efficiency % | at 8 | 64 | 512 machines |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    with Pretraining(arguments) as pretraining:

        def median(ranks, depth, rate=0, delay=0):
            options = {"reduction": arguments.reduction, "shard_optimizer": arguments.shard_optimizer}
            return statistics.median(pretraining(Network(ranks, rate, delay), depth=depth, steps=arguments.steps, **options)[0])

        def unlimited(ranks, depth):
            """Without the switch that delays, and with it, as it is from the shortest delay on."""
            return median(ranks, depth), median(ranks, depth, delay=1e-3)

        for depth in arguments.depths:
            for ranks in arguments.ranks:
                before = unlimited(ranks, depth)
                buckets = Buckets(pretraining.arrays())
                cells = {
                    (rate, delay): median(ranks, depth, rate, delay)
                    for rate in arguments.rates
                    for delay in arguments.delays
                }
                after = unlimited(ranks, depth)
                for (rate, delay), found in cells.items():
                    compute = min(before[delay > 0], after[delay > 0])
                    # On machines of their own each rank has the time of its part alone, as here with all others beside it.
                    cost = (rate, delay / 1e3, width, is_beside)
                    shared = WAITING * max(1, ranks / os.cpu_count())
                    predicted = compute + network_seconds(compute, buckets, ranks, *cost, shared)
                    others = [compute + network_seconds(compute, buckets, size, *cost) for size in HOSTS]
                    shares = " | ".join(f"{100 * compute / other:.0f}" for other in others)
                    print(
                        f"| {buckets.total:,} | {ranks} | {rate:g} | {delay:g} | {found:.3f} | {predicted:.3f} "
                        f"| {100 * (predicted / found - 1):+.0f} | {100 * compute / found:.0f} | {shares} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
