"""The networks of the workloads in Keras: channels last."""

from keras import Input, Sequential, layers


def dense_stack(size, *units):
    hidden = [layers.Dense(unit, activation="relu") for unit in units[:-1]]
    return Sequential([Input((size,)), *hidden, layers.Dense(units[-1])])


def convnet():
    return Sequential([
        Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(10),
    ])


networks = {
    "mlp-small": lambda: dense_stack(13, 64, 64, 10),
    "mlp": lambda: dense_stack(784, 512, 512, 10),
    "convnet": convnet,
}
