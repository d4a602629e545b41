#!/usr/bin/env python3
"""Writes small tokenizer.json files of every kind, and what `tokenizers` makes of some texts with them: files.json.

    pip install regex unicodedata2==16.0.0 tiktoken==0.14.0 tokenizers==0.23.3
    python3 make_files.py ../../../../../shared/data
"""
import json
import random
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).resolve().parent
DATA = Path(sys.argv[1])
CORPUS = (DATA / "tokenizer-tests/bpe-train/corpus.en").read_text()[:60_000]
JAPANESE = (DATA / "text/wagahai-ja.txt").read_text()[:2_000]
CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTION + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + CONTRACTION + "?"
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + CONTRACTION + "?"
         r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_level(pre_tokenizer, size=330, normalizer=None, specials=("<|end|>",), **model):
    tokenizer = Tokenizer(models.BPE(**model))
    if normalizer: tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator([CORPUS], trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(specials), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def split(expression):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(expression), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def sentence_piece(normalizer, pre_tokenizer, decoder, byte_fallback=True, fuse_unk=True, size=420):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=fuse_unk, byte_fallback=byte_fallback))
    # Trained on words, so that merges do not reach across them; the file then says what the caller asks for.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else []
    tokenizer.train_from_iterator([CORPUS[:20_000], JAPANESE[:300]], trainers.BpeTrainer(
        vocab_size=size if byte_fallback else size - 256, special_tokens=["<unk>", "<s>", "</s>"] + bytes_,
        limit_alphabet=60, show_progress=False))
    file = json.loads(tokenizer.to_str())
    file["added_tokens"] = file["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(file))
    if normalizer: tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    if pre_tokenizer is None:
        file = json.loads(tokenizer.to_str()) | {"pre_tokenizer": None}
        tokenizer = Tokenizer.from_str(json.dumps(file))
    tokenizer.decoder = decoder
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> <s>:1 $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def llama2_decoder():
    return decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                              decoders.Strip(" ", 1, 0)])


def llama2_normalizer(): return normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])


def tokenizers():
    llama3 = byte_level(split(LLAMA3), ignore_merges=True, specials=("<|begin|>", "<|end|>"))
    llama3.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single="<|begin|> $A", pair="<|begin|> $A <|begin|> $B",
                                      special_tokens=[("<|begin|>", 0)])])
    yield "llama3", llama3
    yield "qwen2", byte_level(split(LLAMA3.replace("{1,3}", "")), normalizer=normalizers.NFC())
    yield "o200k", byte_level(split(O200K))
    yield "tekken", byte_level(split(O200K.replace(CONTRACTION + "?", "").replace("{1,3}", "")), ignore_merges=True)
    yield "prefix-space", byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    yield "digits", byte_level(pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))

    added = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), normalizer=normalizers.NFC())
    added.add_special_tokens([AddedToken("<L>", lstrip=True), AddedToken("<R>", rstrip=True), AddedToken("<LR>", lstrip=True, rstrip=True)])
    added.add_tokens([AddedToken("word", single_word=True), AddedToken("<|e", normalized=False), AddedToken("é!", normalized=True),
                      AddedToken("  two", normalized=True), AddedToken("日本", normalized=False)])
    yield "added", added

    yield "llama2", sentence_piece(llama2_normalizer(), None, llama2_decoder())
    gemma = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    yield "gemma", sentence_piece(normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"), gemma)
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    yield "mistral", sentence_piece(None, metaspace, llama2_decoder())
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    yield "metaspace", sentence_piece(None, metaspace, decoders.Metaspace(prepend_scheme="always"), byte_fallback=False)
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="never", split=True)
    yield "unfused", sentence_piece(None, metaspace, decoders.Metaspace(prepend_scheme="never"), byte_fallback=False,
                                    fuse_unk=False)


def texts(tokenizer, seed):
    source = random.Random(seed)
    names = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    words = CORPUS.split()[:400] + list(JAPANESE[:60]) + ["'s", "'LL", "12345", "é!", "e\u0301!", "word", "wordy", "日本",
                                                           "\U0001F600", "\u0301", "\u00a0", "▁", "  two", "Ω"]
    out = ["", " ", "  ", " hello", "hello ", "hello  world\n\n x\t y ", "\n  "]
    for _ in range(24):
        text = ""
        for _ in range(source.randint(1, 9)):
            text += source.choice(["", " ", " ", "  ", "\n"])
            text += source.choice(names) if source.random() < 0.25 else source.choice(words)
        out.append(text)
    for plane in range(17):
        out.append("".join(chr(source.choice([c for c in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= c < 0xE000]))
                           for _ in range(4)))
    return out


cases = {}
for name, tokenizer in tokenizers():
    tokenizer.save(str(HERE / f"{name}.tokenizer.json"), pretty=False)
    cases[name] = [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids,
                    "all": tokenizer.encode(text).ids,
                    "decoded": tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids, skip_special_tokens=False)}
                   for text in texts(tokenizer, name)]
rows = ",\n".join(f"{json.dumps(name)}: [\n" + ",\n".join(map(json.dumps, value)) + "]" for name, value in cases.items())
(HERE / "files.json").write_text("{" + rows + "}\n")
