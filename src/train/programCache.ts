import type { StepData } from "./feeds.js";

/** How many shapes of batches keep a compiled program, the least recently used going first. */
const PROGRAMS_KEPT = 16;

/** Compiled programs by what they do and by the shapes of the batch. */
export class ProgramCache<P> {
  readonly #programs = new Map<string, Promise<P>>();

  /** The program for a kind of step and a shape of batch; objects in `identity` count by identity. */
  get(identity: readonly (string | object)[], data: StepData, compile: () => Promise<P>): Promise<P> {
    const columns = [...data.inputs, ...data.labels, data.sampleWeight];
    const shapes = columns.map((column) => (column === undefined ? "-" : `${column.dtype}[${column.shape.join()}]`));
    const parts = identity.map((part) => (typeof part === "string" ? part : `#${idOf(part)}`));
    const key = [...parts, ...shapes].join("|");
    const program = this.#programs.get(key) ?? compile();
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > PROGRAMS_KEPT) this.#programs.delete(this.#programs.keys().next().value!);
    program.catch(() => {
      if (this.#programs.get(key) === program) this.#programs.delete(key);
    });
    return program;
  }
}

const ids = new WeakMap<object, number>();
let nextId = 0;

/** A number that no other object has. */
export function idOf(object: object): number {
  let id = ids.get(object);
  if (id === undefined) ids.set(object, (id = nextId++));
  return id;
}
