"""The PyTorch side of the benchmark: the same rows, asked for over standard input.

    row NAME      prepare a row
    time SECONDS  run it for about that long; answers with seconds per run (median)
    memory NAME   run a row ten times; answers with this process's peak memory in bytes
"""

import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

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
    """Chapter 2's model: an image tower of 5 blocks, a text tower of 3, both of width 128."""

    def __init__(self, width=128, heads=4, vocabulary=676, tokens=20):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, stride=8, bias=False)
        self.cls = nn.Parameter(torch.zeros(1, 1, width))
        self.places = nn.Parameter(torch.zeros(65, width))
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.looks = nn.Sequential(*[Block(width, heads, False, quick_gelu) for _ in range(5)])
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Parameter(torch.zeros(tokens, width))
        self.reads = nn.Sequential(*[Block(width, heads, True, quick_gelu) for _ in range(3)])
        self.norm = nn.LayerNorm(width)
        self.image, self.text = (nn.Linear(width, 128, bias=False) for _ in range(2))
        self.scale = nn.Parameter(torch.tensor(2.659))

    def loss(self, images, ids):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], -1, -1), x], 1) + self.places
        x = self.image(self.after(self.looks(self.before(x))[:, 0]))
        y = self.norm(self.reads(self.words(ids) + self.positions))
        y = self.text(y[torch.arange(y.shape[0]), ids.argmax(1)])
        x, y = F.normalize(x, dim=-1), F.normalize(y, dim=-1)
        logits = self.scale.exp() * x @ y.t()
        labels = torch.arange(x.shape[0])
        return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2


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


def without_gradient(f):
    def run():
        with torch.no_grad():
            f()

    return run


def with_backward(f, inputs, upstream):
    def run():
        for tensor in inputs:
            tensor.grad = None
        f().backward(upstream)

    return run


def training(model, loss, optimizer):
    def run():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return run


def product(m, k, n):
    x, w = uniform(m, k), uniform(n, k)
    return without_gradient(lambda: F.linear(x, w))


def transposed_product():
    g, x = uniform(2816, 1024), uniform(2816, 256)
    return without_gradient(lambda: g.t() @ x)


def unary(f, *shape):
    x = uniform(*shape)
    return without_gradient(lambda: f(x))


def unary_backward(f, *shape):
    x = uniform(*shape, grad=True)
    return with_backward(lambda: f(x), [x], uniform(*shape))


def softmax(x):
    return F.softmax(x, dim=-1)


def small_additions():
    a, b, g = uniform(4, grad=True), uniform(4, grad=True), uniform(4)

    def run():
        for _ in range(1000):
            a.grad = b.grad = None
            (a + b).backward(g)

    return run


def layer_norm(backward):
    x, w, b = uniform(2816, 256, grad=True), uniform(256, grad=True), uniform(256, grad=True)
    run = lambda: F.layer_norm(x, (256,), w, b)
    return with_backward(run, [x, w, b], uniform(2816, 256)) if backward else without_gradient(run)


def adamw():
    model = LanguageModel()
    for parameter in model.parameters():
        parameter.grad = parameter.detach() * 0.1
    return torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.045, fused=True).step


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
    "conv net training step": conv_net_step,
}
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


def main():
    print("ready torch", torch.__version__, flush=True)
    run = None
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "row":
            run = ROWS[argument]()
            for _ in range(3):
                run()
            print("ok", flush=True)
        elif command == "time":
            print(measure(run, float(argument)), flush=True)
        elif command == "memory":
            run = ROWS[argument]()
            for _ in range(10):
                run()
            print(peak_memory(), flush=True)


main()
