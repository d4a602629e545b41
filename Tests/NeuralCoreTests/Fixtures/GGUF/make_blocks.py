"""Makes blocks.gguf, a tensor of each type that is read, and blocks.safetensors, the numbers that the `gguf` package
reads from them and, for the types it writes, the numbers they were made of.

    python3 make_blocks.py        # numpy 2, safetensors, gguf 0.19
"""

import os

import gguf
import numpy as np
from gguf.quants import dequantize, quantize
from safetensors.numpy import save_file

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(1)
Type = gguf.GGMLQuantizationType
writer = gguf.GGUFWriter(os.path.join(here, "blocks.gguf"), "none")
numbers = {}


def halves(count):
    return random.uniform(0.001, 0.1, count).astype(np.float16).view(np.uint8).reshape(count, 2)


for kind in [Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1]:
    name = kind.name.lower()
    made = random.normal(0, 1, (3, 64)).astype(np.float32)
    made[1, :32] = 0
    data = made if kind is Type.F32 else quantize(made, kind)
    if kind is Type.F16:
        data = made.astype(np.float16)
    writer.add_tensor(name, data, raw_dtype=kind)
    numbers[name] = made if kind is Type.F32 else dequantize(data, kind).reshape(made.shape)
    numbers[name + ".source"] = made

# The package does not write these: any bytes are a block, if its scales are numbers.
for kind, scales in [(Type.Q4_K, [0, 2]), (Type.Q5_K, [0, 2]), (Type.Q6_K, [208])]:
    name = kind.name.lower()
    size = gguf.GGML_QUANT_SIZES[kind][1]
    blocks = random.integers(0, 256, (4, size), dtype=np.uint8)
    for place in scales:
        blocks[:, place : place + 2] = halves(4)
    writer.add_tensor(name, blocks.reshape(2, 2 * size), raw_dtype=kind)
    numbers[name] = dequantize(blocks, kind).reshape(2, 512)

writer.add_string("general.name", "blocks ▁")
writer.add_array("test.strings", ["a", "", "é"])
writer.add_array("test.integers", [1, -2, 3])
writer.add_array("test.numbers", [0.5, -1.25])
writer.add_array("test.flags", [True, False])
writer.add_uint8("test.uint8", 200)
writer.add_int8("test.int8", -100)
writer.add_uint16("test.uint16", 60_000)
writer.add_int16("test.int16", -30_000)
writer.add_uint64("test.uint64", 1 << 40)
writer.add_int64("test.int64", -(1 << 40))
writer.add_float64("test.float64", 0.1)
writer.add_bool("test.flag", True)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file(numbers, os.path.join(here, "blocks.safetensors"))
