"""The PyTorch side of the benchmark: the same rows, asked for over standard input.

    row NAME           prepare a row in every mode; answers with {"modes": […], "absent": {mode: why}}
    time MODE SECONDS  run it for about that long; answers with seconds per run (median)
    memory NAME        run a row ten times in eager mode; answers with this process's peak memory

The modes: eager (f32), compile (torch.compile), bf16 (autocast), both. They share one model, so that a
large one is in memory once.
"""

import json
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.manual_seed(1)

LAYERS, WIDTH, HEADS, TOKENS, BATCH, VOCABULARY = 6, 256, 8, 88, 32, 1024


def uniform(*shape, grad=False):
    return (torch.rand(*shape) * 2 - 1).requires_grad_(grad)


class Block(nn.Module):
    def __init__(self, width=WIDTH, heads=HEADS, causal=True, activation=F.gelu):
        super().__init__()
        self.heads, self.causal, self.activation = heads, causal, activation
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, d = x.shape
        qkv = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
        return x + self.fc2(self.activation(self.fc1(self.norm2(x))))


class LanguageModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Embedding(TOKENS, WIDTH)
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

    def loss(self, ids, following):
        x = self.tokens(ids) + self.positions.weight
        logits = self.head(self.norm(self.blocks(x)))
        return F.cross_entropy(logits.view(-1, VOCABULARY), following.view(-1))


