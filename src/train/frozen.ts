import { type FrozenGraph, getCompiler } from "../graph/compiler.js";
import { graphOf, placeholder } from "../graph/graph.js";
import type { Variable } from "../layers/variable.js";
import type { TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import { Tensor } from "../tensor/tensor.js";
import type { StepData } from "./feeds.js";
import { ModelTrace } from "./trace.js";
import type { Trainable } from "./trainable.js";

/** So many batches with the same weights are worth a program that holds them. */
const BATCHES_BEFORE = 8;

/** Larger models keep their weights once, as inputs: a frozen program needs them two to three times more. */
const MOST_BYTES = 256 * 2 ** 20;

/** Up to this size a copy costs less than new memory and its handle. */
const READ_ELEMENTS = 2 ** 14;

/** Weights and shapes of rows that batches came with. */
interface Known {
  readonly variables: readonly Variable[];
  readonly values: readonly Variable["value"][];
  readonly shapes: string;
}

/** A model's outputs from a program that holds its weights, once batch after batch came with the same. */
export class FrozenPredictor {
  readonly #model: Trainable;
  /** What the latest batches had in common, and how many they were. */
  #known: Known | undefined;
  #batches = 0;
  #graph: Promise<FrozenGraph | undefined> | undefined;

  constructor(model: Trainable) {
    this.#model = model;
  }

  /** The outputs, or undefined while weights or shapes are not those of a frozen program that runs. */
  async run(data: StepData): Promise<Tensor[] | undefined> {
    const known = this.#known;
    if (this.#graph === undefined || known === undefined || !isAs(known, data)) return undefined;
    const graph = await this.#graph;
    // Other weights may have come while it was made.
    if (graph === undefined || !isAs(known, data)) return undefined;
    try {
      const outputs = await graph.run(data.inputs.map((column) => column.data), data.rows);
      return await Promise.all(outputs.map(tensorOf));
    } catch {
      // The program without weights tells what is wrong.
      this.drop();
      return undefined;
    }
  }

  /** Counts a batch that ran with the weights as inputs; enough of them freeze the weights. */
  note(variables: readonly Variable[], data: StepData): void {
    if (this.#known === undefined || !isAs(this.#known, data)) {
      this.drop();
      this.#known = { variables, values: variables.map(({ value }) => value), shapes: shapesOf(data) };
    }
    if (++this.#batches === BATCHES_BEFORE) this.#graph = freeze(this.#model, this.#known, data).catch(() => undefined);
  }

  /** Gives back what the frozen program takes. */
  drop(): void {
    if (this.#known === undefined) return;
    void this.#graph?.then((graph) => graph?.dispose());
    this.#known = undefined;
    this.#graph = undefined;
    this.#batches = 0;
  }
}

/** Small results come to the host at once: the engine's memory then serves the next batch. */
async function tensorOf(output: DeviceTensor): Promise<Tensor> {
  const { shape, dtype } = output;
  if (shape.reduce((product, dim) => product * dim, 1) > READ_ELEMENTS) return new Tensor({ shape, dtype, value: output });
  const value = await output.read();
  getCompiler().release(output);
  return new Tensor({ shape, dtype, value });
}

/** Whether weights and shapes are still those: a weight that changes has another handle. */
function isAs({ variables, values, shapes }: Known, data: StepData): boolean {
  return variables.every(({ value }, i) => value === values[i]) && shapesOf(data) === shapes;
}

function shapesOf({ inputs }: StepData): string {
  return inputs.map(({ shape }) => shape.slice(1).join()).join(" ");
}

/** The program; undefined where the weights are too large, or the model needs to know how many rows there are. */
async function freeze(model: Trainable, { variables, values }: Known, data: StepData): Promise<FrozenGraph | undefined> {
  const bytes = variables.reduce((sum, { size }) => sum + 4 * size, 0);
  if (bytes > MOST_BYTES) return undefined;
  const trace = new ModelTrace({ training: false });
  const inputs = data.inputs.map(({ shape, dtype }, i) => placeholder([BATCH, ...shape.slice(1)], dtype, `input ${i}`));
  const outputs = model.call(trace, inputs.map((value) => ({ value }))).map(({ value }) => value);
  const stored = await Promise.all(
    [...trace.values].map(async ([variable, tensor]): Promise<readonly [Tensor, TypedArray]> => {
      const value = values[variables.indexOf(variable)];
      if (value === undefined) throw new Error(`${variable.path} is not among the weights of the first batches`);
      return [tensor, ArrayBuffer.isView(value) ? value : await value.read()];
    }),
  );
  return getCompiler().freeze(graphOf([...trace.values.values(), ...inputs], outputs), new Map(stored), BATCH);
}

/** What models call the free dimension of their inputs. */
const BATCH = "batch";
