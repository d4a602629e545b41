#!/usr/bin/env python3
"""Reads event files of hone with TensorBoard's own readers and with tbparse, and compares them with metrics.jsonl.

    pip install tensorboard tbparse
    hone sft … --output sft --tensorboard events
    .ci/clients/tensorboard_reader.py events sft/metrics.jsonl
"""
import json
import math
import sys
from pathlib import Path

from tbparse import SummaryReader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

folder, metrics = sys.argv[1:]
rows = []
for line in Path(metrics).read_text().splitlines():
    rows.append(json.loads(line))
steps = [row["step"] for row in rows]


def tag(key):
    return f"eval/{key[5:]}" if key.startswith("eval_") else f"train/{key}"


def expected(key):
    return [(row["step"], row[key]) for row in rows if key in row]


def check(found, key, reader):
    wanted = expected(key)
    assert [step for step, _ in found] == [step for step, _ in wanted], (reader, key, found[:5], wanted[:5])
    for (step, a), (_, b) in zip(found, wanted):
        assert math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12), (reader, key, step, a, b)


# The reader of the program itself, event by event: no record is damaged, no step comes twice.
seen = []
for file in sorted(Path(folder).glob("events.out.tfevents.*")):
    seen += [e.step for e in EventFileLoader(str(file)).Load() if e.HasField("summary") and e.step > 0]
assert sorted(set(seen)) == steps, (seen, steps)

accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0, "histograms": 0})
accumulator.Reload()
tags = accumulator.Tags()
keys = {k for row in rows for k in row} - {
    "step", "tokens", "seconds", "operations_per_second", "share_of_peak", "skipped", "tokens_per_second", "memory_bytes"}
for key in sorted(keys):
    check([(e.step, e.value) for e in accumulator.Scalars(tag(key))], key, "TensorBoard")
for name in tags["histograms"]:
    for event in accumulator.Histograms(name):
        value = event.histogram_value
        assert sum(value.bucket) == value.num > 0, (name, event)
        assert value.bucket_limit[-1] == value.max, (name, event)

reader = SummaryReader(str(folder))
scalars = reader.scalars
for key in sorted(keys):
    of_tag = scalars[scalars["tag"] == tag(key)].sort_values("step")
    check(list(zip(of_tag["step"], of_tag["value"])), key, "tbparse")
texts = sorted(set(reader.text["tag"])) if len(reader.text) else []
assert "args" in texts, texts
print(f"{len(steps)} steps, {len(keys)} scalars, {len(tags['histograms'])} histograms, texts {', '.join(texts)}: all as in {metrics}")
