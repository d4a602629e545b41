"""PyTorch's exponential moving average of a map over nine steps of SGD: moving-average.json.

    python moving-average.py        # made with torch 2.15.0
"""
import json
from pathlib import Path

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.manual_seed(0)
model = torch.nn.Linear(7, 5)
averaged = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
steps = []
for _ in range(9):
    optimizer.zero_grad()
    model(torch.randn(11, 7)).square().mean().backward()
    optimizer.step()
    averaged.update_parameters(model)
    steps.append({
        "model": {k: v.flatten().tolist() for k, v in model.state_dict().items()},
        "average": {k: v.flatten().tolist() for k, v in averaged.module.state_dict().items()}})
Path(__file__).with_suffix(".json").write_text(json.dumps({"decay": 0.9, "steps": steps}) + "\n")
