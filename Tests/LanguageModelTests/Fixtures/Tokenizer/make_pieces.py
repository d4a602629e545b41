#!/usr/bin/env python3
"""Writes small SentencePiece models and tokenizer.json files of further kinds, and what the references make of some texts
with them: pieces.json.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 unicodedata2==16.0.0
    python3 make_pieces.py ../../../../../shared/data
    python3 make_pieces.py ../../../../../shared/data HONE [TEXTS] [SEED]      compares that many with a built `hone`
"""
import io
import json
import random
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
import unicodedata2 as unicode
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

HERE = Path(__file__).resolve().parent
DATA = Path(sys.argv[1])
CORPUS = (DATA / "tokenizer-tests/bpe-train/corpus.en").read_text()[:60_000]
JAPANESE = (DATA / "text/wagahai-ja.txt").read_text()[:2_000]
LINES = [line for line in CORPUS.splitlines() + JAPANESE.splitlines() if line.strip()]
RULES = "".join(f"{source}\t{target}\n" for source, target in [
    ("FF21", "41"), ("FF42", "62"), ("FB01", "66 69"), ("65 301", "E9"), ("3000", "20"), ("A0", "20"), ("9", "20"),
    ("B4", "20 301"), ("2122", "54 4D"), ("AD", ""), ("41 30A", "C5")])
WORDS = CORPUS.split()[:300] + list(JAPANESE[:80])
ODD = ["\uff21", "\uff42", "\ufb01", "e\u0301", "\u3000", "\u00a0", "\t", "\u00b4", "\u2122", "\u00ad", "A\u030a", "\u2581", "\r\n",
       "\r", "\n", "aaaaaaa", "ababab", "12345", "\u00b2\u00be", "\u0663\u0664", "``", "(x)", "[y]", "!?", "\u3002", "\u00ab", "$^", "\u0301",
       "\U0001F600", "\U0001F468\u200d\U0001F469", "\U0001F1E9\U0001F1EA", "\uac00", "\u1100\u1161", "\u0600a", "\u0e33", "\u212b", "\u00c5",
       "\u0345", "\u1e9b\u0323", "\ufdfa", "\u2460", "\u2150", "\ufe0f", "<sep>", "sep", "<0x41>", "\x00", "\x07", "\ufeff"]


def scrap(source):
    kind = source.random()
    if kind < 0.45: return source.choice(WORDS)
    if kind < 0.85: return source.choice(ODD)
    while True:
        point = source.randrange(0x3000) if source.random() < 0.6 else source.randrange(0x110000)
        if not 0xD800 <= point < 0xE000: return chr(point)


def text(source):
    return "".join(scrap(source) + source.choice(["", "", " ", " ", "  "]) for _ in range(source.randint(0, 12)))


# SentencePiece

def trained(rules=False, **options):
    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table:
        table.write(RULES)
        table.flush()
        options |= {"normalization_rule_tsv": table.name} if rules else {"normalization_rule_name": "identity"}
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(LINES), model_writer=model, minloglevel=2, num_threads=1, character_coverage=0.99,
            hard_vocab_limit=False, **options)
    return model.getvalue()


def sentence_pieces():
    yield "unigram", trained(rules=True, model_type="unigram", vocab_size=500)
    yield "unigram-bytes", trained(
        model_type="unigram", vocab_size=700, byte_fallback=True, user_defined_symbols=["<sep>", "(x)", "ab"],
        remove_extra_whitespaces=False)
    yield "unigram-bare", trained(
        rules=True, model_type="unigram", vocab_size=400, add_dummy_prefix=False, split_by_whitespace=False)
    yield "merges", trained(model_type="bpe", vocab_size=700, byte_fallback=True, remove_extra_whitespaces=False)
    yield "merges-bare", trained(
        rules=True, model_type="bpe", vocab_size=400, add_dummy_prefix=False, user_defined_symbols=["<sep>", "[y]"])


# tokenizers

def unigram(normalizer, pre_tokenizer, decoder=None, **options):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoder or decoders.Metaspace()
    tokenizer.train_from_iterator([line for line in LINES if line.isascii()], trainers.UnigramTrainer(
        vocab_size=400, show_progress=False, special_tokens=["<unk>", "</s>"], unk_token="<unk>", **options))
    return json.loads(tokenizer.to_str())


