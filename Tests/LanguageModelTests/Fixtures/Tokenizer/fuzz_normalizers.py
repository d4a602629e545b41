#!/usr/bin/env python3
"""Compares random sequences of normalizers, with random added tokens, with `tokenizers`.

    pip install tokenizers==0.23.3
    python3 fuzz_normalizers.py                                    writes normalizers.json
    python3 fuzz_normalizers.py HONE [TOKENIZERS] [SEED]           compares that many tokenizers with a built `hone`
"""
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
BASES = {name: json.loads((HERE / f"{name}.tokenizer.json").read_text()) for name in ("digits", "llama2", "metaspace")}
ALPHABET = ["a", "b", "e", "met", " ", " ", "\u2581", "\r", "\n", "\r\n", "\u0301", "\u00e9", "E", "\u0130", "\u03a3", "\u2003", "\u9879", "\uac00", "\u1100", "\u1161", "Deniz", "\u00c5", "\u212b", "e\u0323\u0301"]


def text(source, most):
    return "".join(source.choice(ALPHABET) for _ in range(source.randint(0, most)))


def normalizer(source):
    kind = source.choice(["NFC", "NFD", "Lowercase", "Strip", "Prepend", "Replace", "Replace", "Sequence"])
    if kind in ("NFC", "NFD", "Lowercase"): return {"type": kind}
    if kind == "Strip":
        return {"type": "Strip", "strip_left": source.random() < 0.5, "strip_right": source.random() < 0.5}
    if kind == "Prepend": return {"type": "Prepend", "prepend": text(source, 2)}
    if kind == "Replace":
        return {"type": "Replace", "pattern": {"String": source.choice(ALPHABET)}, "content": text(source, 2)}
    return {"type": "Sequence", "normalizers": [normalizer(source) for _ in range(source.randint(0, 4))]}


def cut(source):
    return {"type": "Split", "pattern": {"String": source.choice(ALPHABET)}, "invert": False, "behavior": source.choice(
        ["Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"])}


def sequence(source):
    return {"type": "Sequence", "normalizers": [normalizer(source) for _ in range(source.randint(1, 5))]}


def case(seed):
    """A tokenizer and its samples; none where `tokenizers` panics, as it does where nothing is left of an added token."""
    try:
        return drawn(seed)
    except BaseException as error:
        if type(error).__name__ != "PanicException": raise
        return None


def drawn(seed):
    source = random.Random(seed)
    base = source.choice(list(BASES))
    file = json.loads(json.dumps(BASES[base]))
    file["normalizer"] = sequence(source)
    # There an empty prefix and then Strip double the first character.
    steps = json.dumps(file["normalizer"])
    if '"Strip"' in steps and '"prepend": ""' in steps: return None
    cuts = [cut(source) for _ in range(source.choice([0, 1, 2]))]
    if base == "digits":
        cuts.append({"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False})
    if base == "digits" or base == "llama2" and cuts:
        file["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": cuts}
    tokenizer = Tokenizer.from_str(json.dumps(file))
    file = json.loads(tokenizer.to_str())
    size = tokenizer.get_vocab_size()
    if source.random() < 0.6:
        contents = {text(source, 3) for _ in range(source.randint(1, 3))} - {""}
        for content in sorted(contents):
            known = tokenizer.token_to_id(content)
            file["added_tokens"].append({
                "id": size if known is None else known, "content": content, "single_word": False, "lstrip": False,
                "rstrip": False, "normalized": source.random() < 0.7, "special": False})
            size += known is None
    tokenizer = Tokenizer.from_str(json.dumps(file))
    texts = [text(source, 8) for _ in range(5)]
    samples = []
    for line in texts:
        ids = tokenizer.encode(line, add_special_tokens=False).ids
        samples.append({"text": line, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=False)})
    return base, file, samples


def compare(hone, count, seed):
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tokenizer.json"
        for index in range(seed, seed + count):
            if (known := case(index)) is None: continue
            base, file, samples = known
            path.write_text(json.dumps(file))
            records = "".join(json.dumps({"text": sample["text"]}) + "\n" for sample in samples)
            run = subprocess.run([hone, "tokenizer", "encode", "--tokenizer", str(path), "--jsonl", "--json"], input=records,
                                 capture_output=True, text=True)
            if run.returncode:
                print(index, base, run.stderr.strip())
                wrong += 1
                continue
            for sample, line in zip(samples, run.stdout.splitlines(), strict=True):
                if json.loads(line)["ids"] != sample["ids"]:
                    print(index, base, json.dumps(file["normalizer"]), file["added_tokens"], json.dumps(sample), line)
                    wrong += 1
    print(f"{count} tokenizers from seed {seed}: {wrong} differences")
    return wrong


if len(sys.argv) > 1:
    count, first = map(int, sys.argv[2:] + ["300", "1000000"][len(sys.argv) - 2:])
    sys.exit(compare(sys.argv[1], count, first) > 0)
cases = []
for seed in range(130):
    if (known := case(seed)) is None: continue
    base, file, samples = known
    cases.append({"base": base, "normalizer": file["normalizer"], "preTokenizer": file["pre_tokenizer"],
                  "addedTokens": file["added_tokens"][len(BASES[base]["added_tokens"]):], "samples": samples})
(HERE / "normalizers.json").write_text("[\n" + ",\n".join(map(lambda case: json.dumps(case, ensure_ascii=False), cases)) + "\n]\n")
