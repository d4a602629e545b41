#!/usr/bin/env python3
"""Compares the reductions of ranks: how long a step takes with each, and how far from the exact one a run ends.

    sudo Benchmarks/compare-reductions.py --hone .build-traits/release/hone --depth 4 --rate 1000 --steps 30

Ranks are in network namespaces of this machine (network.py). Of each reduction it prints the median seconds of a step, with no
limit of the network and with one, the difference of the last step's loss from that of the exact reduction, and the differences of
the weights: as the length of the difference over that of the weights, and the largest one over the root mean square
of its own array. Both runs have the same parts, so that they would be equal but for the order and the rounding of the sum.

Needs root, iproute2, Open MPI and a hone with the trait MPI.
"""
import argparse
import array
import math
import statistics

from network import Network
from pretraining import Pretraining


def distance(found, expected):
    """The length of a difference over that of the expected, and the largest difference over the mean of its array."""
    squares, lengths, largest = 0, 0, 0
    for name, values in expected.items():
        differences = [abs(a - b) for a, b in zip(found[name], values)]
        length = math.fsum(value * value for value in values)
        squares += math.fsum(difference * difference for difference in differences)
        lengths += length
        largest = max(largest, max(differences) / math.sqrt(length / len(values)))
    return math.sqrt(squares / lengths), largest


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    Pretraining.add_arguments(parser)
    parser.add_argument("--ranks", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--rate", type=float, default=1000, help="Mbit/s of the limited network")
    parser.add_argument("--depth", type=int, default=4, help="of the model")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    arguments = parser.parse_args()
    print("| ranks | reduction | step, s | limited | difference of the loss | of the weights | largest of a weight |")
    print("|---|---|---|---|---|---|---|")
    with Pretraining(arguments) as pretraining:
        for ranks in arguments.ranks:
            exact = {}
            for reduction in ("exact", "plain", "bfloat16"):
                options = {"depth": arguments.depth, "steps": arguments.steps, "reduction": reduction}
                times, differences = [], []
                for seed in arguments.seeds:
                    seconds, loss = pretraining(Network(ranks), seed=seed, **options)
                    times += seconds
                    weights = {name: array.array("f", data) for name, (_, data) in pretraining.arrays().items()}
                    expected_loss, expected = exact.setdefault(seed, (loss, weights))
                    differences.append((abs(loss - expected_loss), *distance(weights, expected)))
                limited, _ = pretraining(Network(ranks, arguments.rate), seed=arguments.seeds[0], **options)
                most = " | ".join(f"{max(column):.1e}" for column in zip(*differences))
                print(
                    f"| {ranks} | `{reduction}` | {statistics.median(times):.3f} | {statistics.median(limited):.3f} | {most} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
