import type { Tensor } from "../../tensor/tensor.js";
import { readFixtures } from "../../testing/fixtures.js";
import { type OpCase, opTests } from "../../testing/opTest.js";
import type * as batchNorm from "./batchNorm.js";
import type { ConvOptions } from "./conv.js";
import * as nn from "./index.js";
import type { ConvTransposeOptions } from "./convTranspose.js";
import type * as layerNorm from "./layerNorm.js";
import type { PoolOptions } from "./pool.js";

const fixtures = readFixtures(new URL("./nn.fixtures.json", import.meta.url));

/** Options of the stored convolutions, with the spatial sizes of x and of the kernel. */
const CONVOLUTIONS: Record<string, ConvOptions & { inputShape: number[]; kernelShape: number[] }> = {
  "1 axis, stride, dilation, groups": {
    strides: 2,
    dilations: 2,
    padding: [[2, 1]],
    groups: 2,
    inputShape: [7],
    kernelShape: [3],
  },
  "2 axes, uneven padding": {
    strides: [3, 2],
    padding: [
      [1, 2],
      [0, 1],
    ],
    inputShape: [5, 6],
    kernelShape: [2, 3],
  },
  "2 axes, stride 1": {
    padding: [
      [1, 2],
      [0, 1],
    ],
    inputShape: [5, 6],
    kernelShape: [2, 3],
  },
  "3 axes, depthwise": { strides: [1, 2, 1], groups: 2, inputShape: [3, 4, 3], kernelShape: [2, 2, 2] },
  "no batch": { inputShape: [3], kernelShape: [2] },
};

type Options = (typeof CONVOLUTIONS)[string];

// ONNX Runtime's Conv is float32 only. Differences of L, quadratic in each element, have no truncation error.
function convCases(op: (a: Tensor, b: Tensor, options: Options) => Tensor, freeBatch: true | number[]): [OpCase, ...OpCase[]] {
  const cases = Object.entries(CONVOLUTIONS).map(([name, options]): OpCase => {
    return { name, call: (a, b) => op(a, b, options), differences: "float32", freeBatch };
  });
  return cases as [OpCase, ...OpCase[]];
}

const POOLS: Record<string, PoolOptions> = {
  "1 axis, overlapping": { poolSize: 3, strides: 2, padding: [[1, 1]] },
  "2 axes, uneven padding": {
    poolSize: [2, 3],
    strides: [2, 1],
    padding: [
      [0, 1],
      [1, 2],
    ],
  },
  "2 axes, gaps between windows": { poolSize: [2, 1], strides: [3, 2] },
  "3 axes": {
    poolSize: [2, 2, 1],
    strides: [1, 2, 1],
    padding: [
      [0, 0],
      [1, 0],
      [0, 0],
    ],
  },
};

function poolCases(op: (x: Tensor, options: PoolOptions) => Tensor, part: Partial<OpCase>): [OpCase, ...OpCase[]] {
  const cases = Object.entries(POOLS).map(([name, options]): OpCase => {
    return { name, call: (x) => op(x, options), freeBatch: true, ...part };
  });
  return cases as [OpCase, ...OpCase[]];
}

const TRANSPOSES: Record<string, ConvTransposeOptions> = {
  "valid, stride 2": { strides: 2 },
  "valid, stride over the kernel": { strides: 3, padding: "valid" },
  "same, stride 2": { strides: [2, 2], padding: "same" },
  "same, stride 2, even kernel": { strides: 2, padding: "same" },
  "same, stride 3, one tap": { strides: 3, padding: "same" },
  "same, output padding": { strides: 2, padding: "same", outputPadding: 1 },
  "valid, output padding": { strides: 2, outputPadding: [1] },
  "dilation, groups": { padding: "same", dilations: 2, groups: 2 },
  "3 axes": { strides: 2, padding: "same" },
};

function adaptiveCases(op: (x: Tensor, outputSize: number | number[]) => Tensor, part: Partial<OpCase>): [OpCase, ...OpCase[]] {
  return [
    { name: "sizes that divide", call: (x) => op(x, [2, 1]), freeBatch: true, ...part },
    { name: "overlapping windows", call: (x) => op(x, [3, 2]), freeBatch: true, ...part },
    { name: "more than there are", call: (x) => op(x, 5), ...part },
    { name: "3 axes, one kept", call: (x) => op(x, 2), ...part },
  ];
}

function softmaxCases(op: (x: Tensor, axis?: number) => Tensor): [OpCase, ...OpCase[]] {
  return [
    { name: "last axis", freeBatch: true },
    { name: "first axis", call: (x) => op(x, 0) },
    { name: "far out" },
    { name: "no rows" },
  ];
}

/** Normalisations need inputs of their own kind and are tested in norms.test.ts. */
type Norms = typeof batchNorm & typeof layerNorm;

opTests<Omit<typeof nn, keyof Norms>>(nn, fixtures, {
  adaptiveAveragePool: adaptiveCases(nn.adaptiveAveragePool, { differences: "float32" }),
  adaptiveMaxPool: adaptiveCases(nn.adaptiveMaxPool, {}),
  // ONNX Runtime's AveragePool is float32 only.
  averagePool: poolCases(nn.averagePool, { differences: "float32" }),
  conv: convCases(nn.conv, [0]),
  convInputGrad: convCases(nn.convInputGrad, [0]),
  convKernelGrad: convCases(nn.convKernelGrad, true),
  convTranspose: Object.entries(TRANSPOSES).map(([name, options]): OpCase => {
    return { name, call: (x, k) => nn.convTranspose(x, k, options), differences: "float32", freeBatch: [0] };
  }) as [OpCase, ...OpCase[]],
  depthwiseConv: [
    {
      name: "two kernels a channel",
      call: (x, k) => nn.depthwiseConv(x, k, { strides: 2 }),
      differences: "float32",
      freeBatch: [0],
    },
  ],
  // ONNX Runtime's Gelu is float32 only.
  gelu: [
    { name: "exact", differences: "float32", freeBatch: true },
    { name: "tanh", call: (x) => nn.gelu(x, { approximate: true }), differences: "float32", freeBatch: true },
    { name: "far out", differences: "float32" },
  ],
  logSoftmax: softmaxCases(nn.logSoftmax),
  maxPool: [
    ...poolCases(nn.maxPool, {}),
    { name: "ties", call: (x) => nn.maxPool(x, { poolSize: 2, strides: 1 }), differences: "none" },
  ],
  softmax: softmaxCases(nn.softmax),
});
