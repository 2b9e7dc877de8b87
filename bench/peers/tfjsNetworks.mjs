/** The networks of the workloads in TensorFlow.js: channels last. It has no attention layer. */
export function tfjsNetworks({ layers, input, model, sequential }) {
  const dense = (units, activation = "linear") => layers.dense({ units, activation });
  const relu = (x) => layers.activation({ activation: "relu" }).apply(x);
  const conv = (filters, kernelSize, options = {}) =>
    layers.conv2d({ filters, kernelSize, padding: "same", useBias: false, ...options });

  const stack = (size, ...units) => {
    const inputs = input({ shape: [size] });
    const hidden = units.slice(0, -1).reduce((x, unit) => dense(unit, "relu").apply(x), inputs);
    return model({ inputs, outputs: dense(units.at(-1)).apply(hidden) });
  };

  const twoTower = () => {
    const inputs = ["user", "item"].map((name) => input({ shape: [1], name }));
    const towers = inputs.map((id) =>
      layers.flatten().apply(layers.embedding({ inputDim: 10_000, outputDim: 32 }).apply(id)),
    );
    return model({ inputs, outputs: dense(1).apply(dense(64, "relu").apply(layers.concatenate().apply(towers))) });
  };

  const convnet = () =>
    sequential({
      layers: [
        layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu", inputShape: [28, 28, 1] }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        dense(10),
      ],
    });

  const normalized = (x, filters, kernelSize, strides) =>
    layers.batchNormalization().apply(conv(filters, kernelSize, { strides }).apply(x));
  const resnet20 = () => {
    const inputs = input({ shape: [32, 32, 3] });
    let x = relu(normalized(inputs, 16, 3, 1));
    for (const filters of [16, 32, 64]) {
      for (let i = 0; i < 3; i++) {
        const strides = i === 0 && filters > 16 ? 2 : 1;
        const y = normalized(relu(normalized(x, filters, 3, strides)), filters, 3, 1);
        x = relu(layers.add().apply([y, strides === 1 ? x : normalized(x, filters, 1, strides)]));
      }
    }
    return model({ inputs, outputs: dense(10).apply(layers.globalAveragePooling2d({}).apply(x)) });
  };

  const unet = () => {
    const double = (x, filters) => {
      const convolution = () => conv(filters, 3, { activation: "relu", useBias: true });
      return convolution().apply(convolution().apply(x));
    };
    const pool = (x) => layers.maxPooling2d({ poolSize: 2 }).apply(x);
    const up = (x, beside) => layers.concatenate().apply([layers.upSampling2d({}).apply(x), beside]);
    const inputs = input({ shape: [64, 64, 3] });
    const fine = double(inputs, 16);
    const middle = double(pool(fine), 32);
    const back = double(up(double(up(double(pool(middle), 64), middle), 32), fine), 16);
    return model({ inputs, outputs: conv(3, 1, { useBias: true }).apply(back) });
  };

  const xceptionMini = () => {
    const separable = (x, filters) =>
      layers
        .separableConv2d({ filters, kernelSize: 3, padding: "same", useBias: false })
        .apply(relu(layers.batchNormalization().apply(x)));
    const inputs = input({ shape: [64, 64, 3] });
    let x = conv(32, 5, { padding: "valid" }).apply(inputs);
    for (const filters of [32, 64, 128]) {
      const y = separable(separable(x, filters), filters);
      const pooled = layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" }).apply(y);
      x = layers.add().apply([pooled, conv(filters, 1, { strides: 2 }).apply(x)]);
    }
    return model({ inputs, outputs: dense(2).apply(layers.globalAveragePooling2d({}).apply(x)) });
  };

  // Its default initializer fails where not all of TensorFlow.js is loaded.
  const lstm = () =>
    sequential({
      layers: [layers.lstm({ units: 128, inputShape: [64, 32], recurrentInitializer: "glorotUniform" }), dense(10)],
    });

  return {
    "mlp-small": () => stack(13, 64, 64, 10),
    mlp: () => stack(784, 512, 512, 10),
    autoencoder: () => stack(784, 128, 32, 128, 784),
    "two-tower": twoTower,
    convnet,
    resnet20,
    unet,
    "xception-mini": xceptionMini,
    lstm,
  };
}
