#!/usr/bin/env python3
"""Writes training.json: the merges that the trainer of `tokenizers` learns from some documents.

    pip install tokenizers==0.23.3
    python3 make_training.py ../../../../../shared/data
"""
import json
import random
import sys
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

HERE = Path(__file__).resolve().parent
CORPUS = (Path(sys.argv[1]) / "tokenizer-tests/bpe-train/corpus.en").read_text()


def merges(documents, size):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(documents, trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    return [" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


cases = [{"name": "corpus.en", "documents": [], "size": 500, "merges": merges([CORPUS], 500)}]
for alphabet in ["a", "ab", "aab ", "abc\n", "é世", "-= "]:
    source = random.Random(alphabet)
    documents = ["".join(source.choice(alphabet) * source.choice([1, 1, 1, 2, 3, 7]) for _ in range(60)) for _ in range(3)]
    cases.append({"name": alphabet, "documents": documents, "size": 330, "merges": merges(documents, 330)})
(HERE / "training.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")
