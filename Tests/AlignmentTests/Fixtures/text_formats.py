"""Writes text_formats.json: what transformers 5.24 makes of a folder's names for tokens, and the ids that TRL 1.16 trains
on for records of each kind, with tokenizers that put a token before every text.

    python text_formats.py
"""

import json
import os
import tempfile

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer
from trl.data_utils import _tokenize, common_prefix_length

TEXT = ["the bread is baked by Ada before dawn and sold at noon", "who bakes the bread? Ada does.", "user assistant"]
SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|x|>"]
TEMPLATES = {
    "marks": "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "words": "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}",
}


def bytes_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(TEXT * 4, trainer)
    return tokenizer


def words_tokenizer():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<unk>"] + SPECIAL + tokens, show_progress=False)
    split = Tokenizer(models.BPE(unk_token="<unk>"))
    split.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    split.train_from_iterator(TEXT * 4, trainer)
    state = json.loads(split.to_str())
    added = [token for token in state["added_tokens"] if not token["content"].startswith("<0x")]
    result = json.loads(tokenizer.to_str())
    result["added_tokens"] = added
    result["model"] |= {"vocab": state["model"]["vocab"], "merges": state["model"]["merges"]}
    return Tokenizer.from_str(json.dumps(result))


def with_beginning(tokenizer):
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    return json.loads(tokenizer.to_str())


def load(tokenizer, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, contents in {"tokenizer.json": tokenizer, **files}.items():
            with open(os.path.join(folder, name), "w") as file:
                json.dump(contents, file)
        return AutoTokenizer.from_pretrained(folder)


FAST = {"tokenizer_class": "PreTrainedTokenizerFast"}
TOKEN = {"lstrip": False, "rstrip": False, "normalized": False, "single_word": False}
NAMINGS = [
    {"tokenizer_config.json": FAST},
    {"tokenizer_config.json": FAST | {"bos_token": "<s>", "eos_token": TOKEN | {"__type": "AddedToken", "content": "</s>"}}},
    {"tokenizer_config.json": FAST, "special_tokens_map.json": {"bos_token": "<s>", "eos_token": TOKEN | {"content": "</s>"}}},
    {"tokenizer_config.json": FAST | {"eos_token": "<|x|>"}, "special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>"}},
    {"tokenizer_config.json": FAST | {"added_tokens_decoder": {"0": TOKEN | {"content": "<s>", "special": True}}},
     "special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>"}},
    {"tokenizer_config.json": FAST | {"extra_special_tokens": {"x_token": "<|x|>", "eos_token": "</s>"}}},
    {"tokenizer_config.json": FAST | {"extra_special_tokens": ["<|x|>"], "eos_token": "</s>"}},
    {"tokenizer_config.json": FAST | {"x_token": "<|x|>"}},
    {"tokenizer_config.json": FAST, "special_tokens_map.json": {"x_token": "<|x|>", "additional_special_tokens": ["<|x|>"]}},
    {"special_tokens_map.json": {"bos_token": "<s>"}},
    {"tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}},
    {"tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "eos_token": "</s>"}},
    {"tokenizer_config.json": {"model_max_length": 1024}, "config.json": {"model_type": "gpt2"}},
]
NAMES = "{{ bos_token }}|{{ eos_token }}|{{ x_token }}|{{ pad_token }}|{{ unk_token }}"

USER, ANSWER, OTHER = [[{"role": role, "content": text}] for role, text in [
    ("user", "who bakes the bread?"), ("assistant", "Ada does."), ("assistant", "the bread")]]
AGAIN = [{"role": "user", "content": "before dawn"}, {"role": "assistant", "content": "and noon"}]
PLAIN = ("the bread is", " baked by Ada", " sold")


def ids_of(tokenizer, record):
    def ids(given, **options):
        return _tokenize(tokenizer, given, **options)["input_ids"]

    def ended(text):
        return text if text.endswith(tokenizer.eos_token) else text + tokenizer.eos_token

    def cut(prompt, *answers):
        plain = isinstance(prompt, str)
        given = ids(prompt) if plain else ids(prompt, add_generation_prompt=True)
        whole = [ids(prompt + (ended(answer) if plain else answer)) for answer in answers]
        length = min(common_prefix_length(given, one) for one in whole)
        assert length == len(given), "the prompt is cut"
        return [given] + [one[length:] for one in whole]

    if "text" in record:
        return [ids(ended(record["text"]))]
    if "messages" in record:
        return [ids(record["messages"])]
    if "chosen" in record:
        return cut(record["prompt"], record["chosen"], record["rejected"])
    if "completion" in record:
        return cut(record["prompt"], record["completion"])
    prompt = record["prompt"]
    return [ids(prompt) if isinstance(prompt, str) else ids(prompt, add_generation_prompt=True)]


tokenizers = {"marks": with_beginning(bytes_tokenizer()), "words": with_beginning(words_tokenizer())}
namings = []
for files in NAMINGS:
    tokenizer = load(tokenizers["marks"], files)
    text = tokenizer.apply_chat_template([{"role": "user", "content": "a"}], chat_template=NAMES, tokenize=False)
    namings.append({"files": files, "text": text})
records = []
for name, template in TEMPLATES.items():
    config = FAST | {"bos_token": "<s>", "eos_token": "</s>", "chat_template": template}
    tokenizer = load(tokenizers[name], {"tokenizer_config.json": config})
    for record in [
        {"text": PLAIN[0] + PLAIN[1]}, {"text": "Ada"},
        {"messages": USER + ANSWER}, {"messages": USER + ANSWER + AGAIN},
        {"prompt": PLAIN[0], "completion": PLAIN[1]}, {"prompt": USER, "completion": ANSWER},
        {"prompt": PLAIN[0], "chosen": PLAIN[1], "rejected": PLAIN[2]},
        {"prompt": USER, "chosen": ANSWER, "rejected": OTHER},
        {"prompt": PLAIN[0]}, {"prompt": USER}, {"prompt": USER + ANSWER + AGAIN[:1]},
    ]:
        records.append({"format": name, "record": record, "ids": ids_of(tokenizer, record)})

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "text_formats.json"), "w") as file:
    json.dump({"names": NAMES, "templates": TEMPLATES, "tokenizers": tokenizers, "namings": namings, "records": records},
              file, ensure_ascii=False, indent=1)
