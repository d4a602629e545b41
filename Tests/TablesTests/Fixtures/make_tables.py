"""Writes small tables with pyarrow and fastparquet, and what they hold as JSON Lines.

    python make_tables.py [FOLDER]

Each FILE.parquet or FILE.arrow holds the rows of ROWS.jsonl, where expected.json says which. Needs pyarrow;
fastparquet's files are written where it is installed (`pip install fastparquet`) and else left as they are.
"""

import datetime
import decimal
import json
import math
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
expected = {}


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            import base64

            return base64.b64encode(value).decode()
    return value


def keep(name, table):
    lines = [json.dumps(plain(row), ensure_ascii=False, allow_nan=True) for row in table.to_pylist(maps_as_pydicts="strict")]
    (folder / f"{name}.jsonl").write_text("".join(line + "\n" for line in lines))


def parquet(name, rows, table, **options):
    pq.write_table(table, folder / f"{name}.parquet", **options)
    expected[f"{name}.parquet"] = rows


# Flat columns, with nulls, that repeat themselves and that do not.
count = 40
flat = pa.table({
    "text": [f"Row {i}: {'la ' * (i % 7)}né 雪 {i * i}" for i in range(count)],
    "kind": [["good", "bad", None][i % 3] for i in range(count)],
    "small": pa.array([i - 20 if i % 5 else None for i in range(count)], pa.int32()),
    "big": pa.array([(i - 20) * 1_000_000_007_001 for i in range(count)], pa.int64()),
    "real": pa.array([i / 8 for i in range(count)], pa.float32()),
    "double": pa.array([math.sqrt(i) if i % 4 else None for i in range(count)], pa.float64()),
    "flag": pa.array([[True, False, None, True, True][i % 5] for i in range(count)], pa.bool_()),
})
keep("flat", flat)
for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    for version in ["1.0", "2.0"]:
        parquet(f"flat-{codec}-v{version[0]}", "flat", flat, compression=codec, data_page_version=version,
                row_group_size=25, data_page_size=300, write_batch_size=8)
for name, column, encodings in [
    ("delta", None, {"text": "DELTA_BYTE_ARRAY", "kind": "DELTA_LENGTH_BYTE_ARRAY", "small": "DELTA_BINARY_PACKED",
                     "big": "DELTA_BINARY_PACKED", "real": "BYTE_STREAM_SPLIT", "double": "BYTE_STREAM_SPLIT",
                     "flag": "RLE"}),
    ("plain", None, {column: "PLAIN" for column in flat.column_names}),
]:
    for version in ["1.0", "2.0"]:
        parquet(f"flat-{name}-v{version[0]}", "flat", flat, use_dictionary=False, column_encoding=encodings,
                data_page_version=version, compression="none", data_page_size=400, write_batch_size=8)

# What `datasets` writes: messages, lists, structures, and all of them missing.
messages = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
nested = pa.table({
    "messages": pa.array([
        [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}], [], None,
        [{"role": "user", "content": None}, None], [None],
        [{"role": r, "content": f"{r} {i}"} for i in range(9) for r in ("user", "assistant")],
    ] * 3, messages),
    "scores": pa.array([[[1, 2], [], None, [3]], None, [], [[None]], [[4]] * 5, [[]]] * 3, pa.list_(pa.list_(pa.int32()))),
    "meta": pa.array([
        {"id": 1, "tags": ["a", None], "where": {"x": 0.5}}, None, {"id": None, "tags": None, "where": None},
        {"id": 4, "tags": [], "where": {"x": None}}, {"id": 5, "tags": ["b"], "where": {"x": 1.0}}, None,
    ] * 3, pa.struct([("id", pa.int64()), ("tags", pa.list_(pa.string())), ("where", pa.struct([("x", pa.float64())]))])),
    "map": pa.array([[("a", 1), ("b", None)], [], None, [("c", 3)], [("d", 4)], []] * 3, pa.map_(pa.string(), pa.int32())),
    "pair": pa.array([["x", "y"], None, ["z", None]] * 6, pa.list_(pa.string(), 2)),
    "large": pa.array([["long", None], [], None] * 6, pa.large_list(pa.large_string())),
})
keep("nested", nested)
for version in ["1.0", "2.0"]:
    parquet(f"nested-v{version[0]}", "nested", nested, data_page_version=version, row_group_size=7, data_page_size=64,
            write_batch_size=3)
parquet("nested-two-level", "nested-two-level", nested.select(["scores"]), use_compliant_nested_type=False)
keep("nested-two-level", nested.select(["scores"]))

