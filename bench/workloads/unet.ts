import { layers, Model } from "nacre";
import type { Workload } from "../workload.js";

type Symbolic = ReturnType<typeof layers.input>;

function double(x: Symbolic, filters: number): Symbolic {
  const convolution = () => layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" });
  return convolution()(convolution()(x));
}

/**
 * 64x64x3 → twice conv 3x3 relu with 16, 32 and 64 filters, max pool 2 between; back up by nearest
 * neighbours, concatenated with the same size on the way down, to 32 and 16 filters; conv 1x1 to 3
 * classes for each pixel.
 */
export const unet: Workload = {
  name: "unet",
  batch: 8,
  inputs: [{ name: "x", shape: [64, 64, 3], values: "normal" }],
  label: { shape: [64, 64], values: { below: 3 } },
  loss: "softmax",
  parameters: 118_307,
  build: () => {
    const inputs = layers.input([64, 64, 3], { name: "x" });
    const fine = double(inputs, 16);
    const middle = double(layers.maxPooling2d()(fine), 32);
    const coarse = double(layers.maxPooling2d()(middle), 64);
    const up = (x: Symbolic, beside: Symbolic): Symbolic => layers.concatenate()([layers.upSampling2d()(x), beside]);
    const back = double(up(double(up(coarse, middle), 32), fine), 16);
    return new Model({ inputs, outputs: layers.conv2d({ filters: 3, kernelSize: 1 })(back) });
  },
};
