import type * as Ort from "onnxruntime-node";
import { type DType, type TypedArray, allocate } from "../tensor/dtype.js";
import type { Backend } from "./backend.js";
import type { Program } from "./engine.js";
import { engineFailed } from "./failure.js";
import { FROZEN_LEVEL, GRAPH_LEVEL, LOG_FATAL, type NodeOptions, spinning } from "./sessionOptions.js";

interface BindingBlock {
  readonly data: TypedArray;
  readonly tensor: Ort.Tensor;
}

/** ONNX Runtime through onnxruntime-node's own binding: copies each output and blocks the event loop. */
export class BindingBackend implements Backend<BindingBlock, Ort.InferenceSession> {
  readonly name = "binding";
  readonly #ort: typeof Ort;
  readonly #options: Ort.InferenceSession.SessionOptions;

  static async create(options: NodeOptions): Promise<BindingBackend> {
    return new BindingBackend(await import("onnxruntime-node"), options);
  }

  private constructor(ort: typeof Ort, { threads, spinUs, profile }: NodeOptions) {
    this.#ort = ort;
    ort.env.logLevel = "fatal";
    this.#options = {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile.prefix }),
      logSeverityLevel: LOG_FATAL,
      extra: { session: { intra_op: spinning(spinUs) } },
    };
  }

  async open({ model, frozen }: Program): Promise<Ort.InferenceSession> {
    const { name } = frozen === undefined ? GRAPH_LEVEL : FROZEN_LEVEL;
    return attempt(this.#ort.InferenceSession.create(model, { ...this.#options, graphOptimizationLevel: name }));
  }

  async close(session: Ort.InferenceSession): Promise<void> {
    await session.release();
  }

  async run(session: Ort.InferenceSession, inputs: readonly BindingBlock[], program: Program): Promise<BindingBlock[]> {
    const feeds = Object.fromEntries(inputs.map((block, i) => [program.inputs[i]!.name, block.tensor]));
    const results = await attempt(session.run(feeds, program.outputs.map((port) => port.name)));
    return program.outputs.map(({ name, dtype, shape }) => {
      const tensor = results[name]!;
      if (tensor.type !== dtype || tensor.dims.join() !== shape.join()) {
        throw engineFailed(`output "${name}" of ${tensor.type}[${tensor.dims.join()}] instead of ${dtype}[${shape.join()}]`);
      }
      return { data: tensor.data as TypedArray, tensor };
    });
  }

  allocate(dtype: DType, shape: readonly number[]): BindingBlock {
    const data = allocate(dtype, shape.reduce((product, dim) => product * dim, 1));
    return { data, tensor: new this.#ort.Tensor(dtype, data as Uint8Array, shape) };
  }

  write(block: BindingBlock, data: TypedArray): void {
    (block.data as Uint8Array).set(data as Uint8Array);
  }

  async read(block: BindingBlock): Promise<TypedArray> {
    return block.data.slice();
  }

  // Blocks are JavaScript's own memory, so the garbage collector takes them back.
  recycle(): void {}

  async dispose(): Promise<void> {}
}

async function attempt<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw engineFailed(error instanceof Error ? error.message : String(error), error);
  }
}
