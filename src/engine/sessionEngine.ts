import { NacreError } from "../error.js";
import type { RunOptions } from "../graph/compiler.js";
import { type DType, type TypedArray, isTypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import type { Backend, Renewal } from "./backend.js";
import type { Engine, Executable, Feed, PortSpec, Program, SharedProgram } from "./engine.js";
import { checkFeeds, checkHostData } from "./feeds.js";
import { HeldTensor, type Owner, type Slot } from "./held.js";
import { SessionCache, programKey } from "./sessions.js";

/** Sessions kept open: the programs of several models, each for a few batch sizes. */
const MAX_SESSIONS = 64;

/** A program with a session, and the key by which programs share one. */
interface Step {
  readonly key: string;
  readonly program: Program;
}

/** An engine on any {@link Backend}: queues runs, counts who uses which memory, and keeps sessions. */
export class SessionEngine<B, S> implements Engine, Owner<B> {
  readonly name: Engine["name"];
  readonly kernels: boolean;
  readonly abreast: boolean;
  readonly #backend: Backend<B, S>;
  readonly #sessions: SessionCache<S>;
  readonly #unreachable = new FinalizationRegistry<Slot<B>>((slot) => this.#drop(slot));
  /** Programs that nobody reaches any more. Their sessions stay: expressions in a loop compile the same program again. */
  readonly #dropped = new FinalizationRegistry<{ readonly keys: readonly string[]; readonly frozen: boolean }>(({ keys, frozen }) => {
    // Nobody asks for a frozen program again, and it holds weights.
    for (const key of keys) {
      if (frozen) this.#sessions.release(key);
      else this.#sessions.forget(key);
    }
  });
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(backend: Backend<B, S>, maxSessions = MAX_SESSIONS) {
    this.name = backend.name;
    this.kernels = backend.kernels === true;
    this.abreast = backend.rows !== undefined;
    this.#backend = backend;
    this.#sessions = new SessionCache(
      maxSessions,
      (program) => backend.open(program),
      // Through the queue, so that no run is in flight.
      (session) => this.#enqueue(() => backend.close(session)),
    );
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  async load(program: Program | SharedProgram): Promise<Executable> {
    this.#checkUsable(!this.#disposed, "engine");
    const steps = await Promise.all(stepsOf(program).map(async (step) => ({ key: await programKey(step), program: step })));
    this.#checkUsable(!this.#disposed, "engine");
    await this.#acquire(steps);
    let loaded = true;
    let running = 0;
    // A run that still waits would open the sessions again, and nobody would close them.
    const releaseUnused = (): void => {
      if (running === 0) for (const { key } of steps) this.#sessions.release(key);
    };
    const frozen = "frozen" in program;
    const executable: Executable = {
      program,
      run: async (feeds, options = {}) => {
        this.#checkUsable(!this.#disposed, "engine");
        this.#checkUsable(loaded, "program");
        running++;
        try {
          return await this.#run(steps, program, feeds, options);
        } finally {
          running--;
          if (!loaded) releaseUnused();
        }
      },
      dispose: () => {
        if (!loaded) return;
        loaded = false;
        releaseUnused();
        this.#dropped.unregister(executable);
      },
    };
    this.#dropped.register(executable, { keys: steps.map(({ key }) => key), frozen }, executable);
    return executable;
  }

  /** Opens the sessions of all steps, or of none. */
  async #acquire(steps: readonly Step[]): Promise<void> {
    const opened = await Promise.allSettled(steps.map(({ key, program }) => this.#sessions.acquire(key, program)));
    const failed = opened.find((result) => result.status === "rejected");
    if (failed === undefined) return;
    steps.forEach(({ key }, i) => {
      if (opened[i]!.status === "fulfilled") this.#sessions.release(key);
    });
    throw failed.reason;
  }

  upload(data: TypedArray, dtype: DType, shape: readonly number[]): DeviceTensor {
    this.#checkUsable(!this.#disposed, "engine");
    const port = { name: "upload", dtype, shape };
    checkHostData(port, data);
    return this.#hold(port, this.#copyIn(port, data, true));
  }

  release(tensor: DeviceTensor): void {
    const held = this.#own(tensor);
    const slot = held.slot();
    held.giveUp("released");
    this.#unreachable.unregister(held);
    this.#drop(slot);
  }

  readBlock(block: B): Promise<TypedArray> {
    return this.#backend.read(block);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#queue;
    await this.#sessions.clear();
    await this.#backend.dispose();
  }

  async #run(steps: readonly Step[], program: Program | SharedProgram, feeds: readonly Feed[], options: RunOptions): Promise<DeviceTensor[]> {
    checkFeeds(program, feeds);
    const { donate = [], renews = [], guard, renewed } = options;
    const tensors = feeds.map((feed) => (isTypedArray(feed) ? undefined : this.#own(feed)));
    const known = tensors.map((tensor) => tensor?.slot());
    const donated = new Set(donate.map((position) => tensors[position]).filter((tensor) => tensor !== undefined));
    const pinned: Slot<B>[] = [];
    try {
      // Host data is copied before the first await: the caller may change it right after the call.
      feeds.forEach((feed, i) => {
        const slot = known[i] ?? this.#copyIn(program.inputs[i]!, feed as TypedArray);
        slot.pins++;
        pinned.push(slot);
      });
      for (const tensor of donated) tensor.giveUp("donated to a run");
      const feedOf = new Map(renews.map(({ feed, output }) => [output, feed]));
      const holdAll = (blocks: readonly B[]): DeviceTensor[] =>
        blocks.map((block, i) => {
          const slot = pinned[feedOf.get(i) ?? -1];
          return this.#hold(program.outputs[i]!, slot?.block === block ? slot : slotOf(block));
        });
      let outputs: DeviceTensor[] | undefined;
      const renewal: Renewal<B> = {
        // Pinned by this run only: no other one waits to read the old value.
        inputOf: (output) => (pinned[feedOf.get(output) ?? -1]?.pins === 1 ? feedOf.get(output) : undefined),
        guard,
        written: (results, report) => {
          if (renewed === undefined) return;
          outputs = holdAll(results);
          renewed(outputs, report);
        },
      };
      const blocks = await this.#enqueue(async () => {
        const inputs = pinned.map((slot) => slot.block);
        return "part" in program ? this.#runShared(steps, program, inputs, renewal) : this.#runStep(steps[0]!, inputs, renewal);
      });
      tensors.forEach((tensor, i) => {
        if (tensor === undefined || !donated.has(tensor)) return;
        this.#unreachable.unregister(tensor);
        pinned[i]!.handles--;
      });
      return outputs ?? holdAll(blocks);
    } catch (error) {
      for (const tensor of donated) tensor.giveBack();
      throw error;
    } finally {
      for (const slot of pinned) this.#unpin(slot);
    }
  }

  async #runStep({ key, program }: Step, inputs: readonly B[], renewal?: Renewal<B>): Promise<B[]> {
    return this.#backend.run(await this.#sessions.get(key, program), inputs, program, renewal);
  }

  async #runShared([part, rest]: readonly Step[], { parts, partInputs, restInputs }: SharedProgram, inputs: readonly B[], renewal: Renewal<B>): Promise<B[]> {
    const feedsOf = (i: number): B[] => partInputs.map(({ at, rows }) => (rows ? this.#backend.rows!(inputs[at]!, i, parts) : inputs[at]!));
    const runs = await Promise.allSettled(Array.from({ length: parts }, (_, i) => this.#runStep(part!, feedsOf(i))));
    const between = runs.flatMap((run) => (run.status === "fulfilled" ? run.value : []));
    let results: B[] = [];
    try {
      const failed = runs.find((run) => run.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      const ofRest = (output: number): number | undefined => {
        const at = restInputs.indexOf(renewal.inputOf(output) ?? -1);
        return at < 0 ? undefined : at;
      };
      return (results = await this.#runStep(rest!, [...restInputs.map((at) => inputs[at]!), ...between], { ...renewal, inputOf: ofRest }));
    } finally {
      // Results may lie where the halves' did.
      for (const block of between) if (!results.includes(block)) this.#backend.recycle(block);
    }
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #copyIn(port: PortSpec, data: TypedArray, lasting = false): Slot<B> {
    const block = this.#backend.allocate(port.dtype, port.shape, lasting);
    this.#backend.write(block, data);
    return slotOf(block);
  }

  #hold(port: PortSpec, slot: Slot<B>): DeviceTensor {
    const tensor = new HeldTensor(this, port, slot);
    slot.handles++;
    this.#unreachable.register(tensor, slot, tensor);
    return tensor;
  }

  #own(tensor: DeviceTensor): HeldTensor<B> {
    if (tensor instanceof HeldTensor && tensor.owner === this) return tensor as HeldTensor<B>;
    throw new NacreError({
      code: "BAD_ARGUMENT",
      where: `${this.name} engine`,
      expected: "a tensor of this engine",
      received: "one of another",
      fix: "read the value and pass the array",
    });
  }

  #drop(slot: Slot<B>): void {
    slot.handles--;
    this.#recycleUnused(slot);
  }

  #unpin(slot: Slot<B>): void {
    slot.pins--;
    this.#recycleUnused(slot);
  }

  /** Takes a block back that no handle shows and no run reads. */
  #recycleUnused({ block, pins, handles }: Slot<B>): void {
    if (pins === 0 && handles === 0) this.#backend.recycle(block);
  }

  #checkUsable(usable: boolean, where: string): void {
    if (usable) return;
    throw new NacreError({
      code: "STALE_STATE",
      where,
      expected: "one that is in use",
      received: "one that was disposed",
    });
  }
}

function slotOf<B>(block: B): Slot<B> {
  return { block, pins: 0, handles: 0 };
}

function stepsOf(program: Program | SharedProgram): readonly Program[] {
  return "part" in program ? [program.part, program.rest] : [program];
}
