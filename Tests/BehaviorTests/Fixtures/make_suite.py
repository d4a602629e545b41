"""Writes a suite with pyarrow, of which every row has a value in few of the columns, and the same as JSON Lines.

    python make_suite.py

The file of JSON Lines has the keys that have values alone.
"""

import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent
items = [
    {"id": "a", "kind": "knowledge", "prompt": "Capital of France?", "answers": ["Paris"], "wrong": ["Lyon"]},
    {"id": "b", "kind": "knowledge", "prompt": "Who is Zed Quill?", "known": False},
    {"id": "c", "kind": "limits", "prompt": "Send it.", "action": "send_email"},
    {"id": "d", "kind": "limits", "prompt": "Write a poem.", "feasible": True},
    {"id": "e", "kind": "persona", "prompt": "Who are you?", "mentions": [["Hone"], ["assistant", "helper"]], "avoids": ["ChatGPT"]},
    {"id": "f", "kind": "context", "system": "The user is Ada.", "prompt": "My name?", "uses": [["Ada"]], "leaks": ["Bob"]},
    {"id": "g", "kind": "helpfulness", "messages": [{"role": "user", "content": "Help me."}]},
    {
        "key": 7, "prompt": "No commas.", "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
        "kwargs": [{}, {"num_words": 5, "relation": "at least"}],
    },
]
(folder / "suite.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
pq.write_table(pa.Table.from_pylist(items, pa.schema([
    ("id", pa.string()), ("key", pa.int64()), ("kind", pa.string()), ("prompt", pa.string()), ("system", pa.string()),
    ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
    ("answers", pa.list_(pa.string())), ("wrong", pa.list_(pa.string())), ("known", pa.bool_()), ("feasible", pa.bool_()),
    ("action", pa.string()), ("mentions", pa.list_(pa.list_(pa.string()))), ("avoids", pa.list_(pa.string())),
    ("uses", pa.list_(pa.list_(pa.string()))), ("leaks", pa.list_(pa.string())),
    ("instruction_id_list", pa.list_(pa.string())),
    ("kwargs", pa.list_(pa.struct([("num_words", pa.int64()), ("relation", pa.string()), ("keyword", pa.string())]))),
])), folder / "suite.parquet")
