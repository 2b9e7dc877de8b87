"""The networks of the workloads in PyTorch: channels first, classes on axis 1."""

from torch import nn


def dense_stack(*sizes):
    layers = []
    for size, following in zip(sizes, sizes[1:]):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def convnet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 10),
    )


networks = {
    "mlp-small": lambda: dense_stack(13, 64, 64, 10),
    "mlp": lambda: dense_stack(784, 512, 512, 10),
    "convnet": convnet,
}
