#!/usr/bin/env python3
"""Writes safetensors-types.safetensors: each element type beside the float32 values it stands for.

Needs torch and safetensors. `NAME` is stored in its type, `NAME.float32` is what PyTorch makes of it.
"""
from pathlib import Path

import torch
from safetensors.torch import save_file

torch.manual_seed(0)
normal = torch.randn(5, 7, dtype=torch.float64)
special = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 1e-7, 3e38, float("inf"), -float("inf"), float("nan")])
every_byte = torch.arange(256).to(torch.uint8)
every_half = torch.arange(0, 65536, 37).to(torch.uint16)

arrays = {
    "F64": torch.cat([normal.flatten(), special.double(), torch.tensor([1e300, 1 + 2.0**-24], dtype=torch.float64)]),
    "F32": torch.cat([normal.float().flatten(), special]),
    "F16": every_half.view(torch.float16),
    "BF16": every_half.view(torch.bfloat16),
    "F8_E4M3": every_byte.view(torch.float8_e4m3fn),
    "F8_E5M2": every_byte.view(torch.float8_e5m2),
    "BOOL": torch.tensor([[True, False, True]]),
    "scalar": torch.tensor(0.5, dtype=torch.bfloat16),
    "empty": torch.zeros(3, 0, 2, dtype=torch.int16),
}
for name, dtype in [("I64", torch.int64), ("I32", torch.int32), ("I16", torch.int16), ("I8", torch.int8),
                    ("U64", torch.uint64), ("U32", torch.uint32), ("U16", torch.uint16), ("U8", torch.uint8)]:
    limits = torch.iinfo(dtype)
    arrays[name] = torch.tensor([limits.min, limits.max, limits.max // 3, 7], dtype=dtype)

expected = {f"{name}.float32": array.float() for name, array in arrays.items()}
path = Path(__file__).with_suffix(".safetensors")
save_file({name: array.clone() for name, array in {**arrays, **expected}.items()}, path,
          metadata={"format": "pt", "note": "naïve \"quotes\"\n"})
