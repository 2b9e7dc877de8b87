import { NacreError } from "../error.js";
import { type DType, type TypedArray, isTypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";
import type { Backend } from "./backend.js";
import type { Engine, Executable, Feed, PortSpec, Program } from "./engine.js";
import { checkFeeds, checkHostData } from "./feeds.js";
import { HeldTensor, type Owner, type Slot } from "./held.js";
import { SessionCache, programKey } from "./sessions.js";

/** Sessions kept open: the programs of several models, each for a few batch sizes. */
const MAX_SESSIONS = 64;

/** An engine on any {@link Backend}: queues runs, counts who uses which memory, and keeps sessions. */
export class SessionEngine<B, S> implements Engine, Owner<B> {
  readonly name: Engine["name"];
  readonly kernels: boolean;
  readonly #backend: Backend<B, S>;
  readonly #sessions: SessionCache<S>;
  readonly #unreachable = new FinalizationRegistry<Slot<B>>((slot) => this.#retire(slot));
  /** Programs that nobody reaches any more. Their sessions stay: expressions in a loop compile the same program again. */
  readonly #dropped = new FinalizationRegistry<{ readonly key: string; readonly frozen: boolean }>(({ key, frozen }) => {
    // Nobody asks for a frozen program again, and it holds weights.
    if (frozen) this.#sessions.release(key);
    else this.#sessions.forget(key);
  });
  #queue: Promise<unknown> = Promise.resolve();
  #disposed = false;

  constructor(backend: Backend<B, S>, maxSessions = MAX_SESSIONS) {
    this.name = backend.name;
    this.kernels = backend.kernels === true;
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

  async load(program: Program): Promise<Executable> {
    this.#checkUsable(!this.#disposed, "engine");
    const key = await programKey(program);
    this.#checkUsable(!this.#disposed, "engine");
    await this.#sessions.acquire(key, program);
    let loaded = true;
    const executable: Executable = {
      program,
      run: async (feeds, options = {}) => {
        this.#checkUsable(!this.#disposed, "engine");
        this.#checkUsable(loaded, "program");
        return this.#run(key, program, feeds, options.donate ?? []);
      },
      dispose: () => {
        if (loaded) this.#sessions.release(key);
        loaded = false;
        this.#dropped.unregister(executable);
      },
    };
    this.#dropped.register(executable, { key, frozen: program.frozen !== undefined }, executable);
    return executable;
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
    this.#retire(slot);
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

  async #run(key: string, program: Program, feeds: readonly Feed[], donate: readonly number[]): Promise<DeviceTensor[]> {
    checkFeeds(program, feeds);
    const tensors = feeds.map((feed) => (isTypedArray(feed) ? undefined : this.#own(feed)));
    const known = tensors.map((tensor) => tensor?.slot());
    const donated = new Set(donate.map((position) => tensors[position]).filter((tensor) => tensor !== undefined));
    const pinned: Slot<B>[] = [];
    try {
      // Host data is copied before the first await: the caller may change it right after the call.
      feeds.forEach((feed, i) => {
        const slot = known[i] ?? this.#copyIn(program.inputs[i]!, feed as TypedArray);
        slot.retired ||= known[i] === undefined;
        slot.pins++;
        pinned.push(slot);
      });
      for (const tensor of donated) tensor.giveUp("donated to a run");
      const blocks = await this.#enqueue(async () => {
        const session = await this.#sessions.get(key, program);
        return this.#backend.run(session, pinned.map((slot) => slot.block), program);
      });
      tensors.forEach((tensor, i) => {
        if (tensor === undefined || !donated.has(tensor)) return;
        this.#unreachable.unregister(tensor);
        pinned[i]!.retired = true;
      });
      return blocks.map((block, i) => this.#hold(program.outputs[i]!, { block, pins: 0, retired: false }));
    } catch (error) {
      for (const tensor of donated) tensor.giveBack();
      throw error;
    } finally {
      for (const slot of pinned) this.#unpin(slot);
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
    return { block, pins: 0, retired: false };
  }

  #hold(port: PortSpec, slot: Slot<B>): DeviceTensor {
    const tensor = new HeldTensor(this, port, slot);
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

  /** Recycles a block that no handle shows any more, after the runs that read it. */
  #retire(slot: Slot<B>): void {
    slot.retired = true;
    if (slot.pins === 0) this.#backend.recycle(slot.block);
  }

  #unpin(slot: Slot<B>): void {
    slot.pins--;
    if (slot.pins === 0 && slot.retired) this.#backend.recycle(slot.block);
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