def merges(*parts, normalizer=None):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator([CORPUS], trainers.BpeTrainer(
        vocab_size=330, special_tokens=["<|end|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(list(parts))
    if normalizer: tokenizer.normalizer = normalizer
    return json.loads(tokenizer.to_str())


def isolated(expression): return pre_tokenizers.Split(Regex(expression), "isolated")


def precompiled():
    """The rules of the SentencePiece model of this name, for the normalizer that reads them."""
    from sentencepiece import sentencepiece_model_pb2
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString((HERE / "unigram.model").read_bytes())
    return normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)


def files():
    spaces, word_marks = pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()
    bare = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    yield "t5", unigram(
        normalizers.Sequence([precompiled(), normalizers.Strip(False, True), normalizers.Replace(Regex(" {2,}"), "\u2581")]),
        word_marks)
    yield "words", unigram(normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()]),
                           pre_tokenizers.Sequence([spaces, word_marks]))
    yield "accents", unigram(
        normalizers.Sequence([normalizers.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), normalizers.NFKD(), normalizers.StripAccents(),
                              normalizers.Lowercase()]), pre_tokenizers.Metaspace(split=False))
    signs = "!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~"
    yield "deepseek-v3", merges(
        isolated(r"\p{N}{1,3}"), isolated("[一-龥぀-ゟ゠-ヿ]+"),
        isolated(f"[{signs}][A-Za-z]+|[^\r\n\\p{{L}}\\p{{P}}\\p{{S}}]?[\\p{{L}}\\p{{M}}]+| ?[\\p{{P}}\\p{{S}}]+[\r\n]*"
                 r"|\s*[\r\n]+|\s+(?!\S)|\s+"), bare)
    yield "deepseek", merges(
        isolated("[\r\n]"), isolated(r"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-Ֆ]+"),
        isolated(r"\s?[!-/:-~！-／：-～‘-‟　-。]+"), isolated(r"\s+$"), isolated("[一-龥ࠀ-一가-퟿]+"),
        pre_tokenizers.Digits(individual_digits=True), bare)
    yield "falcon", merges(
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False),
        pre_tokenizers.Digits(individual_digits=False), isolated("[0-9][0-9][0-9]"))
    yield "between", merges(
        spaces, pre_tokenizers.Split(Regex("[a-c]+"), "removed", invert=True), bare, normalizer=normalizers.NFKC())
    yield "marked", merges(
        pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Split(Regex("[aeiou]"), "merged_with_next"), bare,
        normalizer=normalizers.Replace(Regex("[b-d]{2}x?"), "_"))


def is_known(text):
    """Whether characters are as old as the tables of the references, which are of several versions of Unicode."""
    return all(unicode.category(c) in ("Cn", unicodedata.ucd_3_2_0.category(c)) for c in text)


def cases():
    for name, model in sentence_pieces(): (HERE / f"{name}.model").write_bytes(model)
    for name, file in files(): (HERE / f"{name}.tokenizer.json").write_text(json.dumps(file, ensure_ascii=False))


def references():
    for name in ["unigram", "unigram-bytes", "unigram-bare", "merges", "merges-bare"]:
        path = HERE / f"{name}.model"
        reference = sentencepiece.SentencePieceProcessor(model_file=str(path))
        yield path, reference.encode, reference.decode
    shared = DATA / "tokenizers/spm/test_model.model"
    if shared.exists() and len(sys.argv) > 2:
        reference = sentencepiece.SentencePieceProcessor(model_file=str(shared))
        yield shared, reference.encode, reference.decode
    for name in ["t5", "words", "accents", "deepseek-v3", "deepseek", "falcon", "between", "marked"]:
        path = HERE / f"{name}.tokenizer.json"
        tokenizer = Tokenizer.from_file(str(path))
        yield (path, lambda text, tokenizer=tokenizer: tokenizer.encode(text, add_special_tokens=False).ids,
               lambda ids, tokenizer=tokenizer: tokenizer.decode(ids, skip_special_tokens=False))


def compare(hone, count, seed):
    source = random.Random(seed)
    texts = [text for text in (text(source) for _ in range(count)) if is_known(text)]
    records = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    wrong = 0
    for path, encode, decode in references():
        run = subprocess.run([hone, "tokenizer", "encode", "--tokenizer", str(path), "--jsonl", "--json"], input=records,
                             capture_output=True, text=True)
        if run.returncode: sys.exit(run.stderr)
        found = [json.loads(line)["ids"] for line in run.stdout.splitlines()]
        differences = [(text, ids, encode(text)) for text, ids in zip(texts, found, strict=True) if ids != encode(text)]
        print(path.name, len(texts), "texts", len(differences), "differences", *map(json.dumps, differences[:3]), sep="\n  ")
        wrong += len(differences)
    return wrong


if len(sys.argv) > 2:
    count, seed = map(int, sys.argv[3:] + ["2000", "1"][len(sys.argv) - 3:])
    sys.exit(compare(sys.argv[2], count, seed) > 0)
cases()
source = random.Random(7)
texts = ["", " ", "  ", " hello  world ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] + [
    text for text in (text(source) for _ in range(60)) if is_known(text)]
rows = []
for path, encode, decode in references():
    samples = [{"text": text, "ids": encode(text), "decoded": decode(encode(text))} for text in texts]
    rows.append(f"{json.dumps(path.name)}: [\n" + ",\n".join(map(json.dumps, samples)) + "]")
(HERE / "pieces.json").write_text("{" + ",\n".join(rows) + "}\n")
