"""Strengths by PyTorch's L-BFGS, and Krippendorff's alpha by its definition over pairs; writes results.json.

Usage: python make_fixtures.py
"""
import itertools
import json
import pathlib

import numpy as np
import torch

# wins[i][j]: how often i won against j; ties are symmetric.
wins = np.array([[0, 7, 3, 0], [2, 0, 5, 1], [1, 4, 0, 6], [0, 0, 2, 0]], float)
ties = np.array([[0, 1, 0, 0], [1, 0, 2, 3], [0, 2, 0, 0], [0, 3, 0, 0]], float)
met = (wins + wins.T + ties) > 0
points = wins + ties / 2 + 0.5 * met


def negative_log_likelihood(strength):
    margins = strength[:, None] - strength[None, :]
    return -(torch.tensor(points) * torch.nn.functional.logsigmoid(margins)).sum()


strength = torch.zeros(4, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.LBFGS([strength], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-16)


def closure():
    optimizer.zero_grad()
    loss = negative_log_likelihood(strength)
    loss.backward()
    return loss


for _ in range(20):
    optimizer.step(closure)
strength = strength.detach().numpy()

# Verdicts of three raters on eight items, None where one did not judge.
verdicts = [
    ["first", "first", "first"], ["first", "second", None], ["both_good", "both_good", None],
    ["second", "second", "first"], ["both_bad", "both_bad", "both_bad"], ["first", None, None],
    ["second", "second", "second"], ["first", "both_good", "first"],
]
units = [[v for v in unit if v] for unit in verdicts]
units = [unit for unit in units if len(unit) > 1]
values = [v for unit in units for v in unit]
observed = sum(
    sum(a != b for a, b in itertools.permutations(unit, 2)) / (len(unit) - 1) for unit in units
) / len(values)
expected = sum(a != b for a, b in itertools.permutations(values, 2)) / (len(values) * (len(values) - 1))
pathlib.Path(__file__).with_name("results.json").write_text(
    json.dumps(
        {
            "wins": wins.astype(int).tolist(), "ties": ties.astype(int).tolist(),
            "strengths": (strength - strength.mean()).tolist(), "verdicts": verdicts,
            "alpha": 1 - observed / expected,
        }
    )
    + "\n"
)
