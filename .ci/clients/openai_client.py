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

try:
    client.chat.completions.create(
        messages=question, tools=[{"type": "function", "function": {"name": "f"}}], **settings
    )
    raise SystemExit("tools were taken without a word")
except openai.BadRequestError as error:
    assert error.body["param"] == "tools", error.body
print("openai", openai.__version__, "is served")
