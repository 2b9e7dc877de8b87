"""The networks of the workloads in Keras: channels last."""

from keras import Input, Model, Sequential, activations, layers


def dense_stack(size, *units):
    hidden = [layers.Dense(unit, activation="relu") for unit in units[:-1]]
    return Sequential([Input((size,)), *hidden, layers.Dense(units[-1])])


def two_tower():
    inputs = [Input((1,), dtype="int32", name=name) for name in ["user", "item"]]
    towers = [layers.Flatten()(layers.Embedding(10_000, 32)(ids)) for ids in inputs]
    return Model(inputs, layers.Dense(1)(layers.Dense(64, activation="relu")(layers.Concatenate()(towers))))


def convnet():
    return Sequential([
        Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(10),
    ])


def normalized(x, filters, size, strides=1):
    return layers.BatchNormalization()(layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x))


def residual(x, filters, strides):
    y = layers.ReLU()(normalized(x, filters, 3, strides))
    shortcut = x if strides == 1 else normalized(x, filters, 1, strides)
    return layers.ReLU()(layers.Add()([normalized(y, filters, 3), shortcut]))


def resnet20():
    inputs = Input((32, 32, 3))
    x = layers.ReLU()(normalized(inputs, 16, 3))
    for filters in [16, 32, 64]:
        for i in range(3):
            x = residual(x, filters, 2 if i == 0 and filters > 16 else 1)
    return Model(inputs, layers.Dense(10)(layers.GlobalAveragePooling2D()(x)))


def double(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def unet():
    inputs = Input((64, 64, 3))
    fine = double(inputs, 16)
    middle = double(layers.MaxPooling2D()(fine), 32)
    y = double(layers.MaxPooling2D()(middle), 64)
    for beside, filters in [(middle, 32), (fine, 16)]:
        y = double(layers.Concatenate()([layers.UpSampling2D()(y), beside]), filters)
    return Model(inputs, layers.Conv2D(3, 1)(y))


def xception_mini():
    inputs = Input((64, 64, 3))
    x = layers.Conv2D(32, 5, use_bias=False)(inputs)
    for filters in [32, 64, 128]:
        y = x
        for _ in range(2):
            y = layers.ReLU()(layers.BatchNormalization()(y))
            y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
        y = layers.MaxPooling2D(3, 2, padding="same")(y)
        x = layers.Add()([y, layers.Conv2D(filters, 1, 2, padding="same", use_bias=False)(x)])
    return Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


class Positions(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal")

    def call(self, x):
        return x + self.table


def transformer(depth, heads, width, length, vocabulary, outputs, causal):
    ids = Input((length,), dtype="int32")
    x = Positions()(layers.Embedding(vocabulary, width)(ids))
    for _ in range(depth):
        y = layers.LayerNormalization(epsilon=1e-5)(x)
        x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(y, y, use_causal_mask=causal)])
        y = layers.LayerNormalization(epsilon=1e-5)(x)
        y = layers.Dense(4 * width, activation=lambda z: activations.gelu(z, approximate=True))(y)
        x = layers.Add()([x, layers.Dense(width)(y)])
    x = layers.LayerNormalization(epsilon=1e-5)(x)
    return Model(ids, layers.Dense(outputs)(x if causal else layers.GlobalAveragePooling1D()(x)))


networks = {
    "mlp-small": lambda: dense_stack(13, 64, 64, 10),
    "mlp": lambda: dense_stack(784, 512, 512, 10),
    "autoencoder": lambda: dense_stack(784, 128, 32, 128, 784),
    "two-tower": two_tower,
    "convnet": convnet,
    "resnet20": resnet20,
    "unet": unet,
    "xception-mini": xception_mini,
    "lstm": lambda: Sequential([Input((64, 32)), layers.LSTM(128), layers.Dense(10)]),
    "gpt-nano": lambda: transformer(4, 4, 128, 64, 65, 65, True),
    "gpt-mid": lambda: transformer(6, 6, 384, 256, 65, 65, True),
    "bert-mini": lambda: transformer(4, 4, 256, 128, 1000, 2, False),
}
