import type { Measuring } from "./workload.js";

/** Steps that are taken before measuring begins. */
const WARM_UP_STEPS = 5;

/** Times steps from the end of one to the end of the next, so that nothing in between is left out. */
export class Clock {
  readonly #measuring: Measuring;
  readonly #began = performance.now();
  readonly #steps: number[] = [];
  #last = this.#began;
  #measured = 0;

  /** Starts the time to the first step. */
  constructor(measuring: Measuring) {
    this.#measuring = measuring;
  }

  /** To be called after each step; true when enough was measured. */
  tick(): boolean {
    const now = performance.now();
    this.#steps.push(now - this.#last);
    this.#last = now;
    const taken = this.#steps.length;
    if (taken > WARM_UP_STEPS) this.#measured += this.#steps.at(-1)!;
    const { steps, seconds, limit } = this.#measuring;
    if (now - this.#began > limit * 1000) return true;
    return taken >= WARM_UP_STEPS + steps && this.#measured >= seconds * 1000;
  }

  /** The measured steps; where time ran out before any was, the last one. */
  get times_ms(): number[] {
    return this.#steps.length > WARM_UP_STEPS ? this.#steps.slice(WARM_UP_STEPS) : this.#steps.slice(-1);
  }

  get first_step_s(): number {
    return this.#steps[0]! / 1000;
  }
}
