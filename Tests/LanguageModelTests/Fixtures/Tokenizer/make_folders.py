#!/usr/bin/env python3
"""Writes folders.json: folders with vocab.json and merges.txt alone, and the ids that transformers gives with them.

    pip install tokenizers==0.23.3 transformers==5.24.0
    python3 make_folders.py
"""
import json
import tempfile
from pathlib import Path

from transformers import AutoTokenizer

HERE = Path(__file__).resolve().parent
MODEL = json.loads((HERE / "digits.tokenizer.json").read_text())["model"]
VOCAB = MODEL["vocab"]
MERGES = "#version: 0.2\n" + "\n".join(m if isinstance(m, str) else " ".join(m) for m in MODEL["merges"]) + "\n"
END = len(VOCAB)
FULL = VOCAB | {"<|endoftext|>": END}
GPT2, QWEN2, QWEN3 = ({"model_type": name} for name in ("gpt2", "qwen2", "qwen3"))
FOO = {"content": "<|foo|>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "special": True}
TEXTS = ["", "Hello world  12345<|end|>x <|foo|> y<|endoftext|>", " e\u0301 it's\n\n", "<|bar|>x bar<|pad|>", "项目 Deniz <|one|><|two|>"]

FOLDERS = {
    "gpt2 lacking its end of text": {"config": GPT2},
    "gpt2": {"vocab": FULL, "config": GPT2},
    "special tokens in a map": {"vocab": FULL, "config": GPT2, "special_tokens_map": {
        "bos_token": "<|endoftext|>", "eos_token": FOO | {"content": "<|end|>"}, "pad_token": "<|pad|>",
        "additional_special_tokens": ["<|one|>", "<|two|>"]}},
    "added tokens": {"vocab": FULL, "config": GPT2, "added_tokens": {"<|bar|>": END + 2, "<|foo|>": END + 1, " bar": END + 3},
                     "special_tokens_map": {"bos_token": "<|endoftext|>", "eos_token": "<|foo|>", "pad_token": "<|pad|>"}},
    "added tokens of the configuration": {"vocab": FULL, "tokenizer_config": {
        "tokenizer_class": "GPT2Tokenizer", "added_tokens_decoder": {str(END + 1): FOO, str(END): FOO | {"content": "<|endoftext|>", "lstrip": False}},
        "pad_token": "<|pad|>"}, "config": GPT2, "special_tokens_map": {"eos_token": "<|end|>"}},
    "prefix space and boundaries": {"vocab": FULL, "config": GPT2, "tokenizer_config": {
        "tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True, "add_bos_token": True, "add_eos_token": True, "eos_token": "<|end|>"}},
    "qwen2": {"vocab": FULL, "config": QWEN2},
    "qwen2 by its class": {"vocab": FULL, "config": {"model_type": "llama"}, "tokenizer_config": {
        "tokenizer_class": "Qwen2TokenizerFast", "pad_token": "<|pad|>", "bos_token": None}},
    "qwen3 lacking its end of text": {"config": QWEN3, "special_tokens_map": {"eos_token": "<|end|>"}},
}

cases = []
for name, files in FOLDERS.items():
    files = {f"{key}.json": json.dumps(value, ensure_ascii=False) for key, value in ({"vocab": VOCAB} | files).items()}
    with tempfile.TemporaryDirectory() as folder:
        for file, text in files.items(): (Path(folder) / file).write_text(text)
        (Path(folder) / "merges.txt").write_text(MERGES)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    samples = [{"text": text, "ids": tokenizer(text, add_special_tokens=False)["input_ids"], "all": tokenizer(text)["input_ids"],
                "decoded": tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"])} for text in TEXTS]
    # The vocabularies differ in one token, which is all that is kept of them here.
    vocabulary = json.loads(files.pop("vocab.json"))
    cases.append({"name": name, "hasEndOfText": "<|endoftext|>" in vocabulary, "files": files, "count": len(tokenizer), "samples": samples})
(HERE / "folders.json").write_text(json.dumps(cases, indent=1) + "\n")
