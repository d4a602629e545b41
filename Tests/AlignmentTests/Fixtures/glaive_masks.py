"""What transformers calls the assistant's in the records of glaive-toolcall-300.json.

    python3 glaive_masks.py ../../../../shared/data/instruct/glaive-toolcall-300.json          (transformers 5.24, trl 1.16)

Writes glaive_masks.json: for each record the number of characters that are learned, and a hash (FNV-1a, 64 bits) of them, in UTF-8.
The turns are put into OpenAI's form here, and rendered by Qwen 2.5's template with generation marks of TRL (Apache-2.0); the line
breaks that it marks before and behind a turn are left out: the first ends the prompt, and generation stops before the second.
"""
import json
import sys
from pathlib import Path

import trl
from transformers.utils.chat_template_utils import render_jinja_template

HERE = Path(__file__).resolve().parent
TEMPLATE = (Path(trl.__file__).parent / "chat_templates" / "qwen2_5_training.jinja").read_text()
ROLES = {"human": "user", "gpt": "assistant", "observation": "tool"}


def message(turn):
    if turn["from"] != "function_call":
        return {"role": ROLES[turn["from"]], "content": turn["value"]}
    calls = json.loads(turn["value"])
    calls = calls if isinstance(calls, list) else [calls]
    return {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": call} for call in calls]}


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


lines = []
for record in json.loads(Path(sys.argv[1]).read_text()):
    tools = json.loads(record["tools"]) if record["tools"] else None
    tools = [{"type": "function", "function": tool} for tool in tools] if tools else None
    texts, spans = render_jinja_template(
        [[message(turn) for turn in record["conversations"]]], tools=tools, chat_template=TEMPLATE,
        return_assistant_tokens_mask=True)
    learned = "".join(texts[0][begin:end].strip("\n") for begin, end in spans[0])
    assert "<tool_response>" not in learned
    lines.append([len(learned), f"{fnv(learned.encode()):016x}"])
(HERE / "glaive_masks.json").write_text("[\n" + ",\n".join(map(json.dumps, lines)) + "\n]\n")
print(len(lines), sum(count for count, _ in lines))
