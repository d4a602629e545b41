"""Turns a model of llama2.c, with its tokenizer, into a Hugging Face model directory.

    python3 convert.py stories260K.bin tok512.bin OUTPUT

The model file: seven int32 (width, feed-forward width, layers, heads, key and value heads, vocabulary, context), then
float32 arrays: embedding, attention norms, query, key, value and output maps, feed-forward norms, w1, w2, w3, final norm,
two tables that are not used. A positive vocabulary means that the output map is the embedding.
The tokenizer file: the length of the longest token, then for each a float32 score, an int32 length, and its bytes.
Needs nothing but Python.
"""

import array
import json
import os
import struct
import sys


def read_model(path):
    """The configuration, and the arrays under their names in a Hugging Face checkpoint, each (shape, array of floats)."""
    with open(path, "rb") as file:
        numbers = struct.unpack("<7i", file.read(28))
        floats = array.array("f", file.read())
    if sys.byteorder == "big":
        floats.byteswap()
    width, inner, layers, heads, pairs, vocabulary, context = numbers
    tied, vocabulary = vocabulary > 0, abs(vocabulary)
    head = width // heads
    place = 0

    def take(*shape):
        nonlocal place
        count = 1
        for extent in shape:
            count *= extent
        place += count
        return list(shape), floats[place - count : place]

    def half_split(map):
        """llama2.c rotates neighbouring channels, transformers the first half of a head with the second."""
        (rows, columns), values = map
        result = array.array("f")
        for start in range(0, rows, head):
            for row in [*range(0, head, 2), *range(1, head, 2)]:
                result += values[(start + row) * columns : (start + row + 1) * columns]
        return [rows, columns], result

    arrays = {"model.embed_tokens.weight": take(vocabulary, width)}

    def layerwise(name, *shape, change=lambda map: map):
        for layer in range(layers):
            arrays[f"model.layers.{layer}.{name}.weight"] = change(take(*shape))

    layerwise("input_layernorm", width)
    layerwise("self_attn.q_proj", width, width, change=half_split)
    layerwise("self_attn.k_proj", pairs * head, width, change=half_split)
    layerwise("self_attn.v_proj", pairs * head, width)
    layerwise("self_attn.o_proj", width, width)
    layerwise("post_attention_layernorm", width)
    layerwise("mlp.gate_proj", inner, width)
    layerwise("mlp.down_proj", width, inner)
    layerwise("mlp.up_proj", inner, width)
    arrays["model.norm.weight"] = take(width)
    take(2, context, head // 2)
    if not tied:
        arrays["lm_head.weight"] = take(vocabulary, width)
    assert place == len(floats), f"{len(floats)} numbers where {place} were expected"
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": pairs,
        "head_dim": head,
        "vocab_size": vocabulary,
        "max_position_embeddings": context,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": tied,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "dtype": "float32",
        "torch_dtype": "float32",
    }, arrays


def write_safetensors(path, arrays):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, (shape, values) in arrays.items():
        end = offset + 4 * len(values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(encoded)) + encoded)
        for _, values in arrays.values():
            if sys.byteorder == "big":
                values.byteswap()
            file.write(values.tobytes())


def read_tokens(path, count):
    """Each token's text and score, spelled as in SentencePiece."""
    tokens = []
    with open(path, "rb") as file:
        file.read(4)
        for _ in range(count):
            score, length = struct.unpack("<fi", file.read(8))
            tokens.append((file.read(length).decode().replace(" ", "\u2581"), score))
    tokens[:3] = [(name, 0.0) for name in ("<unk>", "<s>", "</s>")]
    return tokens


def tokenizer(tokens):
    """A tokenizer.json: of two neighbours, those that make the token of the highest score are merged first."""
    ids = {text: index for index, (text, _) in enumerate(tokens)}
    merges = []
    for text, score in tokens[3:]:
        parts = [(text[:cut], text[cut:]) for cut in range(1, len(text))]
        parts = [pair for pair in parts if pair[0] in ids and pair[1] in ids]
        if not (text.startswith("<0x") and len(text) == 6):
            merges += [(-score, ids[left], ids[right], [left, right]) for left, right in parts]
    special = [
        {
            "id": index,
            "content": tokens[index][0],
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for index in range(3)
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": "\u2581"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                {"SpecialToken": {"id": "<s>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "<s>", "type_id": 1}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": ids,
            "merges": [pair for *_, pair in sorted(merges)],
        },
    }


def main(model, tokens, output):
    configuration, arrays = read_model(model)
    os.makedirs(output, exist_ok=True)

    def write_json(name, value):
        with open(os.path.join(output, name), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=2, ensure_ascii=False)

    write_safetensors(os.path.join(output, "model.safetensors"), arrays)
    write_json("tokenizer.json", tokenizer(read_tokens(tokens, configuration["vocab_size"])))
    write_json(
        "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "model_max_length": configuration["max_position_embeddings"],
        },
    )
    write_json("generation_config.json", {"bos_token_id": 1, "eos_token_id": 2})
    write_json("config.json", configuration)


if __name__ == "__main__":
    main(*sys.argv[1:])
