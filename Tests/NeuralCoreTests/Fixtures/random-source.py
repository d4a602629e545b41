#!/usr/bin/env python3
"""Writes random-source.json: what RandomSource(seed: 42) gives, computed apart from Hone. Python's standard library only."""
import json
from pathlib import Path
from statistics import NormalDist

MASK = 0xFFFFFFFF


def philox4x32(counter, key, rounds=10):
    """Salmon et al. 2011, section 3.3 and the published constants."""
    (a, b, c, d), (k, l) = counter, key
    for _ in range(rounds):
        p, q = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (q >> 32) ^ b ^ k, q & MASK, (p >> 32) ^ d ^ l, p & MASK
        k, l = (k + 0x9E3779B9) & MASK, (l + 0xBB67AE85) & MASK
    return [a, b, c, d]


def words(key, stream, position, count):
    out = []
    while len(out) < count:
        out += philox4x32((position & MASK, position >> 32, stream & MASK, stream >> 32), (key & MASK, key >> 32))
        position += 1
    return out[:count]


def normals(words, limit=None):
    tail = 0 if limit is None else NormalDist().cdf(-limit)
    return [NormalDist().inv_cdf(tail + (1 - 2 * tail) * (word + 0.5) / 2**32) for word in words]


first = words(42, 0, 0, 1_000)
child_key, child_stream = first[1] << 32 | first[0], first[3] << 32 | first[2]
Path(__file__).with_suffix(".json").write_text(json.dumps({
    "next": [str(first[4 * i + 1] << 32 | first[4 * i]) for i in range(16)],
    "uniform": [(word >> 8) / 2**24 for word in first[:64]],
    "normal": [round(z, 9) for z in normals(first[:256])],
    "truncated": [round(z, 9) for z in normals(first[:64], limit=2)],
    "child": [str(low | high << 32) for low, high, _, _ in [words(child_key, child_stream, i, 4) for i in range(4)]],
}, indent=1) + "\n")
