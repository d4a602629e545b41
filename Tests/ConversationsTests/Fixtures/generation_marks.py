"""Which tokens of conversations transformers calls the assistant's, for templates with generation marks.

    python3 generation_marks.py          (transformers 5.24, tokenizers 0.23, trl 1.16)

Writes generation_marks.json: for each template of TRL's folder chat_templates (Apache-2.0), its text and special tokens, a
conversation, and ids and mask from apply_chat_template(return_assistant_tokens_mask=True); and the tokenizer that made the ids,
generation_marks_tokenizer.json.
"""
import json
from pathlib import Path

import trl
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
TEMPLATES = Path(trl.__file__).parent / "chat_templates"

SPECIAL = ["<|endoftext|>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<|im_start|>", "<|im_end|>",
           "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<bos>", "<eos>",
           "<start_of_turn>", "<end_of_turn>"]

#: The template, and what its bos_token and eos_token stand for.
NAMES = {
    "phi3_training": ("<|begin_of_text|>", "<|endoftext|>"),
    "phi3_5_training": ("<|begin_of_text|>", "<|endoftext|>"),
    "qwen2_5_training": ("<|endoftext|>", "<|im_end|>"),
    "qwen3_training": ("<|endoftext|>", "<|im_end|>"),
    "llama3_training": ("<|begin_of_text|>", "<|eot_id|>"),
    "gemma_training": ("<bos>", "<eos>"),
}
TEXT = "The lamp room is cold. Who are you? I am Wren, and I keep the lamp. 1 2 3\n\n assistant user system think"

CONVERSATION = [
    {"role": "user", "content": "Who keeps the lamp?"}, {"role": "assistant", "content": "I am Wren."},
    {"role": "user", "content": "Is it cold?"}, {"role": "assistant", "content": "It is cold in the lamp room.\nYes."},
]

#: Calls are the assistant's, results are not.
TOOLS = [{"type": "function", "function": {"name": "lamp", "description": "Is it lit?", "parameters": {
    "type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]}}}]


def call(room):
    return {"type": "function", "function": {"name": "lamp", "arguments": {"room": room}}}


CALLS = [
    {"role": "user", "content": "Is the lamp lit?"},
    {"role": "assistant", "content": "", "tool_calls": [call("lamp room"), call("cold")]},
    {"role": "tool", "name": "lamp", "content": "yes"}, {"role": "tool", "name": "lamp", "content": "no"},
    {"role": "assistant", "content": "It is lit."}, {"role": "user", "content": "And now?"},
    {"role": "assistant", "content": "I look.", "tool_calls": [call("room")]},
    {"role": "tool", "name": "lamp", "content": "no"}, {"role": "assistant", "content": "It is not."},
]
TAKE_TOOLS = ["qwen2_5_training", "qwen3_training"]


def tokenizer():
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.train_from_iterator([TEXT] * 4, trainers.BpeTrainer(
        vocab_size=300 + len(SPECIAL), special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return inner


def main():
    inner = tokenizer()
    inner.save(str(HERE / "generation_marks_tokenizer.json"))
    cases = []
    for name, (bos, eos) in NAMES.items():
        source = (TEMPLATES / f"{name}.jinja").read_text()
        outer = PreTrainedTokenizerFast(tokenizer_object=inner, bos_token=bos, eos_token=eos)
        outer.chat_template = source
        shown = [(CONVERSATION[:2], None), (CONVERSATION, None)]
        if name in TAKE_TOOLS:
            shown += [(CALLS[:5], TOOLS), (CALLS, TOOLS)]
        for messages, tools in shown:
            made = outer.apply_chat_template(
                messages, tools=tools, return_dict=True, return_assistant_tokens_mask=True)
            cases.append({
                "name": name, "template": source, "tokens": {"bos_token": bos, "eos_token": eos},
                "messages": messages, "tools": tools, "ids": made["input_ids"],
                "trained": made["assistant_masks"]})
            print(name, len(messages), sum(made["assistant_masks"]), "of", len(made["input_ids"]))
            print(repr(outer.decode([i for i, m in zip(made["input_ids"], made["assistant_masks"]) if m])))
    (HERE / "generation_marks.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
