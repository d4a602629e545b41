"""Which tokens of conversations with thinking transformers calls the assistant's, for Qwen3's own template.

    python3 thinking_masks.py          (transformers 5.24, tokenizers 0.23, trl 1.16)

Writes thinking_masks.json. Qwen3's template (Apache-2.0, from TRL's folder chat_templates) has no generation marks, so they are put
around what the assistant writes, up to the token that ends its turn; the text stays the same, which is checked. The template leaves
out the thinking of turns before the last question. The tokenizer is that of generation_marks.py.
"""
import json
from pathlib import Path

import trl
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

HERE = Path(__file__).resolve().parent
SOURCE = (Path(trl.__file__).parent / "chat_templates" / "qwen3.jinja").read_text()

WRITTEN = """        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
"""
MARKED = """        {%- set thought = '' %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or reasoning_content) %}
            {%- set thought = '<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' %}
            {%- set content = content.lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\\n' }}
        {%- generation %}
        {{- thought + content }}
"""
END = """        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}"""
MARKED_END = """        {{- '<|im_end|>' }}
        {%- endgeneration %}
        {{- '\\n' }}
    {%- elif message.role == "tool" %}"""

TOOLS = [{"type": "function", "function": {"name": "lamp", "description": "Is it lit?", "parameters": {
    "type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]}}}]
CALL = {"type": "function", "function": {"name": "lamp", "arguments": {"room": "lamp room"}}}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, thought=None, **more):
    return {"role": "assistant", "content": text, **({} if thought is None else {"reasoning_content": thought}), **more}


CONVERSATIONS = [
    [user("Who keeps the lamp?"), assistant("I am Wren.", "Who am I?")],
    [user("Who keeps the lamp?"), assistant("<think>\nWho am I?\n</think>\n\nI am Wren.")],
    [user("Who keeps the lamp?"), assistant("I am Wren.")],
    [user("Who keeps the lamp?"), assistant("I am Wren.", "Who am I?"), user("Is it cold?"), assistant("Yes.", "The lamp\nroom is.")],
    [user("Who keeps the lamp?"), assistant("I am Wren.", "Who am I?"), user("Is it cold?"), assistant("Yes.")],
    [user("Is it lit?"), assistant("", "I look.", tool_calls=[CALL]), {"role": "tool", "name": "lamp", "content": "yes"},
     assistant("It is.", "So it is.")],
    [user("Is it lit?"), assistant("", "I look.", tool_calls=[CALL]), {"role": "tool", "name": "lamp", "content": "yes"},
     assistant("It is.", "So it is."), user("And now?"), assistant("I look.", "Again.", tool_calls=[CALL]),
     {"role": "tool", "name": "lamp", "content": "no"}, assistant("It is not.")],
]


def main():
    assert SOURCE.count(WRITTEN) == 1 and SOURCE.count(END) == 1
    marked = SOURCE.replace(WRITTEN, MARKED).replace(END, MARKED_END)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_file(str(HERE / "generation_marks_tokenizer.json")), eos_token="<|im_end|>")
    cases = []
    for messages in CONVERSATIONS:
        tools = TOOLS if any("tool_calls" in message for message in messages) else None
        texts = [tokenizer.apply_chat_template(messages, tools=tools, chat_template=source, tokenize=False)
                 for source in (SOURCE, marked)]
        assert texts[0] == texts[1]
        made = tokenizer.apply_chat_template(
            messages, tools=tools, chat_template=marked, return_dict=True, return_assistant_tokens_mask=True)
        cases.append({"messages": messages, "tools": tools, "text": texts[0], "ids": made["input_ids"],
                      "trained": made["assistant_masks"]})
        print(repr(tokenizer.decode([i for i, m in zip(made["input_ids"], made["assistant_masks"]) if m])))
    (HERE / "thinking_masks.json").write_text(
        json.dumps({"template": SOURCE, "marked": marked})[:-1] + ',\n"cases": [\n' + ",\n".join(map(json.dumps, cases)) + "\n]}\n")


main()
