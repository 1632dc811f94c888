"""Writes stored-types.safetensors: every type of the format that we read, from other people's code.

pip install safetensors==0.8.0 numpy==2.4.6; python stored-types.py
"""

import numpy as np
import safetensors

rng = np.random.default_rng(1)
# Rounding: ordinary numbers, ties, the smallest, the largest, infinities.
x = np.concatenate([
    rng.standard_normal(64) * 10.0 ** rng.integers(-9, 5, 64),
    [0.0, -0.0, 1 + 2**-11, 1 + 3 * 2**-11, 1 + 2**-8, 1 + 3 * 2**-8, 65504, -65504, 65519],
    [2**-24, 2**-25, 3 * 2**-25, 2**-14 - 2**-26, np.inf, -np.inf],
]).astype(np.float32)
bits = x.view(np.uint32).astype(np.uint64)
bf16 = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)  # nearest, ties to even

tensors = {
    "x": ("float32", x),
    "x.f16": ("float16", x.astype(np.float16)),
    "x.f16.as_f32": ("float32", x.astype(np.float16).astype(np.float32)),
    "x.bf16": ("bfloat16", bf16),
    "x.bf16.as_f32": ("float32", (bf16.astype(np.uint32) << 16).view(np.float32)),
    "i64": ("int64", np.array([[0, 1, -1], [2**31 - 1, -(2**31), 7]])),
    "i64.wide": ("int64", np.array([2**31, -(2**63)])),
    "i32": ("int32", np.array([0, -1, 2**31 - 1, -(2**31)], dtype=np.int32)),
    "u8": ("uint8", np.arange(256, dtype=np.uint8).reshape(2, 128)),
    "bool": ("bool", np.array([True, False, True])),
    "scalar": ("float32", np.array(2.5, dtype=np.float32)),
    "empty": ("float32", np.zeros((0, 3), dtype=np.float32)),
    "namé \"\\ \n 🎨": ("float32", np.array([1, 2], dtype=np.float32)),
}
safetensors.serialize_file(
    {n: safetensors.TensorSpec(dtype=d, shape=a.shape, data_ptr=a.ctypes.data, data_len=a.nbytes)
     for n, (d, a) in tensors.items()},
    "stored-types.safetensors", {"config": '{"a": [1, "é🎨"]}', "empty": ""})
