import type { Column } from "../../data/column.js";
import type { Engine, Executable, PortSpec } from "../../engine/engine.js";
import { NacreError } from "../../error.js";
import { type GraphProto, type ModelProto, type ValueInfo, encodeModel } from "../../onnx/proto.js";
import { evaluateDim } from "../../tensor/dim.js";

let count = 0;

/** What runs programs, until somebody wants it to stop. */
export interface Host {
  readonly engine: Engine;
  readonly signal: AbortSignal | undefined;
}

/** An ONNX model on an engine, whatever its operators: one session for all sizes of its free dimensions. */
export class OnnxProgram {
  readonly #host: Host;
  readonly #bytes: Uint8Array;
  readonly #graph: GraphProto;
  readonly #name = `shipped ${count++}`;
  readonly #executables = new Map<string, Executable>();

  /** `bytes` may be given where they are known already. */
  constructor(host: Host, model: ModelProto, bytes = encodeModel(model)) {
    [this.#host, this.#bytes, this.#graph] = [host, bytes, model.graph];
  }

  /** The outputs for columns in the order of the inputs. @throws ABORTED when the signal was aborted */
  async run(inputs: readonly Column[]): Promise<Column[]> {
    const { engine, signal } = this.#host;
    if (signal?.aborted === true) throw aborted(signal);
    const executable = await this.#load(inputs);
    const held = await executable.run(inputs.map(({ data }) => data));
    return Promise.all(
      held.map(async (tensor) => {
        const { dtype, shape } = tensor;
        const data = await tensor.read();
        engine.release(tensor);
        return { dtype, shape, data };
      }),
    );
  }

  dispose(): void {
    for (const executable of this.#executables.values()) executable.dispose();
    this.#executables.clear();
  }

  async #load(inputs: readonly Column[]): Promise<Executable> {
    const key = inputs.map(({ shape }) => shape.join()).join(" ");
    let executable = this.#executables.get(key);
    if (executable === undefined) {
      const sizes: Record<string, number> = {};
      this.#graph.inputs.forEach(({ shape }, i) => shape?.forEach((dim, axis) => (typeof dim === "string" ? (sizes[dim] = inputs[i]!.shape[axis]!) : 0)));
      executable = await this.#host.engine.load({
        model: this.#bytes,
        inputs: this.#graph.inputs.map(({ name, dtype }, i) => ({ name, dtype, shape: inputs[i]!.shape })),
        outputs: this.#graph.outputs.map((output) => concrete(output, sizes)),
        frozen: this.#name,
      });
      this.#executables.set(key, executable);
    }
    return executable;
  }
}

function aborted({ reason }: AbortSignal): NacreError {
  return new NacreError({ code: "ABORTED", where: "quantize", expected: "to go on to the end", received: "an abort; nothing was written", cause: reason });
}

/** An output with the sizes that those of the inputs give it. */
function concrete({ name, dtype, shape }: ValueInfo, sizes: Readonly<Record<string, number>>): PortSpec {
  try {
    if (shape !== undefined) return { name, dtype, shape: shape.map((dim) => evaluateDim(dim, sizes)) };
  } catch (error) {
    if (!(error instanceof NacreError)) throw error;
  }
  throw new NacreError({
    code: "UNSUPPORTED",
    where: `quantize, output "${name}"`,
    expected: "a shape that follows from those of the inputs",
    received: shape === undefined ? "none" : `[${shape.join(", ")}]`,
    fix: "run onnx.shape_inference.infer_shapes on the file before it is imported",
  });
}
