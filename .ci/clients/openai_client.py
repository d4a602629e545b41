"""What the `openai` client gets from `hone serve`. Usage: openai_client.py URL"""

import json
import sys
import threading

import openai

client = openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none")
model = client.models.list().data[0].id
question = [{"role": "user", "content": "Where is the library?"}]
settings = dict(model=model, temperature=1, seed=9, max_completion_tokens=24)


def ask(seed=9):
    return client.chat.completions.create(
        messages=question, logprobs=True, top_logprobs=3, **{**settings, "seed": seed}
    )


alone = ask()
tokens = alone.choices[0].logprobs.content
assert alone.usage.completion_tokens == len(tokens) > 0
assert all(len(token.top_logprobs) == 3 for token in tokens)

stream = list(
    client.chat.completions.create(
        messages=question, stream=True, stream_options={"include_usage": True}, **settings
    )
)
text = "".join(part.choices[0].delta.content or "" for part in stream if part.choices)
assert text == alone.choices[0].message.content
assert stream[-1].usage.completion_tokens == alone.usage.completion_tokens

# The same request among others: the same tokens and probabilities.
answers = {}
threads = [
    threading.Thread(target=lambda seed=seed: answers.__setitem__(seed, ask(seed)))
    for seed in range(24)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert answers[9].choices[0] == alone.choices[0]

echo = client.completions.create(
    model=model, prompt=["The library", "The bakery"], echo=True, logprobs=1, max_tokens=1
)
assert [choice.index for choice in echo.choices] == [0, 1]
assert echo.choices[0].logprobs.token_logprobs[0] is None

schema = {
    "type": "object",
    "properties": {"place": {"enum": ["bakery", "library"]}, "count": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["place", "count"],
    "additionalProperties": False,
}
shaped = client.chat.completions.create(
    messages=question,
    response_format={"type": "json_schema", "json_schema": {"name": "place", "strict": True, "schema": schema}},
    **{**settings, "max_completion_tokens": 200},
)
value = json.loads(shaped.choices[0].message.content)
assert shaped.choices[0].finish_reason == "stop"
assert value["place"] in ("bakery", "library") and value["count"] in range(1, 10), value

tools = [
    {
        "type": "function",
        "function": {
            "name": "find",
            "description": "Finds a place.",
            "parameters": {
                "type": "object",
                "properties": {"place": {"enum": ["bakery", "library"]}, "floor": {"type": "integer", "minimum": 1, "maximum": 9}},
                "required": ["place", "floor"],
                "additionalProperties": False,
            },
        },
    },
    {"type": "function", "function": {"name": "clock", "description": "The time.", "parameters": {"type": "object", "properties": {}}}},
]
calling = {**settings, "max_completion_tokens": 300, "tools": tools}


def check(calls):
    for call in calls:
        arguments = json.loads(call.function.arguments)
        if call.function.name == "clock":
            assert arguments == {}, call
        else:
            assert arguments["place"] in ("bakery", "library") and arguments["floor"] in range(1, 10), call


for choice in ("required", {"type": "function", "function": {"name": "find"}}):
    made = client.chat.completions.create(messages=question, tool_choice=choice, parallel_tool_calls=False, **calling)
    answer = made.choices[0]
    assert answer.finish_reason == "tool_calls" and len(answer.message.tool_calls) == 1, made
    check(answer.message.tool_calls)
    parts = list(
        client.chat.completions.create(
            messages=question, tool_choice=choice, parallel_tool_calls=False, stream=True, **calling
        )
    )
    deltas = [call for part in parts for call in part.choices[0].delta.tool_calls or []]
    assert deltas[0].function.name == answer.message.tool_calls[0].function.name and deltas[0].id
    assert "".join(d.function.arguments or "" for d in deltas) == answer.message.tool_calls[0].function.arguments
    assert parts[-1].choices[0].finish_reason == "tool_calls"
# The result goes back, and the model goes on: it may call again or answer.
results = [{"role": "tool", "tool_call_id": call.id, "content": "on the left"} for call in answer.message.tool_calls]
turn = answer.message.model_dump(exclude_none=True)
further = client.chat.completions.create(messages=question + [turn] + results, **calling).choices[0]
check(further.message.tool_calls or [])
assert (further.finish_reason == "tool_calls") == bool(further.message.tool_calls) or further.finish_reason == "length"
silent = client.chat.completions.create(messages=question, tool_choice="none", **calling)
assert silent.choices[0].message.tool_calls is None

try:
    client.chat.completions.create(messages=question, functions=[{"name": "f"}], **settings)
    raise SystemExit("functions were taken without a word")
except openai.BadRequestError as error:
    assert error.body["param"] == "functions", error.body
print("openai", openai.__version__, "is served")
