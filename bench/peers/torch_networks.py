"""The networks of the workloads in PyTorch: images channels first, as is its custom."""

import torch
from torch import nn
from torch.nn import functional as F


def dense_stack(*sizes):
    layers = []
    for size, following in zip(sizes, sizes[1:]):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class TwoTower(nn.Module):
    def __init__(self):
        super().__init__()
        self.user, self.item = nn.Embedding(10_000, 32), nn.Embedding(10_000, 32)
        self.head = dense_stack(64, 64, 1)

    def forward(self, user, item):
        return self.head(torch.cat([self.user(user).flatten(1), self.item(item).flatten(1)], 1))


def convnet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 10),
    )


def normalized(channels, filters, size, stride=1):
    convolution = nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(filters))


class ResidualBlock(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.first = normalized(channels, filters, 3, stride)
        self.second = normalized(filters, filters, 3)
        self.shortcut = nn.Identity() if stride == 1 else normalized(channels, filters, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


def resnet20():
    layers, channels = [normalized(3, 16, 3), nn.ReLU()], 16
    for filters in [16, 32, 64]:
        for i in range(3):
            layers.append(ResidualBlock(channels, filters, 2 if i == 0 and filters > 16 else 1))
            channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def double(channels, filters):
    return nn.Sequential(
        nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU(),
        nn.Conv2d(filters, filters, 3, padding=1), nn.ReLU(),
    )


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([double(3, 16), double(16, 32), double(32, 64)])
        self.up = nn.ModuleList([double(96, 32), double(48, 16)])
        self.head = nn.Conv2d(16, 3, 1)

    def forward(self, x):
        fine = self.down[0](x)
        middle = self.down[1](F.max_pool2d(fine, 2))
        y = self.down[2](F.max_pool2d(middle, 2))
        for beside, block in zip([middle, fine], self.up):
            y = block(torch.cat([F.interpolate(y, scale_factor=2), beside], 1))
        return self.head(y)


class XceptionBlock(nn.Module):
    def __init__(self, channels, filters):
        super().__init__()
        layers = []
        for size in [channels, filters]:
            layers += [
                nn.BatchNorm2d(size), nn.ReLU(),
                nn.Conv2d(size, size, 3, padding=1, groups=size, bias=False), nn.Conv2d(size, filters, 1, bias=False),
            ]
        self.body = nn.Sequential(*layers, nn.MaxPool2d(3, 2, padding=1))
        self.shortcut = nn.Conv2d(channels, filters, 1, 2, bias=False)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def xception_mini():
    blocks = [XceptionBlock(32, 32), XceptionBlock(32, 64), XceptionBlock(64, 128)]
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, bias=False), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 2)
    )


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(32, 128, batch_first=True)
        # PyTorch has a second bias, which adds nothing; frozen, the numbers of parameters agree.
        self.lstm.bias_hh_l0.requires_grad_(False)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class Attention(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.joined, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (
            part.view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.joined(x).split(width, dim=2)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(y.transpose(1, 2).reshape(batch, length, width))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(width), Attention(width, heads, causal))
        self.dense = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.dense(x)


class Transformer(nn.Module):
    def __init__(self, layers, heads, width, length, vocabulary, outputs, causal):
        super().__init__()
        self.causal = causal
        self.ids, self.positions = nn.Embedding(vocabulary, width), nn.Parameter(torch.randn(length, width) * 0.02)
        self.blocks = nn.Sequential(*(TransformerBlock(width, heads, causal) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, outputs)

    def forward(self, ids):
        x = self.norm(self.blocks(self.ids(ids) + self.positions))
        return self.head(x if self.causal else x.mean(1))


networks = {
    "mlp-small": lambda: dense_stack(13, 64, 64, 10),
    "mlp": lambda: dense_stack(784, 512, 512, 10),
    "autoencoder": lambda: dense_stack(784, 128, 32, 128, 784),
    "two-tower": TwoTower,
    "convnet": convnet,
    "resnet20": resnet20,
    "unet": UNet,
    "xception-mini": xception_mini,
    "lstm": Lstm,
    "gpt-nano": lambda: Transformer(4, 4, 128, 64, 65, 65, True),
    "gpt-mid": lambda: Transformer(6, 6, 384, 256, 65, 65, True),
    "bert-mini": lambda: Transformer(4, 4, 256, 128, 1000, 2, False),
}
