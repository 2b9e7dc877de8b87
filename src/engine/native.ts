import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NacreError } from "../error.js";
import type { ModelPort, Operand, Tail } from "../lower/tail/tail.js";
import { type DType, type TypedArray, bytesPerElement } from "../tensor/dtype.js";
import type { Backend, Renewal } from "./backend.js";
import type { PortSpec, Program } from "./engine.js";
import { Kernels } from "./kernels.js";
import { NativeApi } from "./nativeApi.js";
import { type NativeEnvironment, type SessionOptions, closeEnvironment, openEnvironment } from "./nativeEnvironment.js";
import { type NativeBlock, NativeMemory } from "./nativeMemory.js";
import { type Place, placesOf } from "./places.js";
import type { NodeOptions, ProfileSink } from "./sessionOptions.js";

/** What one open program keeps: the session, and the arrays that its runs are called with. */
interface NativeSession {
  readonly address: bigint;
  readonly inputNames: NameList;
  readonly outputNames: NameList;
  /** Arrays for the arguments of runs that are not in use now. */
  readonly idle: CallArrays[];
  /** What follows the model's run. */
  readonly kernels: Kernels | undefined;
  readonly places: readonly Place[];
  /** Whether its kernels are done soon enough to do them without a turn of the event loop. */
  readonly inOneTurn: boolean;
  /** Whether other runs happen at the same time, which those in the thread of the event loop cannot. */
  readonly abreast: boolean;
  /** How long the last run took. */
  lastMs: number;
  runs: number;
}

/** The values that one run takes and fills. */
interface CallArrays {
  readonly inputs: PointerArray;
  readonly outputs: PointerArray;
}

/** C strings and the array of their addresses; `texts` keeps the strings alive. */
interface NameList extends PointerArray {
  readonly texts: readonly Uint8Array[];
}

interface PointerArray {
  readonly count: number;
  readonly pointers: BigUint64Array;
  readonly address: bigint;
}

/**
 * Koffi runs calls on stacks of its own: 128 KiB for asynchronous ones, where a matrix product
 * already came near the end. As much as a main thread has; only pages that are touched take memory.
 */
const STACK_BYTES = 8 * 2 ** 20;

/**
 * A run shorter than this happens in this thread. Handing it to another takes 30 µs, and often more: three threads
 * then share two processors, and two of those that compute may come to lie on one.
 */
const SHORT_RUN_MS = 6;

/** Elements that kernels pass over in about ten milliseconds. */
const MOST_IN_ONE_TURN = 2 ** 24;

/** Programs with ports of so many bytes have large arrays inside, too. */
const LARGE_BYTES = 2 ** 18;

/** However short the runs are, the event loop gets a turn this often. */
const MAX_BLOCKED_MS = 5;

const LIBRARIES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
  win32: "onnxruntime.dll",
};

/** The C API of the library that onnxruntime-node ships, called through koffi. */
export class NativeBackend implements Backend<NativeBlock, NativeSession> {
  readonly name = "native";
  readonly kernels: boolean;
  readonly rows: Backend<NativeBlock, NativeSession>["rows"];
  readonly #api: NativeApi;
  readonly #memory: NativeMemory;
  readonly #environment: NativeEnvironment;
  readonly #profile: ProfileSink | undefined;
  /** When the event loop last had a turn, as far as is known. */
  #lastTurn = -Infinity;

  /** @throws NO_ENGINE when the library is missing or not the expected one */
  static async create(options: NodeOptions): Promise<NativeBackend> {
    const { default: koffi } = await import("koffi");
    if ((koffi.config().async_stack_size ?? 0) < STACK_BYTES) {
      koffi.config({ ...koffi.config(), async_stack_size: STACK_BYTES, sync_stack_size: STACK_BYTES });
    }
    const { path, version } = locateLibrary();
    return new NativeBackend(new NativeApi(koffi, path, version), options);
  }

