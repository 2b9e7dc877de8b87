import type { LayerCall, SymbolicTensor } from "../layers/symbolic.js";
import { bytesPerElement } from "../tensor/dtype.js";
import { formatShape, type Shape } from "../tensor/shape.js";
import type { Network } from "./network.js";
import { multiplyAdds, sampleShape } from "./summaryCost.js";

/** What a summary says of an input, or of one use of a layer. */
export interface LayerRow {
  readonly name: string;
  readonly className: string;
  readonly outputShape: string;
  readonly parameters: number;
  /** How many of the parameters training changes. */
  readonly trainable: number;
  /** Whether an earlier row counts the parameters already. */
  readonly shared: boolean;
  /** Multiply-adds of matrix products and convolutions for one sample. */
  readonly multiplyAdds: number;
  /** Size of the outputs for one sample, those of the layers inside a nested model included. */
  readonly activationBytes: number;
  /** The rows that the inputs come from. */
  readonly from: readonly string[];
}

/** A model's inputs and then its layers, in the order in which they run. */
export function summaryRows(model: Network): LayerRow[] {
  const known = new Set<object>();
  const nameOf = new Map(model.inputs.map((input, i) => [input, model.inputNames[i]!]));
  const names = new Map(model.layers.map((layer, i) => [layer, model.layerNames[i]!]));
  const rows = model.inputs.map((input): LayerRow => ({
    name: nameOf.get(input)!,
    className: "Input",
    outputShape: shapeText(input),
    parameters: 0,
    trainable: 0,
    shared: false,
    multiplyAdds: 0,
    activationBytes: bytesOf(input),
    from: [],
  }));
  for (const call of model.calls) {
    const { layer, inputs, outputs } = call;
    const name = names.get(layer)!;
    outputs.forEach((output) => nameOf.set(output, name));
    rows.push({
      name,
      className: layer.className,
      outputShape: outputs.map(shapeText).join(" "),
      parameters: sizeOf(layer.variables),
      trainable: sizeOf(layer.trainableVariables),
      shared: known.has(layer),
      multiplyAdds: multiplyAdds(call),
      activationBytes: activationBytes(call),
      from: inputs.map((input) => nameOf.get(input)!),
    });
    known.add(layer);
  }
  return rows;
}

/** A shape; an axis whose size follows from free ones by no simple formula is a question mark. */
export function shapeText({ shape }: { readonly shape: Shape }): string {
  return formatShape(shape).replaceAll(/\bfree_[\d_]+/g, "?");
}

/** The number of elements of some variables. */
export function sizeOf(variables: readonly { readonly size: number }[]): number {
  return variables.reduce((sum, { size }) => sum + size, 0);
}

function activationBytes({ layer, outputs }: LayerCall): number {
  const inside = (layer as Partial<Network>).calls;
  return (inside?.map(activationBytes) ?? outputs.map(bytesOf)).reduce((a, b) => a + b, 0);
}

function bytesOf(tensor: SymbolicTensor): number {
  return sampleShape(tensor).reduce((product, dim) => product * dim, bytesPerElement(tensor.dtype));
}
