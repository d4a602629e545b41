"""Checks with `jsonschema` what a model generates by schemas. Usage: json_schema.py HONE MODEL [SAMPLES]

Every text that does not end for its length is one that the schema allows. The model may be one that has learned nothing.
"""

import json
import subprocess
import sys
import tempfile

import jsonschema

hone, model = sys.argv[1:3]
samples = int(sys.argv[3]) if len(sys.argv) > 3 else 20

schemas = [
    {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1, "maxLength": 20},
            "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 130},
            "kind": {"enum": ["cat", "dog", None, 3]},
            "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{2,6}$"}, "maxItems": 3},
        },
        "required": ["name", "age"],
        "additionalProperties": False,
    },
    {"type": "array", "prefixItems": [{"const": "x"}, {"type": "boolean"}], "items": {"type": "number", "minimum": -1.5, "exclusiveMaximum": 2}, "minItems": 2, "maxItems": 6},
    {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {"type": "string", "maxLength": 9}, {"type": "null"}]},
    {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"value": {"type": "integer", "multipleOf": 3, "minimum": -50}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["value", "next"], "additionalProperties": False}}},
    {"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": {"type": ["integer", "null"]}},
    {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$"},
    {"type": "string", "pattern": "[^a-z\\s]{2}", "minLength": 3, "maxLength": 12},
    {"oneOf": [{"type": "object", "properties": {"k": {"const": "circle"}, "r": {"type": "number", "exclusiveMinimum": 0, "maximum": 9}}, "required": ["k", "r"], "additionalProperties": False}, {"type": "object", "properties": {"k": {"const": "point"}}, "required": ["k"], "additionalProperties": False}]},
    {"allOf": [{"type": "string", "minLength": 2}, {"maxLength": 8}]},
    {"type": ["integer", "boolean"], "minimum": -3, "maximum": 1000000},
]

complete = 0
for seed, schema in enumerate(schemas):
    validator = jsonschema.Draft202012Validator(schema)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(schema, file)
        file.flush()
        lines = subprocess.run(
            [hone, "generate", "--model", model, "--prompt", "The", "--json-schema", file.name, "--json", "--samples", str(samples),
             "--temperature", "1", "--max-tokens", "400", "--seed", str(seed)],
            check=True, capture_output=True, text=True,
        ).stdout.splitlines()
    assert len(lines) == samples
    ended = [record["text"] for record in map(json.loads, lines) if record["ending"] == "stop"]
    for text in ended:
        validator.validate(json.loads(text))
    print(f"schema {seed}: {len(ended)} of {samples} complete, all valid", flush=True)
    # A list or an object may grow for as long as the model likes, and some are cut by their most tokens.
    assert ended
    complete += len(ended)
assert complete > samples * len(schemas) // 2
print(f"{complete} texts fit their schemas")

# What cannot be enforced is refused, with its file and its place there.
with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    json.dump({"type": "array", "uniqueItems": True}, file)
    file.flush()
    refused = subprocess.run(
        [hone, "generate", "--model", model, "--prompt", "The", "--json-schema", file.name], capture_output=True, text=True
    )
assert refused.returncode == 65 and f"{file.name}: #/uniqueItems is not supported" in refused.stderr, refused
