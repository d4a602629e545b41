#!/usr/bin/env python3
"""Writes splits.json, composition.json, compatibility.json and ids.json: what the reference implementations make of random Unicode text.

    pip install regex unicodedata2==16.0.0 tiktoken==0.14.0 tokenizers==0.23.3
    python3 make_text.py ../../../../../shared/data/tokenizers        (the vocabularies, for ids.json)

Each pattern is the one its family publishes, run by the `regex` module with its classes spelled out from Unicode 16.
"""
import base64
import json
import random
import sys
from pathlib import Path

import regex
import tiktoken
import tokenizers
import unicodedata2 as unicode

HERE = Path(__file__).resolve().parent
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORY = {c: unicode.category(chr(c)) for c in CODE_POINTS}

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")
PATTERNS = {
    "gpt2": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "cl100k": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$"
              r"|\s*[\r\n]|\s+(?!\S)|\s",
    "o200k": "|".join([
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"]),
    "tekken": "|".join([
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*",
        r"\p{N}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"]),
    "llama3": LLAMA3,
    "qwen2": LLAMA3.replace("{1,3}", ""),
}


def ranges(prefix):
    runs = []
    for c in CODE_POINTS:
        if not CATEGORY[c].startswith(prefix): continue
        if runs and c == runs[-1][1] + 1: runs[-1][1] = c
        else: runs.append([c, c])
    return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in runs)


def compiled(pattern):
    """The pattern with every \\p{…} spelled out, and `$` meaning the end of the text alone."""
    out, inside = "", False
    for part in regex.findall(r"\\p\{\w+\}|\\.|.", pattern):
        if part.startswith(r"\p"): out += ranges(part[3:-1]) if inside else f"[{ranges(part[3:-1])}]"
        elif part == "$": out += r"\Z"
        else: out += part
        inside = (inside or part == "[") and part != "]"
    return regex.compile(out)


def random_texts(seed, count):
    """Texts of every plane, with more than their share of what patterns look at."""
    source = random.Random(seed)
    pools = {}
    for c in CODE_POINTS: pools.setdefault(CATEGORY[c], []).append(c)
    pools |= {"all": CODE_POINTS, "space": [9, 10, 11, 13, 32, 32, 0x85, 0xA0, 0x2003, 0x2028, 0x3000],
              "contraction": list(map(ord, "''sStTmMdDlLvVrReE\u017f\u2019")), "ascii": list(range(32, 127)),
              "line": [10, 13, 32, 32, 9, 47, 33]}
    names = list(pools)
    texts = ["", "\n  ", "foo\n  ", "I'll don'T we'\u017fe", "  word", "123456", "\u6f22ABC", "!\u0301ABC", "a\u0301\u0323"]
    while len(texts) < count:
        chosen = source.sample(names, source.randint(1, 5))
        texts.append("".join(chr(source.choice(pools[source.choice(chosen)])) for _ in range(source.choice([2, 5, 12]))))
    return texts


def write(name, value):
    rows = ",\n".join(json.dumps(row) for row in value)
    (HERE / name).write_text(f"[\n{rows}\n]\n")


def tiktoken_encoding(path, pattern):
    ranks = {base64.b64decode(line.split()[0]): int(line.split()[1]) for line in open(path, "rb")}
    return tiktoken.Encoding(path.stem, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def main():
    vocabularies = Path(sys.argv[1])
    expressions = {name: compiled(pattern) for name, pattern in PATTERNS.items()}
    write("splits.json", [
        {"text": text} | {name: [len(piece.encode()) for piece in expression.findall(text)]
                          for name, expression in expressions.items()} for text in random_texts(1, 250)])
    marks = [c for c in CODE_POINTS if unicode.combining(chr(c))]
    changing = [c for c in CODE_POINTS if unicode.normalize("NFD", chr(c)) != chr(c)]
    source = random.Random(2)
    texts = ["".join(chr(source.choice(source.choice([marks, changing, CODE_POINTS]))) for _ in range(source.randint(1, 8)))
             for _ in range(150)] + [unicode.normalize("NFD", chr(source.choice(changing))) for _ in range(50)]
    write("composition.json", [[text, unicode.normalize("NFC", text)] for text in texts])

    compatible = [c for c in CODE_POINTS if unicode.normalize("NFKD", chr(c)) != unicode.normalize("NFD", chr(c))]
    texts = ["".join(map(chr, compatible[start:start + 60])) for start in range(0, len(compatible), 60)] + [
        "".join(chr(source.choice(source.choice([marks, changing, compatible, CODE_POINTS]))) for _ in range(source.randint(1, 8)))
        for _ in range(150)]
    write("compatibility.json", [[text, unicode.normalize("NFKC", text), unicode.normalize("NFKD", text)] for text in texts])

    qwen = tiktoken_encoding(vocabularies / "qwen.tiktoken", PATTERNS["qwen2"])
    encoders = {
        "gpt2": tiktoken_encoding(vocabularies / "r50k_base.tiktoken", PATTERNS["gpt2"]).encode_ordinary,
        "cl100k": tiktoken_encoding(vocabularies / "cl100k_base.tiktoken", PATTERNS["cl100k"]).encode_ordinary,
        "qwen2": lambda text: qwen.encode_ordinary(unicode.normalize("NFC", text)),
    }
    for name in ("gpt2", "minimind"):
        file = tokenizers.Tokenizer.from_file(str(vocabularies / name / "tokenizer.json"))
        encoders[f"{name}/tokenizer.json"] = lambda text, file=file: file.encode(text).ids
    special = ["<|endoftext|>hello <|im_start|>user\nhi<|im_end|> <|endoftext|> <|im_start|", "<|<|im_end|>|>"]
    write("ids.json", [{"text": text} | {name: encode(text) for name, encode in encoders.items()}
                       for text in random_texts(3, 80) + special])


main()
