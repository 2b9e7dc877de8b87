/** What a pool knows of a block: which others can stand in for it, and what it costs. */
export interface Pooled {
  readonly key: string;
  readonly bytes: number;
}

/** Free memory may be as much as what is in use (a training step swaps two states), and this much more. */
const MAX_EXTRA_FREE_BYTES = 64 * 2 ** 20;

/** Free blocks by key, to be used again; those that lay there longest are destroyed when there are many. */
export class Pool<B extends Pooled> {
  readonly #destroy: (block: B) => void;
  /** Least recently returned keys first. */
  readonly #free = new Map<string, B[]>();
  #freeBytes = 0;
  #usedBytes = 0;
  #disposed = false;

  constructor(destroy: (block: B) => void) {
    this.#destroy = destroy;
  }

  /** A free block with this key, or a new one. */
  take(key: string, create: () => B): B {
    const known = this.#free.get(key)?.pop();
    const block = known ?? create();
    if (known !== undefined) this.#freeBytes -= block.bytes;
    this.#usedBytes += block.bytes;
    return block;
  }

  give(block: B): void {
    this.#usedBytes -= block.bytes;
    if (this.#disposed) {
      this.#destroy(block);
      return;
    }
    const same = this.#free.get(block.key) ?? [];
    same.push(block);
    this.#free.delete(block.key);
    this.#free.set(block.key, same);
    this.#freeBytes += block.bytes;
    while (this.#freeBytes > this.#usedBytes + MAX_EXTRA_FREE_BYTES) this.#destroyOldest();
  }

  /** Destroys what is free. */
  clear(): void {
    while (this.#free.size > 0) this.#destroyOldest();
  }

  /** Destroys what is free now, and all else when it is given back. */
  dispose(): void {
    this.#disposed = true;
    this.clear();
  }

  #destroyOldest(): void {
    const [key, blocks] = this.#free.entries().next().value!;
    const block = blocks.shift();
    if (blocks.length === 0) this.#free.delete(key);
    if (block === undefined) return;
    this.#freeBytes -= block.bytes;
    this.#destroy(block);
  }
}