# Types that stand for something else.
utc = datetime.timezone.utc
typed = pa.table({
    "date": pa.array([datetime.date(2024, 2, 29), datetime.date(1969, 12, 31), None], pa.date32()),
    "milli": pa.array([datetime.datetime(2024, 2, 29, 12, 30, 1, 500_000), datetime.datetime(1901, 1, 1), None], pa.timestamp("ms")),
    "micro": pa.array([datetime.datetime(2024, 2, 29, 12, 30, 1, 7, utc), datetime.datetime(1965, 7, 4, 1, 2, 3, 4, utc), None], pa.timestamp("us", "UTC")),
    "time": pa.array([datetime.time(1, 2, 3), datetime.time(23, 59, 59, 999_000), None], pa.time32("ms")),
    "decimal": pa.array([decimal.Decimal("1.25"), decimal.Decimal("-12345678.75"), None], pa.decimal128(20, 2)),
    "cents": pa.array([decimal.Decimal("1.25"), decimal.Decimal("-1.50"), None], pa.decimal128(5, 2)),
    "half": pa.array([0.5, -65504.0, None], pa.float16()),
    "bytes": pa.array([b"text", b"\xff\x00", None], pa.binary()),
    "fixed": pa.array([b"abcd", b"\xfe\xfe\xfe\xfe", None], pa.binary(4)),
    "u8": pa.array([0, 255, None], pa.uint8()),
    "u32": pa.array([0, 4_294_967_295, None], pa.uint32()),
    "u64": pa.array([0, 1 << 62, None], pa.uint64()),
    "i8": pa.array([-128, 127, None], pa.int8()),
    "nothing": pa.array([None, None, None], pa.null()),
    "category": pa.array(["a", "b", None]).dictionary_encode(),
})
keep("typed", typed)
parquet("typed", "typed", typed)
keep("typed-int96", typed.select(["milli"]))
parquet("typed-int96", "typed-int96", typed.select(["milli"]), use_deprecated_int96_timestamps=True)

# Conversations to train on.
chats = pa.table({
    "messages": pa.array([
        [{"role": "user", "content": word}, {"role": "assistant", "content": f"{word} is sold at noon"}]
        for word in ["bread", "Ada", "dawn", "noon", "sold", "baked"] * 2
    ], messages),
    "source": [f"town {i}" for i in range(12)],
})
keep("chats", chats)
parquet("chats", "chats", chats, row_group_size=5)


def arrow(name, rows, table, stream=True, **options):
    with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as sink:
        make = pa.ipc.new_stream if stream else pa.ipc.new_file
        with make(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
            writer.write_table(table, max_chunksize=8)
    expected[f"{name}.arrow"] = rows


arrow("flat-stream", "flat", flat)
arrow("flat-file", "flat", flat, stream=False)
arrow("flat-zstd", "flat", flat, compression="zstd")
arrow("nested-stream", "nested", nested)
arrow("chats", "chats", chats)
# Decimals are left to Parquet.
typed_arrow = typed.drop_columns(["decimal", "cents"])
keep("typed-stream", typed_arrow)
arrow("typed-stream", "typed-stream", typed_arrow, unify_dictionaries=True)

# Dictionaries that later batches add to, in a file of which they stand in the middle, or behind all batches.
words = ["a", "b", "c", "d", "e", None]
batches = [
    pa.record_batch([pa.DictionaryArray.from_arrays(pa.array([0, 1, None, size - 2, 1], pa.int8()), words[: size - 1]),
                     pa.array([size, None, 3, 4, 5])], ["word", "number"])
    for size in (3, 4, 6)
]
keep("growing", pa.Table.from_batches(batches))


def growing(name, make, **options):
    path = folder / f"{name}.arrow"
    with pa.OSFile(str(path), "wb") as sink, make(sink, batches[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    expected[path.name] = "growing"
    return path


growing("growing-stream", pa.ipc.new_stream, emit_dictionary_deltas=True)
growing("replaced-stream", pa.ipc.new_stream)
path = growing("growing-file", pa.ipc.new_file, emit_dictionary_deltas=True)

# The same file with its batches of rows before all dictionaries; the footer says where each is.
contents = path.read_bytes()
places, place = [], 8
while True:
    size = int.from_bytes(contents[place + 4 : place + 8], "little")
    if size == 0:
        break
    body = pa.ipc.read_message(contents[place:]).body
    places.append((place, 8 + size + (body.size if body else 0)))
    place += places[-1][1]
end = place
parts = [contents[start : start + size] for start, size in places]
kinds = [pa.ipc.read_message(part).type for part in parts]
order = [i for kind in ("schema", "record batch", "dictionary") for i, other in enumerate(kinds) if other == kind]
moved, place = {}, 8
for i in order:
    moved[places[i][0]] = place
    place += places[i][1]
footer = bytearray(contents[end:])
at = 0
while at + 8 <= len(footer):
    offset = int.from_bytes(footer[at : at + 8], "little")
    if offset in moved and offset > 8:
        footer[at : at + 8] = moved[offset].to_bytes(8, "little")
        at += 24
    else:
        at += 4
(folder / "growing-late.arrow").write_bytes(contents[:8] + b"".join(parts[i] for i in order) + bytes(footer))
expected["growing-late.arrow"] = "growing"

try:
    import fastparquet
except ImportError:
    print("fastparquet is not installed")
    old = json.loads((folder / "expected.json").read_text()) if (folder / "expected.json").exists() else {}
    expected |= {name: rows for name, rows in old.items() if name.startswith("fast")}
else:
    import pandas

    frame = pandas.DataFrame({
        "text": [f"Row {i} né" for i in range(20)], "number": range(20), "real": [i / 4 for i in range(20)],
        "flag": [i % 3 == 0 for i in range(20)], "kind": pandas.Categorical([["a", "b"][i % 2] for i in range(20)]),
        "maybe": [None if i % 4 == 0 else f"{i}" for i in range(20)],
    })
    rows = [{key: (None if value != value else value) for key, value in row.items()} for row in frame.astype(object).to_dict("records")]
    (folder / "fast.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    for codec in ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"]:
        fastparquet.write(str(folder / f"fast-{codec.lower()}.parquet"), frame, compression=codec, row_group_offsets=[0, 9])
        expected[f"fast-{codec.lower()}.parquet"] = "fast"

(folder / "expected.json").write_text(json.dumps(expected, indent=2, sort_keys=True) + "\n")
