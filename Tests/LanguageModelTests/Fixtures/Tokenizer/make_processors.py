#!/usr/bin/env python3
"""Writes what `tokenizers` puts around texts by the post-processors of BERT and RoBERTa: processors.json.

    pip install tokenizers==0.23.3
    python3 make_processors.py ../../../../../shared/data

Each processor stands in qwen2.tokenizer.json. Texts are those of the tokenizer tests, and random ones of every plane.
"""
import json
import random
import sys
from pathlib import Path

from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
TESTS = Path(sys.argv[1]) / "tokenizer-tests"
FILE = json.loads((HERE / "qwen2.tokenizer.json").read_text())
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
BERT = {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}
ROBERTA = {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1], "trim_offsets": True, "add_prefix_space": True}
PROCESSORS = {
    "BertProcessing": BERT,
    "RobertaProcessing": ROBERTA,
    "RobertaProcessing, as it is": ROBERTA | {"trim_offsets": False, "add_prefix_space": False},
    "ByteLevel, then BertProcessing": {"type": "Sequence", "processors": [BYTES, BERT]},
    "RobertaProcessing, then ByteLevel": {"type": "Sequence", "processors": [ROBERTA, BYTES]},
}


def texts():
    yield from ["", " ", "</s>", "<s>"]
    for name in ["gpt-2", "phi-3"]:
        yield from (TESTS / f"ggml-vocab-{name}.gguf.inp").read_text().split("\n__ggml_vocab_test__\n")
    yield (TESTS / "german.txt").read_text()
    yield (TESTS / "address.txt").read_text()
    source = random.Random(22)
    for plane in range(17):
        planes = [c for c in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= c < 0xE000]
        for _ in range(3):
            yield "".join(chr(source.choice(planes if source.random() < 0.7 else range(32, 127)))
                          for _ in range(source.randint(1, 12)))


texts = list(dict.fromkeys(texts()))
plain = [Tokenizer.from_str(json.dumps(FILE | {"post_processor": None})).encode(text).ids for text in texts]
processors = {}
for name, processor in PROCESSORS.items():
    tokenizer = Tokenizer.from_str(json.dumps(FILE | {"post_processor": processor}))
    rows = [tokenizer.encode(text).ids for text in texts]
    # What is between is the same with every processor, and is kept once.
    (before, after), = {(row[0], row[-1]) for row in rows}
    assert [row[1:-1] for row in rows] == plain, name
    processors[name] = {"processor": json.dumps(processor), "before": before, "after": after}
(HERE / "processors.json").write_text(json.dumps({"texts": texts, "ids": plain, "processors": processors}) + "\n")
