/** The networks of the workloads in TensorFlow.js: channels last. */
export function tfjsNetworks(tf) {
  const { layers } = tf;
  const dense = (units, activation, inputShape) =>
    layers.dense({ units, ...(activation === undefined ? {} : { activation }), ...(inputShape === undefined ? {} : { inputShape }) });
  const stack = (size, ...units) =>
    tf.sequential({
      layers: units.map((unit, i) => dense(unit, i + 1 < units.length ? "relu" : undefined, i === 0 ? [size] : undefined)),
    });
  return {
    "mlp-small": () => stack(13, 64, 64, 10),
    mlp: () => stack(784, 512, 512, 10),
    convnet: () =>
      tf.sequential({
        layers: [
          layers.conv2d({ filters: 32, kernelSize: 3, activation: "relu", inputShape: [28, 28, 1] }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.conv2d({ filters: 64, kernelSize: 3, activation: "relu" }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.flatten(),
          dense(10),
        ],
      }),
  };
}
