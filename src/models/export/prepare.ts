import { NacreError, checkOptions, wrongKind } from "../../error.js";
import { Layer, type Masked, type TraceContext } from "../../layers/layer.js";
import { SymbolicTensor } from "../../layers/symbolic.js";
import { cast } from "../../ops/elementwise/cast.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { Network } from "../network.js";
import type { Preparation } from "./options.js";

/** Layers between raw data and an input. */
export interface Prepared {
  /** What the file takes. */
  readonly input: SymbolicTensor;
  readonly apply: (trace: TraceContext, raw: Tensor) => Masked;
}

/** The layers of a preparation, checked against the shape that the model takes. */
export function preparation(where: string, given: Preparation, shape: Shape, name: string): Prepared {
  checkOptions(where, given, ["layers", "dtype", "shape"]);
  const { layers, dtype = "uint8" } = given;
  if (!Array.isArray(layers) || layers.length === 0 || !layers.every((layer) => layer instanceof Layer)) {
    throw wrongKind(where, "layers: a list of layers", layers, "as in { layers: [layers.rescaling({ scale: 1 / 255 })] }");
  }
  const rawShape = given.shape === undefined ? shape : [shape[0]!, ...given.shape];
  const start = new SymbolicTensor({ shape: rawShape, dtype: "float32", name });
  const end = (layers as readonly Layer[]).reduce((x, layer) => layer.callAll(x)[0]!, start);
  if (end.dtype !== "float32" || end.shape.join() !== shape.join()) {
    throw new NacreError({
      code: "SHAPE_MISMATCH",
      where,
      expected: `layers that give float32 [${shape.join(", ")}], as the model takes it`,
      received: `${end.dtype} [${end.shape.join(", ")}]`,
      fix: "tell the shape of raw samples with shape, and bring them to the model's with layers.resizing or layers.permute",
    });
  }
  const network = new Network({ inputs: start, outputs: end });
  network.initialize(0);
  return {
    input: new SymbolicTensor({ shape: rawShape, dtype, name }),
    apply: (trace, raw) => network.call(trace, [{ value: cast(raw, "float32") }])[0]!,
  };
}