  private constructor(api: NativeApi, options: NodeOptions) {
    this.#api = api;
    this.#environment = openEnvironment(api, options);
    this.#profile = options.profile;
    this.#memory = new NativeMemory(api);
    this.kernels = this.#memory.linear !== undefined;
    // A profile says how long ops take on whole batches.
    if (options.threads > 1 && options.profile === undefined) this.rows = (block, part, parts) => this.#memory.rows(block, part, parts);
  }

  async open(program: Program): Promise<NativeSession> {
    const { model, tail } = program;
    const { inputs, outputs } = tail?.model ?? program;
    const made = this.#pointers(1);
    await this.#api.callAsync(
      "CreateSessionFromArray",
      this.#environment.address,
      this.#api.address(model),
      model.length,
      this.#environment.options[kindOf(program, [...inputs, ...outputs])],
      made.address,
    );
    return {
      address: made.pointers[0]!,
      inputNames: this.#names(inputs),
      outputNames: this.#names(outputs),
      idle: [],
      kernels: tail && new Kernels(tail, this.#memory.linear!),
      places: placesOf(program),
      inOneTurn: (tail?.calls ?? []).reduce((sum, { size }) => sum + size, 0) <= MOST_IN_ONE_TURN,
      abreast: program.abreast === true,
      lastMs: Infinity,
      runs: 0,
    };
  }

  async close(session: NativeSession): Promise<void> {
    session.kernels?.close();
    this.#api.callVoid("ReleaseSession", session.address);
  }

  async run(session: NativeSession, inputs: readonly NativeBlock[], { outputs, tail, abreast }: Program, renewal?: Renewal<NativeBlock>): Promise<NativeBlock[]> {
    if (tail !== undefined) return this.#runWithKernels(session, inputs, outputs, tail, renewal);
    // What parts of a batch give, kernels put together.
    const blocks = outputs.map(({ dtype, shape }) => this.allocate(dtype, shape, abreast === true));
    try {
      await this.#runModel(session, (i) => inputs[i]!.value, (i) => blocks[i]!.value);
      return blocks;
    } catch (error) {
      for (const block of blocks) this.recycle(block);
      throw error;
    }
  }

