"""Writes jpegs.safetensors and the files of jpegs/: JPEGs and what Pillow decodes them to.

pip install pillow==13.0.0 safetensors==0.8.0 numpy==2.4.6; python jpegs.py
"""

import json
import os

import numpy as np
import safetensors
from PIL import Image, ImageOps

os.makedirs("jpegs", exist_ok=True)
y, x = np.mgrid[0:21, 0:29]
rgb = np.stack([x * 8, y * 12, 128 + 100 * np.sin(x * y / 40)], axis=-1).astype(np.uint8)
picture = Image.fromarray(rgb)


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data


files = {
    "rgb444": (picture, dict(quality=90, subsampling=0)),
    "rgb422": (picture, dict(quality=80, subsampling=1)),
    "rgb420": (picture, dict(quality=75, subsampling=2)),
    "progressive": (picture, dict(quality=85, progressive=True)),
    "restart": (picture, dict(quality=85, restart_marker_blocks=1)),
    "optimized": (picture, dict(quality=30, optimize=True)),
    "stored_rgb": (picture, dict(quality=90, keep_rgb=True)),
    "grey": (picture.convert("L"), dict(quality=85)),
    "grey_progressive": (picture.convert("L"), dict(quality=85, progressive=True)),
    "cmyk": (picture.convert("CMYK"), dict(quality=90)),
    "pixel": (picture.crop((9, 9, 10, 10)), dict(quality=90)),
}
for n in range(1, 9):
    files[f"orientation{n}"] = (picture, dict(quality=90, exif=exif(n)))

tensors = {}
for name, (image, options) in files.items():
    path = f"jpegs/{name}.jpg"
    image.save(path, **options)
    decoded = ImageOps.exif_transpose(Image.open(path))
    if decoded.mode == "CMYK":  # Pillow has undone Adobe's inversion; its own way to RGB differs
        ink = np.asarray(decoded).astype(np.int64)
        value = np.rint((255 - ink[..., :3]) * (255 - ink[..., 3:]) / 255).astype(np.uint8)
    else:
        value = np.asarray(decoded.convert("RGB"))
    tensors[name] = np.ascontiguousarray(value)  # [h, w, 3]

picture.save("jpegs/exif.png", exif=exif(6))
tensors["exif.png"] = np.ascontiguousarray(
    np.asarray(ImageOps.exif_transpose(Image.open("jpegs/exif.png"))))
safetensors.serialize_file(
    {n: safetensors.TensorSpec(dtype="uint8", shape=a.shape, data_ptr=a.ctypes.data,
                               data_len=a.nbytes) for n, a in tensors.items()},
    "jpegs.safetensors", {"config": json.dumps({})})
