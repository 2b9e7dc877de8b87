"""Writes examples/data/half-digits.onnx: a small convnet that tells the digits 0 to 4 apart.

It learns from the first 1,000 rows of examples/data/digits.csv, turned, moved and scaled by chance:
the labels of the 503 of them that are 0 to 4, and from all of them, without labels, that two
distortions of one picture are more alike than those of two pictures (SimCLR). No label of a 5, 6, 7, 8
or 9 is used, and no row after the first 1,000.

    python scripts/onnx/halfDigits.py
"""

import math
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch import nn

ROWS = 1000
CLASSES = 5
EPOCHS = 100
TEMPERATURE = 0.3
DATA = Path(__file__).parents[2] / "examples/data"


def network() -> nn.Module:
    features = OrderedDict(
        conv1=nn.Conv2d(1, 16, 3, padding=1), relu1=nn.ReLU(),
        conv2=nn.Conv2d(16, 32, 3, padding=1), relu2=nn.ReLU(), pool2=nn.MaxPool2d(2),
        conv3=nn.Conv2d(32, 64, 3, padding=1), relu3=nn.ReLU(), pool3=nn.MaxPool2d(2),
    )
    head = OrderedDict(flatten=nn.Flatten(), hidden=nn.Linear(256, 64), relu=nn.ReLU(), classes=nn.Linear(64, CLASSES))
    return nn.Sequential(OrderedDict(features=nn.Sequential(features), head=nn.Sequential(head)))


def distorted(x: torch.Tensor, generator: torch.Generator, much: float) -> torch.Tensor:
    """Turned by up to 25 degrees, scaled by up to 25 %, moved by up to 2 pixels, where `much` is 1."""
    span = lambda *shape: torch.rand(*shape, generator=generator) * 2 - 1
    angle, scale, shift = much * span(len(x)) * math.radians(25), 1 + much * 0.25 * span(len(x)), much * 0.5 * span(len(x), 2)
    rows = [[scale * angle.cos(), -scale * angle.sin(), shift[:, 0]], [scale * angle.sin(), scale * angle.cos(), shift[:, 1]]]
    matrix = torch.stack([torch.stack(row, 1) for row in rows], 1)
    return nn.functional.grid_sample(x, nn.functional.affine_grid(matrix, x.shape, align_corners=False), align_corners=False)


def unlikeness(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """How badly the two views of each picture find each other among all."""
    views = nn.functional.normalize(torch.cat([a, b]), dim=1)
    likeness = (views @ views.T / TEMPERATURE).fill_diagonal_(-1e4)
    count = len(a)
    return nn.functional.cross_entropy(likeness, torch.cat([torch.arange(count, 2 * count), torch.arange(count)]))


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    table = np.loadtxt(DATA / "digits.csv", delimiter=",", skiprows=1, dtype=np.float32)[:ROWS]
    label = (DATA / "digits.csv").read_text().splitlines()[0].split(",").index("label")
    y = torch.tensor(table[:, label].astype(np.int64))
    x = torch.tensor(np.delete(table, label, axis=1).reshape(-1, 1, 8, 8) / 16)
    model = network()
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    view = nn.Linear(64, 32)
    features = lambda pictures, much: model.head[:3](model.features(distorted(pictures, generator, much)))
    optimizer = torch.optim.Adam([*model.parameters(), *view.parameters()], 2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        for rows in torch.randperm(ROWS, generator=generator).split(50):
            known = rows[y[rows] < CLASSES]
            loss = nn.functional.cross_entropy(model.head.classes(features(x[known], 0.8)), y[known])
            loss = loss + unlikeness(view(features(x[rows], 1)), view(features(x[rows], 1)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    known = y < CLASSES
    accuracy = (model(x[known]).argmax(1) == y[known]).float().mean().item()
    print(f"{int(known.sum())} rows with labels, accuracy on them {accuracy:.3f}")
    torch.onnx.export(
        model.eval(), (x[:1],), DATA / "half-digits.onnx", dynamo=False, opset_version=17,
        input_names=["pixels"], output_names=["logits"], dynamic_axes={"pixels": {0: "batch"}, "logits": {0: "batch"}},
    )


main()
