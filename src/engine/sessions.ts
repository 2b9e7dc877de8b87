import type { Program } from "./engine.js";

/** Opened programs by content, least recently used first out. */
export class SessionCache<S> {
  readonly #limit: number;
  readonly #open: (program: Program) => Promise<S>;
  readonly #close: (session: S) => Promise<void>;
  /** In the order of use. */
  readonly #sessions = new Map<string, Promise<S>>();
  readonly #users = new Map<string, number>();
  readonly #closing = new Set<Promise<void>>();

  constructor(limit: number, open: (program: Program) => Promise<S>, close: (session: S) => Promise<void>) {
    this.#limit = limit;
    this.#open = open;
    this.#close = close;
  }

  /** Counts one more user of a key, and opens its session. */
  async acquire(key: string, program: Program): Promise<void> {
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    try {
      await this.get(key, program);
    } catch (error) {
      this.release(key);
      throw error;
    }
  }

  /** Counts one user less; the last one closes the session. */
  release(key: string): void {
    this.forget(key);
    if (!this.#users.has(key)) this.#drop(key);
  }

  /** Counts one user less; the session stays open for the next one, as long as there is room. */
  forget(key: string): void {
    const users = this.#users.get(key)! - 1;
    if (users > 0) this.#users.set(key, users);
    else this.#users.delete(key);
  }

  /** The session of a program with this key, opened when it is not there (any more). */
  get(key: string, program: Program): Promise<S> {
    const known = this.#sessions.get(key);
    const session = known ?? this.#open(program);
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (known === undefined) {
      session.catch(() => {
        if (this.#sessions.get(key) === session) this.#sessions.delete(key);
      });
      if (this.#sessions.size > this.#limit) this.#drop(this.#sessions.keys().next().value!);
    }
    return session;
  }

  /** Closes all, and waits until that is done. */
  async clear(): Promise<void> {
    for (const key of this.#sessions.keys()) this.#drop(key);
    await Promise.all(this.#closing);
  }

  #drop(key: string): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#sessions.delete(key);
    const closing = session.then(this.#close, () => undefined).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

let unshared = 0;

/** A key that only programs with the same bytes and ports share. */
export async function programKey(program: Program): Promise<string> {
  if (program.frozen !== undefined) return program.frozen;
  // Pages that did not come over HTTPS have no digest; there every program is its own.
  if (globalThis.crypto?.subtle === undefined) return String(unshared++);
  const ports = new TextEncoder().encode(JSON.stringify([program.inputs, program.outputs, program.tail, program.abreast, program.spent]));
  const digests = await Promise.all(
    [program.model, ports].map((bytes) =>
      globalThis.crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>),
    ),
  );
  return digests.map((digest) => new Uint8Array(digest).join()).join(" ");
}