class GPT2(nn.Module):
    """124 million parameters; the head is the table of tokens."""

    def __init__(self, layers=12, width=768, heads=12, context=1024, vocabulary=50257):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        tanh = lambda x: F.gelu(x, approximate="tanh")
        self.blocks = nn.Sequential(*[Block(width, heads, True, tanh) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        for table in (self.tokens, self.positions):
            nn.init.normal_(table.weight, std=0.02)

    def loss(self, ids, following):
        x = self.tokens(ids) + self.positions.weight[:ids.shape[1]]
        logits = F.linear(self.norm(self.blocks(x)), self.tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), following.view(-1))


class VisionTransformer(nn.Module):
    """Chapter 1's model: patches of 8 of 64x64 pixels, width 128, 6 blocks of 4 heads."""

    def __init__(self, width=128, heads=4, layers=6, patch=8, tokens=65, classes=14):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, stride=patch)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, tokens, width))
        self.blocks = nn.Sequential(*[Block(width, heads, False) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def loss(self, images, labels):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return F.cross_entropy(self.head(self.norm(self.blocks(x))[:, 0]), labels)


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


class CLIP(nn.Module):
    """Chapter 2's model: an image tower of 6 blocks, a text tower of 3, both of width 128."""

    def __init__(self, width=128, heads=4, vocabulary=676, tokens=20):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, stride=8, bias=False)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.zeros(65, width))
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.looks = nn.Sequential(*[Block(width, heads, False, quick_gelu) for _ in range(6)])
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.zeros(tokens, width))
        self.reads = nn.Sequential(*[Block(width, heads, True, quick_gelu) for _ in range(3)])
        self.norm = nn.LayerNorm(width)
        self.image, self.text = (nn.Linear(width, 128, bias=False) for _ in range(2))
        self.scale = nn.Parameter(torch.tensor(2.659))

    def embed_images(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.places
        return F.normalize(self.image(self.after(self.looks(self.before(x))[:, 0])), dim=-1)

    def embed_captions(self, ids):
        y = self.norm(self.reads(self.words(ids) + self.positions))
        return F.normalize(self.text(y[torch.arange(y.shape[0]), ids.argmax(1)]), dim=-1)

    def compare(self, x, y):
        logits = self.scale.exp() * x @ y.t()
        labels = torch.arange(x.shape[0])
        return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2

    def loss(self, images, ids):
        return self.compare(self.embed_images(images), self.embed_captions(ids))

    def backward_in_chunks(self, images, ids, size, embed_images, embed_captions):
        with torch.no_grad():
            x = torch.cat([embed_images(part) for part in images.split(size)]).float()
            y = torch.cat([embed_captions(part) for part in ids.split(size)]).float()
        x.requires_grad_(), y.requires_grad_()
        self.compare(x, y).backward()
        for embed, parts, gradients in [(embed_images, images, x.grad), (embed_captions, ids, y.grad)]:
            for part, gradient in zip(parts.split(size), gradients.split(size)):
                z = embed(part)
                z.backward(gradient.to(z.dtype))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(8, inputs), nn.GroupNorm(8, outputs)
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        h = self.first(F.relu(self.norm1(x)))
        return self.second(F.relu(self.norm2(h))) + self.skip(x)


class ResidualNet(nn.Module):
    def __init__(self):
        super().__init__()
        layers, width = [nn.Conv2d(3, 32, 3, padding=1)], 32
        for index, following in enumerate([32, 64, 128]):
            if index:
                layers.append(nn.MaxPool2d(2))
            layers += [ResidualBlock(width, following), ResidualBlock(following, following)]
            width = following
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(width, 10)

    def loss(self, pictures, labels):
        return F.cross_entropy(self.head(self.body(pictures).mean((2, 3))), labels)


def pattern(kind, text, side, positions, kernel):
    """The paper's masks as a table: [positions, positions], True where a query sees a key."""
    q = torch.arange(positions).view(-1, 1)
    k = torch.arange(positions).view(1, -1)
    apart = q - k
    if kind == "row":
        seen = apart <= side
    elif kind == "column":
        seen = apart % side == 0
    elif kind == "window":
        reach = kernel // 2
        rise = torch.clamp((apart + reach) // side, max=reach)
        seen = (apart - side * rise).abs() <= reach
    else:
        seen = torch.ones_like(apart, dtype=torch.bool)
    return (apart >= 0) & ((k < text) | seen)


class MaskedBlock(nn.Module):
    """A block whose attention is dense with a boolean mask; `cache` is used when drawing."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x, mask, cache=None, start=0):
        b, t, d = x.shape
        qkv = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        if cache is not None:
            cache[0][:, :, start:start + t], cache[1][:, :, start:start + t] = k, v
            k, v = cache[0][:, :, :start + t], cache[1][:, :, :start + t]
            mask = mask[start:start + t, :start + t]
        a = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(a.transpose(1, 2).reshape(b, t, d))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


class DALLE(nn.Module):
    """Chapter 4's model: text with a start token, then image tokens but the last."""

    def __init__(self, width=192, layers=6, heads=6, words=421, text=20, codes=1024, side=16,
                 kernel=7, checkpointed=False):
        super().__init__()
        self.checkpointed = checkpointed
        self.text, self.side, self.codes, self.ids = text, side, codes, words + text
        self.width, self.heads, self.positions = width, heads, text + side * side
        self.words = nn.Embedding(words + text, width)
        self.places = nn.Embedding(1 + text, width)
        self.image = nn.Embedding(codes, width)
        self.rows, self.columns = nn.Embedding(side, width), nn.Embedding(side, width)
        self.blocks = nn.ModuleList([MaskedBlock(width, heads) for _ in range(layers)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words + text + codes)
        kinds = ["column" if i % 4 == 1 else "row" for i in range(layers)]
        kinds[-1] = "window"
        self.masks = [pattern(k, text + 1, side, self.positions, kernel) for k in kinds]

    def embed_text(self, ids):
        start = torch.ones(ids.shape[0], 1, dtype=torch.long)
        return self.words(torch.cat([start, ids], 1)) + self.places.weight

    def embed_image(self, codes, first=0):
        place = torch.arange(first, first + codes.shape[1])
        return self.image(codes) + self.rows(place // self.side) + self.columns(place % self.side)

    def loss(self, ids, codes):
        x = torch.cat([self.embed_text(ids), self.embed_image(codes)], 1)[:, :-1]
        for block, mask in zip(self.blocks, self.masks):
            x = checkpoint(block, x, mask, use_reentrant=False) if self.checkpointed else block(x, mask)
        x = self.norm(x)
        w, b, v, t = self.head.weight, self.head.bias, self.ids, self.text
        text = F.linear(x[:, :t], w[:v], b[:v]).reshape(-1, v)
        image = F.linear(x[:, t:], w[v:], b[v:]).reshape(-1, self.codes)
        loss = F.cross_entropy(text, ids.reshape(-1))
        return (loss + 7 * F.cross_entropy(image, codes.reshape(-1))) / 8

    @torch.no_grad()
    def draw(self, ids, candidates):
        shape = (candidates, self.heads, self.positions, self.width // self.heads)
        caches = [(torch.zeros(shape), torch.zeros(shape)) for _ in self.blocks]
        x = self.embed_text(ids)
        for block, mask, cache in zip(self.blocks, self.masks, caches):
            own = tuple(part[:1] for part in cache)  # the caption is read once for all
            x = block(x, mask, own, 0)
            for part in cache:
                part[1:, :, :x.shape[1]] = part[:1, :, :x.shape[1]]
        x = x[:, -1:].expand(candidates, -1, -1)
        codes = []
        w, b = self.head.weight[self.ids:], self.head.bias[self.ids:]
        for place in range(self.side * self.side):
            if place:
                x = self.embed_image(codes[-1], place - 1)
                start = self.text + place
                for block, mask, cache in zip(self.blocks, self.masks, caches):
                    x = block(x, mask, cache, start)
            logits = F.linear(self.norm(x[:, -1]), w, b)
            codes.append(torch.multinomial(F.softmax(logits / 0.7, -1), 1))
        return torch.cat(codes, 1)


class DVAEBlock(nn.Module):
    def __init__(self, width, kernels):
        super().__init__()
        widths = [width] + [width // 4] * 3 + [width]
        self.path = nn.Sequential(*[
            layer for i, kernel in enumerate(kernels)
            for layer in (nn.ReLU(), nn.Conv2d(widths[i], widths[i + 1], kernel,
                                               padding=kernel // 2))])

    def forward(self, x):
        return x + 0.25 * self.path(x)


class DVAE(nn.Module):
    """Chapter 3's model: 4x4 pixels to channels, three blocks, 1,024 codes, and back."""

    def __init__(self, width=128, codes=1024):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(48, width, 3, padding=1), *[DVAEBlock(width, [3, 3, 3, 1]) for _ in range(3)],
            nn.ReLU(), nn.Conv2d(width, codes, 1))
        self.decoder = nn.Sequential(
            nn.Conv2d(codes, width, 1), *[DVAEBlock(width, [1, 3, 3, 3]) for _ in range(3)],
            nn.ReLU(), nn.Conv2d(width, 96, 1))

    def loss(self, images, beta=0.5, tau=0.5):
        logits = self.encoder(F.pixel_unshuffle(images, 4))
        stats = F.pixel_shuffle(self.decoder(F.gumbel_softmax(logits, tau, dim=1)), 4)
        mean, scale = stats[:, :3], stats[:, 3:].clamp(min=-1.5)
        density = -(torch.logit(images) - mean).abs() / scale.exp() - scale - torch.log(
            2 * images * (1 - images))
        log_q = F.log_softmax(logits, 1)
        kl = (log_q.exp() * (log_q + 6.931)).sum()
        return (beta * kl - density.sum()) / images.numel()


def dalle_step(batch, **sizes):
    model = DALLE(**sizes)
    ids = torch.randint(model.ids - model.text, (batch, model.text))
    codes = torch.randint(model.codes, (batch, model.side * model.side))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.96), weight_decay=0.045, fused=True
    )
    return training(model, lambda: model.loss(ids, codes), optimizer)


def drawing(candidates, **sizes):
    model = DALLE(**sizes)
    ids = torch.randint(model.ids, (1, model.text))
    why = "the cache of keys grows with each token, and each length would be compiled anew"
    return Row(lambda mode: mode.cast(lambda: model.draw(ids, candidates)), compile=why, both=why)


def dvae_step():
    last = torch.channels_last
    model = DVAE().to(memory_format=last)
    images = (torch.rand(16, 3, 64, 64) * 0.8 + 0.1).to(memory_format=last)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0, fused=True)
    return training(model, lambda: model.loss(images), optimizer)


def attention_layer(kind, count):
    side = int(count ** 0.5)
    positions = 16 + count
    inputs = [uniform(1, 4, positions, 32, grad=True) for _ in range(3)]
    upstream = uniform(1, 4, positions, 32)
    if kind == "dense":
        run = lambda: F.scaled_dot_product_attention(*inputs, is_causal=True)
    else:
        mask = pattern(kind, 16, side, positions, 7)
        run = lambda: F.scaled_dot_product_attention(*inputs, attn_mask=mask)
    return with_backward(run, inputs, upstream)


class Mode:
    """How a row runs: operation by operation or compiled, in f32 or with autocast to bf16."""

    def __init__(self, compiles, casts):
        self.compiles, self.casts = compiles, casts

    def compiled(self, f, **options):
        return torch.compile(f, **{"dynamic": False, **options}) if self.compiles else f

    def wrap(self, f):
        """f without arguments, in this mode; also used for what has arguments."""
        return self.cast(self.compiled(f))

    def cast(self, f):
        if not self.casts:
            return f

        def run(*arguments):
            with torch.autocast("cpu", torch.bfloat16):
                return f(*arguments)

        return run


MODES = {"eager": Mode(False, False), "compile": Mode(True, False), "bf16": Mode(False, True),
         "both": Mode(True, True)}


class Row:
    """`make(mode)` gives what runs; `absent` says why some modes have nothing to run."""

    def __init__(self, make, **absent):
        self.make, self.absent = make, absent


NO_CAST = "autocast leaves element-wise operations in f32"
ELEMENTWISE = {"bf16": NO_CAST, "both": NO_CAST}


def without_gradient(f, **absent):
    def make(mode):
        forward = mode.wrap(f)

        def run():
            with torch.no_grad():
                forward()

        return run

    return Row(make, **absent)


def with_backward(f, inputs, upstream, **absent):
    def make(mode):
        forward = mode.wrap(f)

        def run():
            for tensor in inputs:
                tensor.grad = None
            y = forward()
            y.backward(upstream.to(y.dtype))

        return run

    return Row(make, **absent)


def training(model, loss, optimizer):
    def make(mode):
        forward = mode.wrap(loss)

        def run():
            optimizer.zero_grad(set_to_none=True)
            forward().backward()
            optimizer.step()

        return run

    return Row(make)


def product(m, k, n):
    x, w = uniform(m, k), uniform(n, k)
    return without_gradient(lambda: F.linear(x, w))


def transposed_product():
    g, x = uniform(2816, 1024), uniform(2816, 256)
    return without_gradient(lambda: g.t() @ x)


def unary(f, *shape):
    x = uniform(*shape)
    return without_gradient(lambda: f(x), **ELEMENTWISE)


def unary_backward(f, *shape):
    x = uniform(*shape, grad=True)
    return with_backward(lambda: f(x), [x], uniform(*shape), **ELEMENTWISE)


def softmax(x):
    return F.softmax(x, dim=-1)


def small_additions():
    a, b, g = uniform(4, grad=True), uniform(4, grad=True), uniform(4)

    def make(mode):
        add = mode.wrap(lambda: a + b)

        def run():
            for _ in range(1000):
                a.grad = b.grad = None
                add().backward(g)

        return run

    return Row(make, **ELEMENTWISE)


def layer_norm(backward):
    x, w, b = uniform(2816, 256, grad=True), uniform(256, grad=True), uniform(256, grad=True)
    run = lambda: F.layer_norm(x, (256,), w, b)
    if backward:
        return with_backward(run, [x, w, b], uniform(2816, 256), **ELEMENTWISE)
    return without_gradient(run, **ELEMENTWISE)


def adamw():
    model = LanguageModel()
    for parameter in model.parameters():
        parameter.grad = parameter.detach() * 0.1
    step = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.045, fused=True).step
    return Row(lambda mode: step, compile="fused AdamW is one kernel already", **ELEMENTWISE)


def convolution(c, o, size, backward):
    last = torch.channels_last
    x = uniform(16, c, size, size).to(memory_format=last).requires_grad_()
    w = uniform(o, c, 3, 3).to(memory_format=last).requires_grad_()
    b = uniform(o, grad=True)
    run = lambda: F.conv2d(x, w, b, padding=1)
    upstream = uniform(16, o, size, size).to(memory_format=last)
    return with_backward(run, [x, w, b], upstream) if backward else without_gradient(run)


def attention(backward):
    inputs = [uniform(32, HEADS, 88, 32, grad=True) for _ in range(3)]
    run = lambda: F.scaled_dot_product_attention(*inputs, is_causal=True)
    if backward:
        return with_backward(run, inputs, uniform(32, HEADS, 88, 32))
    return without_gradient(run)


def transformer_step():
    model = LanguageModel()
    ids = torch.randint(VOCABULARY, (BATCH, TOKENS))
    following = torch.randint(VOCABULARY, (BATCH, TOKENS))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=3e-4, betas=(0.9, 0.96), weight_decay=0.045, fused=True
    )
    return training(model, lambda: model.loss(ids, following), optimizer)


def gpt2_step():
    model = GPT2()
    ids, following = (torch.randint(50257, (4, 64)) for _ in range(2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0, fused=True)
    return training(model, lambda: model.loss(ids, following), optimizer)


def vision_transformer_step():
    model = VisionTransformer()
    images, labels = torch.rand(64, 3, 64, 64), torch.arange(64) % 14
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05, fused=True)
    return training(model, lambda: model.loss(images, labels), optimizer)


def clip_step():
    model = CLIP()
    images, ids = torch.rand(64, 3, 64, 64), torch.randint(676, (64, 20))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.1, fused=True
    )
    return training(model, lambda: model.loss(images, ids), optimizer)


def clip_in_chunks():
    model = CLIP()
    images, ids = torch.rand(1024, 3, 64, 64), torch.randint(676, (1024, 20))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.1, fused=True
    )

    def make(mode):
        embed = (mode.wrap(model.embed_images), mode.wrap(model.embed_captions))

        def run():
            optimizer.zero_grad(set_to_none=True)
            model.backward_in_chunks(images, ids, 64, *embed)
            optimizer.step()

        return run

    return Row(make)


def conv_net_step():
    last = torch.channels_last
    model = ResidualNet().to(memory_format=last)
    pictures = torch.rand(16, 3, 64, 64).to(memory_format=last)
    labels = torch.arange(16) % 10
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0, fused=True)
    return training(model, lambda: model.loss(pictures, labels), optimizer)


ROWS = {
    "gemm transposed 1024x2816x256": transposed_product,
    "exp": lambda: unary(torch.exp, 2816, 256),
    "1,000 small additions forward+backward": small_additions,
    "gelu": lambda: unary(F.gelu, 2816, 1024),
    "gelu forward+backward": lambda: unary_backward(F.gelu, 2816, 1024),
    "softmax": lambda: unary(softmax, 22528, 88),
    "softmax forward+backward": lambda: unary_backward(softmax, 22528, 88),
    "layer norm": lambda: layer_norm(False),
    "layer norm forward+backward": lambda: layer_norm(True),
    "adamw": adamw,
    "attention causal": lambda: attention(False),
    "attention causal forward+backward": lambda: attention(True),
    "transformer training step": transformer_step,
    "vision transformer training step": vision_transformer_step,
    "CLIP training step": clip_step,
    "CLIP training step, 1,024 pairs in chunks of 64": clip_in_chunks,
    "conv net training step": conv_net_step,
    "GPT-2 training step": gpt2_step,
}
ROWS["DALL·E training step"] = lambda: dalle_step(16)
for more, sizes in [
    ("", {"layers": 4}), (", 12 layers", {"layers": 12}),
    (", 12 layers, checkpointed", {"layers": 12, "checkpointed": True}),
]:
    ROWS["DALL·E training step, 1,280 tokens, width 512" + more] = lambda sizes=sizes: dalle_step(
        1, width=512, heads=8, words=16384, text=256, codes=8192, side=32, kernel=11, **sizes)
ROWS["dVAE training step"] = dvae_step
for n in [1, 32]:
    name = f"DALL·E drawing {n} candidate" + "s" * (n > 1)
    ROWS[name] = lambda n=n: drawing(n)
    ROWS[name + ", width 256"] = lambda n=n: drawing(n, width=256, heads=8, text=16)
for kind in ["dense", "row", "column", "window"]:
    for n in [64, 256, 1024, 4096]:
        ROWS[f"attention layer {kind}, {n} image tokens"] = (
            lambda kind=kind, n=n: attention_layer(kind, n))
for size in [(2816, 256, 768), (2816, 256, 1024), (2816, 1024, 256), (512, 512, 512)]:
    ROWS["gemm %dx%dx%d" % size] = lambda size=size: product(*size)
for size in [(1, 256, 768), (4, 256, 768), (8, 256, 768), (16, 256, 768), (16, 1024, 256),
             (16, 256, 8192)]:
    ROWS["gemm packed %dx%dx%d" % size] = lambda size=size: product(*size)
for c, o, s in [(64, 64, 32), (128, 128, 16), (32, 64, 64)]:
    name = f"conv3x3 {c}->{o} {s}x{s}"
    ROWS[name] = lambda c=c, o=o, s=s: convolution(c, o, s, False)
    ROWS[name + " forward+backward"] = lambda c=c, o=o, s=s: convolution(c, o, s, True)


def measure(run, seconds):
    times = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


def peak_memory():
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # getrusage would also count what the parent had when it started this process.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


def prepare(name):
    """What runs in each mode, after three runs of it, and why the other modes have nothing."""
    torch._dynamo.reset()  # shapes of the row before would make those of this one variable
    row, runs = ROWS[name](), {}
    absent = dict(row.absent)
    for mode in MODES:
        if mode in absent:
            continue
        try:
            run = row.make(MODES[mode])
            for _ in range(3):
                run()
            runs[mode] = run
        except Exception as error:  # a mode that fails is told, not timed
            absent[mode] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120]}"
    return runs, absent


def main():
    print("ready PyTorch", torch.__version__, "in Python", sys.version.split()[0], flush=True)
    runs = {}
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "row":
            runs = {}  # frees the row before
            runs, absent = prepare(argument)
            print(json.dumps({"modes": list(runs), "absent": absent}), flush=True)
        elif command == "time":
            mode, seconds = argument.split()
            print(measure(runs[mode], float(seconds)), flush=True)
        elif command == "memory":
            run = ROWS[argument]().make(MODES["eager"])
            for _ in range(10):
                run()
            print(peak_memory(), flush=True)


main()
