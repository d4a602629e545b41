#!/usr/bin/env python3
"""Renders conversations with transformers' chat templates and writes them to chat_templates.json.

    python3 chat_templates.py          (transformers 5.23, jinja2 3.1.6, trl 1.16)

The templates are the built-in ones of Hone, read from ChatTemplate+BuiltIn.swift; those of models, read from the folder
chat_templates of TRL (Apache-2.0), which keeps them as their makers ship them: Qwen 2.5 and Qwen 3 (Apache-2.0),
Llama 3.1 and 3.2, Phi-3 (MIT), DeepSeek-V3 (MIT), GLM-4.5 (MIT), gpt-oss (Apache-2.0); and those below, written for this test
in the documented formats of Llama 3.1, Gemma, SmolLM and Mistral, whose tokenizers call tools in two ways.
"""
import datetime
import json
import re
from pathlib import Path

import transformers.utils.chat_template_utils as utils
import trl

HERE = Path(__file__).resolve().parent
BUILT_IN = HERE.parents[2] / "Sources/Conversations/Templates/ChatTemplate+BuiltIn.swift"

LLAMA_3_1 = """{{- bos_token }}
{%- set date_string = date_string | default(strftime_now("%d %b %Y")) %}
{%- set system = "" %}
{%- if messages[0]["role"] == "system" %}
    {%- set system = messages[0]["content"] | trim %}
    {%- set messages = messages[1:] %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}{{- "Environment: ipython\\n" }}{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\nToday Date: " ~ date_string ~ "\\n\\n" ~ system ~ "<|eot_id|>" }}
{%- if tools is not none %}
    {{- "<|start_header_id|>user<|end_header_id|>\\n\\nThese functions can be called:\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
    {{- messages[0]["content"] | trim + "<|eot_id|>" }}
    {%- set messages = messages[1:] %}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role in ["ipython", "tool"] or "tool_calls" in message) %}
        {{- "<|start_header_id|>" + message["role"] + "<|end_header_id|>\\n\\n" + message["content"] | trim + "<|eot_id|>" }}
    {%- elif "tool_calls" in message %}
        {%- if message.tool_calls | length != 1 %}
            {{- raise_exception("Only one tool-call at once!") }}
        {%- endif %}
        {%- set call = message.tool_calls[0].function %}
        {{- "<|start_header_id|>assistant<|end_header_id|>\\n\\n" -}}
        {{- '{"name": "' + call.name + '", ' }}{{- '"parameters": ' }}{{- call.arguments | tojson }}{{- "}<|eot_id|>" }}
    {%- else %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or (message.content is iterable and message.content is not string) %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- "<|start_header_id|>assistant<|end_header_id|>\\n\\n" }}{%- endif %}
"""

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Roles must alternate') }}
{% endif %}
{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{ '<start_of_turn>model\\n' }}
{%- endif %}"""

SMOLLM = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
You are a helpful AI assistant.<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}"""

MISTRAL = """{{- bos_token }}
{%- for message in messages %}
    {%- if message.role == "user" %}
        {%- if tools and loop.first %}
            {{- "[AVAILABLE_TOOLS] " + (tools | tojson) + "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {{- "[INST] " + message.content + "[/INST]" }}
    {%- elif message.role == "tool" %}
        {%- if message.tool_call_id is not defined or message.tool_call_id | length != 9 %}
            {{- raise_exception("Tool call IDs should be alphanumeric strings with length 9!") }}
        {%- endif %}
        {{- '[TOOL_RESULTS] {"content": ' + (message.content | tojson) + ', "call_id": "' + message.tool_call_id + '"}[/TOOL_RESULTS]' }}
    {%- elif message.tool_calls is defined and message.tool_calls %}
        {{- "[TOOL_CALLS] [" }}
        {%- for call in message.tool_calls %}
            {%- set text = call.function | tojson %}
            {{- text[:-1] + ', "id": "' + call.id + '"}' }}
            {{- ", " if not loop.last else "]" + eos_token }}
        {%- endfor %}
    {%- elif message.role == "assistant" %}
        {{- " " + message.content + eos_token }}
    {%- else %}
        {{- raise_exception("Only user, tool and assistant roles are supported") }}
    {%- endif %}
{%- endfor %}
"""

