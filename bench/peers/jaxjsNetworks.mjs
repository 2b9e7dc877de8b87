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

  const ids = 10_000;
  const head = stack(64, 64, 1);
  const twoTower = {
    weights: () => [kernel([ids, 32], 32), kernel([ids, 32], 32), ...head.weights()],
    apply: ([users, items, ...w], user, item) =>
      head.apply(w, np.concatenate([np.take(users, user.reshape([-1]), 0), np.take(items, item.reshape([-1]), 0)], 1)),
  };

  const transformer = ({ layers, heads, width, length, vocabulary, outputs, causal }) => {
    const norm = () => [np.ones([width]), np.zeros([width])];
    const perBlock = 12;
    const depth = width / heads;
    const normalize = (x, gain, shift) => nn.standardize(x, -1).mul(gain).add(shift);
    // Its own attention needs a later Node than 20.
    const attend = (parts) => {
      const [q, k, v] = parts.map((part) => part.reshape([-1, length, heads, depth]));
      const scores = np.matmul(q.transpose([0, 2, 1, 3]), k.transpose([0, 2, 3, 1])).mul(1 / Math.sqrt(depth));
      const seen = causal ? scores.add(np.triu(np.ones([length, length]), 1).mul(-1e9)) : scores;
      return np.matmul(nn.softmax(seen, -1), v.transpose([0, 2, 1, 3])).transpose([0, 2, 1, 3]).reshape([-1, length, width]);
    };
    const block = (x, [g1, s1, kq, bq, ko, bo, g2, s2, k1, b1, k2, b2]) => {
      const joined = np.matmul(normalize(x.ref, g1, s1), kq).add(bq); // [B,T,3·D]
      const h = x.add(np.matmul(attend(np.split(joined, 3, -1)), ko).add(bo));
      const inner = nn.gelu(np.matmul(normalize(h.ref, g2, s2), k1).add(b1), { approximate: true });
      return h.add(np.matmul(inner, k2).add(b2));
    };
    return {
      weights: () => [
        kernel([vocabulary, width], width),
        kernel([length, width], width),
        ...Array.from({ length: layers }, () => [
          ...norm(),
          ...dense(width, 3 * width),
          ...dense(width, width),
          ...norm(),
          ...dense(width, 4 * width),
          ...dense(4 * width, width),
        ]).flat(),
        ...norm(),
        ...dense(width, outputs),
      ],
      apply: (w, tokens) => {
        let x = np.take(w[0], tokens, 0).add(w[1]);
        for (let i = 0; i < layers; i++) x = block(x, w.slice(2 + i * perBlock, 2 + (i + 1) * perBlock));
        const [gain, shift, last, bias] = w.slice(-4);
        x = normalize(x, gain, shift);
        return np.matmul(causal ? x : np.mean(x, 1), last).add(bias);
      },
    };
  };

  return {
    "mlp-small": stack(13, 64, 64, 10),
    mlp: stack(784, 512, 512, 10),
    autoencoder: stack(784, 128, 32, 128, 784),
    "two-tower": twoTower,
    convnet,
    "gpt-nano": transformer({ layers: 4, heads: 4, width: 128, length: 64, vocabulary: 65, outputs: 65, causal: true }),
    "gpt-mid": transformer({ layers: 6, heads: 6, width: 384, length: 256, vocabulary: 65, outputs: 65, causal: true }),
    "bert-mini": transformer({ layers: 4, heads: 4, width: 256, length: 128, vocabulary: 1000, outputs: 2, causal: false }),
  };
}
