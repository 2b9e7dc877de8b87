/** The networks of the workloads in jax-js: lists of weights, and functions of them. Channels first. */
export function jaxjsNetworks({ numpy: np, nn, lax, random }) {
  let seed = 0;
  /** Weights drawn around 0, of deviation 1 / √fan-in. */
  const kernel = (shape, fanIn) => random.normal(random.key(seed++), shape).mul(1 / Math.sqrt(fanIn));
  const dense = (size, units) => [kernel([size, units], size), np.zeros([units])];
  const conv = (channels, filters, size) => [
    kernel([filters, channels, size, size], channels * size * size),
    np.zeros([filters, 1, 1]),
  ];

  const stack = (...sizes) => ({
    weights: () => sizes.slice(1).flatMap((units, i) => dense(sizes[i], units)),
    apply: (w, x) => {
      let h = x;
      for (let i = 0; i < w.length; i += 2) {
        h = np.matmul(h, w[i]).add(w[i + 1]);
        if (i + 2 < w.length) h = nn.relu(h);
      }
      return h;
    },
  });

  /** The largest of each 2x2 window. */
  const maxPool = (x) => {
    const [batch, channels, height, width] = x.shape;
    const [h, w] = [Math.floor(height / 2), Math.floor(width / 2)];
    return np.max(x.slice([], [], [0, 2 * h], [0, 2 * w]).reshape([batch, channels, h, 2, w, 2]), [3, 5]);
  };
  const convnet = {
    weights: () => [...conv(1, 32, 3), ...conv(32, 64, 3), ...dense(1600, 10)],
    apply: ([k1, b1, k2, b2, k3, b3], x) => {
      let h = x.reshape([x.shape[0], 1, 28, 28]);
      h = maxPool(nn.relu(lax.conv(h, k1, [1, 1], "VALID").add(b1)));
      h = maxPool(nn.relu(lax.conv(h, k2, [1, 1], "VALID").add(b2)));
      return np.matmul(h.reshape([h.shape[0], 1600]), k3).add(b3);
    },
  };
  return { "mlp-small": stack(13, 64, 64, 10), mlp: stack(784, 512, 512, 10), convnet };
}