  async #runWithKernels(
    session: NativeSession,
    inputs: readonly NativeBlock[],
    outputs: readonly PortSpec[],
    tail: Tail,
    renewal: Renewal<NativeBlock> | undefined,
  ): Promise<NativeBlock[]> {
    const made = tail.arrays.map(({ dtype, shape, output }) => (output === null ? this.#memory.allocate(dtype, shape, true) : this.allocate(outputs[output]!.dtype, shape)));
    const valueOf = (blocks: readonly NativeBlock[], ports: readonly ModelPort[], position: number): bigint => {
      const { at, view } = ports[position]!;
      return view === null ? blocks[at]!.value : this.#memory.view(blocks[at]!, view);
    };
    try {
      await this.#runModel(session, (i) => valueOf(inputs, tail.modelInputs, i), (i) => valueOf(made, tail.modelOutputs, i));
    } catch (error) {
      for (const block of made) this.recycle(block);
      throw error;
    }
    const blockOf = ({ from, at }: Operand): NativeBlock => (from === "input" ? inputs : made)[at]!;
    const renews = session.inOneTurn ? renewal : undefined;
    const results = outputs.map(({ dtype, shape }, i) => {
      const place = session.places[i]!;
      if (place.made !== undefined) return made[place.made]!;
      const input = renews?.inputOf(i);
      if (input !== undefined && place.renewable.includes(input)) return inputs[input]!;
      return place.over === undefined ? this.#memory.allocate(dtype, shape, true) : blockOf(place.over);
    });
    const run = session.runs++;
    const guard = renewal?.guard;
    try {
      if (guard === undefined || Number.isFinite(results[guard]!.data[0])) {
        session.lastMs += await session.kernels!.run(blockOf, results, {
          // While values are written over, nobody may look.
          breathe: renews === undefined ? () => this.#turnWhenDue() : () => undefined,
          ran: this.#profile && ((scope, ms) => this.#profile!.onKernel({ run, scope, ms })),
          done: guard === undefined ? undefined : () => renews?.written(results, results[guard]!.data),
        });
      }
    } catch (error) {
      for (const block of new Set([...made, ...results])) if (!inputs.includes(block)) this.recycle(block);
      throw error;
    }
    for (const block of made) if (!results.includes(block)) this.recycle(block);
    return results;
  }

  /** Runs a session, from and into the values that the functions give by position. */
  async #runModel(session: NativeSession, inputOf: (position: number) => bigint, outputOf: (position: number) => bigint): Promise<void> {
    const { inputNames, outputNames } = session;
    const arrays = session.idle.pop() ?? { inputs: this.#pointers(inputNames.count), outputs: this.#pointers(outputNames.count) };
    for (let i = 0; i < inputNames.count; i++) arrays.inputs.pointers[i] = inputOf(i);
    for (let i = 0; i < outputNames.count; i++) arrays.outputs.pointers[i] = outputOf(i);
    const inPlace = session.lastMs < SHORT_RUN_MS && !session.abreast;
    const pause = inPlace ? this.#turnWhenDue() : undefined;
    if (pause !== undefined) await pause;
    const begin = performance.now();
    const call = [
      session.address,
      null,
      inputNames.address,
      arrays.inputs.address,
      inputNames.count,
      outputNames.address,
      outputNames.count,
      arrays.outputs.address,
    ] as const;
    try {
      if (inPlace) this.#api.call("Run", ...call);
      else await this.#api.callAsync("Run", ...call);
    } finally {
      session.idle.push(arrays);
    }
    const end = performance.now();
    session.lastMs = end - begin;
    if (!inPlace) this.#lastTurn = end;
  }

  /** Lets the event loop have a turn, where its last one is long ago. */
  #turnWhenDue(): Promise<void> | undefined {
    if (performance.now() - this.#lastTurn < MAX_BLOCKED_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#lastTurn = performance.now();
        resolve();
      }),
    );
  }

  allocate(dtype: DType, shape: readonly number[], lasting = false): NativeBlock {
    // Kernels work on what lasts: weights and what optimizers keep for them.
    return this.#memory.allocate(dtype, shape, lasting && dtype === "float32");
  }

  write(block: NativeBlock, data: TypedArray): void {
    (block.data as Uint8Array).set(data as Uint8Array);
  }

  async read(block: NativeBlock): Promise<TypedArray> {
    return block.data.slice();
  }

  recycle(block: NativeBlock): void {
    this.#memory.recycle(block);
  }

  async dispose(): Promise<void> {
    this.#memory.dispose();
    closeEnvironment(this.#api, this.#environment);
  }

  #pointers(count: number): PointerArray {
    // Never empty: an empty array has no address.
    const pointers = new BigUint64Array(new ArrayBuffer(8 * Math.max(1, count)));
    return { count, pointers, address: this.#api.address(pointers) };
  }

  #names(ports: readonly PortSpec[]): NameList {
    const texts = ports.map(({ name }) => {
      const text = new TextEncoder().encode(`${name}\0`);
      const own = new Uint8Array(new ArrayBuffer(text.length));
      own.set(text);
      return own;
    });
    const list = this.#pointers(ports.length);
    texts.forEach((text, i) => (list.pointers[i] = this.#api.address(text)));
    return { ...list, texts };
  }
}

function kindOf({ frozen, abreast }: Program, ports: readonly PortSpec[]): keyof SessionOptions {
  if (frozen !== undefined) return "frozen";
  const bytes = ports.reduce((sum, { dtype, shape }) => sum + shape.reduce((product, dim) => product * dim, bytesPerElement(dtype)), 0);
  const size = bytes < LARGE_BYTES ? "small" : "large";
  return abreast === true ? `${size}Abreast` : size;
}

function locateLibrary(): { path: string; version: string } {
  const manifest = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const file = LIBRARIES[process.platform];
  if (file !== undefined) {
    return { path: join(dirname(manifest), "bin", "napi-v6", process.platform, process.arch, file), version };
  }
  throw new NacreError({
    code: "NO_ENGINE",
    where: "native engine",
    expected: `one of the platforms ${Object.keys(LIBRARIES).join(", ")}`,
    received: process.platform,
  });
}