MISTRAL_ARGUMENTS = """{{- bos_token }}
{%- if messages[0].role == "system" %}
    {{- "[SYSTEM_PROMPT]" + messages[0].content + "[/SYSTEM_PROMPT]" }}
    {%- set messages = messages[1:] %}
{%- endif %}
{%- if tools %}
    {{- "[AVAILABLE_TOOLS]" + (tools | tojson) + "[/AVAILABLE_TOOLS]" }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == "user" %}
        {{- "[INST]" + message.content + "[/INST]" }}
    {%- elif message.role == "assistant" %}
        {{- message.content }}
        {%- for call in message.tool_calls or [] %}
            {{- "[TOOL_CALLS]" + call.function.name + "[ARGS]" + (call.function.arguments | tojson) }}
        {%- endfor %}
        {{- eos_token }}
    {%- else %}
        {{- "[TOOL_RESULTS]" + message.content + "[/TOOL_RESULTS]" }}
    {%- endif %}
{%- endfor %}
"""

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": 'Weather & more "now"',
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "The city"},
                    "unit": {"type": "string", "enum": ["C", "F"]},
                    "days": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["city"],
            },
        },
    }
]
CALL = {
    "type": "function",
    "id": "call12345",
    "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": [1, 2], "f": 1.5, "n": None, "t": True}},
}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def system(text):
    return {"role": "system", "content": text}


def tool(text):
    return {"role": "tool", "content": text, "name": "get_weather", "tool_call_id": "call12345"}


CONVERSATIONS = [
    {"messages": [user("Hi")]},
    {"messages": [system("Be kind."), user("Hi"), assistant("Hello!"), user("  How are you?\n"), assistant("\nFine.  ")]},
    {"messages": [system(""), user("😀 Grüße\r\n<b>&amp;</b> {{ x }} {% y %}"), assistant("'a' \"b\" \\ c")]},
    {"messages": [user("x"), assistant("<think>\nhm\n</think>\n\nanswer"), user("y"), assistant("<think>\nso\n</think>\n\nbye")]},
    {"messages": [user("x"), assistant("answer", reasoning_content="because"), user("y")]},
    {"messages": [system("S"), user("Weather?"), assistant("", tool_calls=[CALL]), tool('{"t": 20}'), assistant("20.")], "tools": TOOLS},
    {"messages": [user("Weather?"), assistant("Let me see.", tool_calls=[CALL, CALL]), tool("sun"), tool("rain"), assistant("Both."), user("Thanks")]},
    {"messages": [user("a"), user("b")]},
    {"messages": [user("Weather?"), assistant("", tool_calls=[CALL]), tool("sun"), assistant("Sun.")], "tools": TOOLS},
    {"messages": [user("Weather?"), assistant("", tool_calls=[CALL, CALL]), tool("sun"), tool("rain"), assistant("Both.")], "tools": TOOLS},
]


def built_in_templates():
    text = BUILT_IN.read_text()

    def source(name):
        match = re.search(rf'let {name} =\s*(refusesTools \+ )?#"""\n(.*?)\n( *)"""#', text, re.S)
        lines = [line.removeprefix(match[3]) for line in match[2].split("\n")]
        return (source("refusesTools") if match[1] else "") + "\n".join(lines)

    hello = re.search(r"\"(\{%- set instructions = 'You are Qwen.*?)\\n\"", text)[1] + "\n"
    chatml = source("chatMLSource")
    return {
        "chatML": (chatml, {"eos_token": "<|im_end|>"}),
        "qwen": (hello + chatml, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}),
        "llama3": (source("llama3Source"), {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}),
        "mistral": (source("mistralSource"), {"bos_token": "<s>", "eos_token": "</s>"}),
        "zephyr": (source("zephyrSource"), {"bos_token": "<s>", "eos_token": "</s>"}),
    }


class FixedDate(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26, 12, 0, 0)


def main():
    utils.datetime = FixedDate
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    templates = built_in_templates()
    for name, source in {
        "llama3_1-like": LLAMA_3_1, "gemma-like": GEMMA, "smollm-like": SMOLLM, "mistral-like": MISTRAL,
        "mistral-arguments-like": MISTRAL_ARGUMENTS,
    }.items():
        templates[name] = (source, tokens)
    folder = Path(trl.__file__).parent / "chat_templates"
    for name in ["qwen2_5", "qwen3", "llama3_1", "llama3_2", "phi3", "deepseekv3", "glm4moe", "gptoss"]:
        templates[name] = ((folder / f"{name}.jinja").read_text(), tokens)
    entries = []
    for name, (source, tokens) in templates.items():
        cases = []
        for index, conversation in enumerate(CONVERSATIONS):
            for prompt in [False, True]:
                context = {"messages": conversation["messages"], "tools": conversation.get("tools"), "documents": None}
                try:
                    text = utils._compile_jinja_template(source).render(**tokens, **context, add_generation_prompt=prompt)
                    cases.append({"conversation": index, "prompt": prompt, "text": text})
                except Exception as error:
                    cases.append({"conversation": index, "prompt": prompt, "fails": f"{type(error).__name__}: {error}"[:100]})
        entries.append({"name": name, "source": source, "tokens": tokens, "cases": cases})
    result = {"conversations": CONVERSATIONS, "templates": entries}
    Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    failures = sum("fails" in case for entry in entries for case in entry["cases"])
    print(len(entries), "templates,", sum(len(entry["cases"]) for entry in entries), "cases,", failures, "refused")


main()
