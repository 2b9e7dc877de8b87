import type { Callback } from "nacre";

/** A callback that measures how long training takes, and whose checkpoints remember it. */
export interface Stopwatch extends Callback {
  /** Over all calls of `fit` that went on from one another. */
  seconds(): number;
}

export function stopwatch(): Stopwatch {
  let earlier = 0;
  let begun = performance.now();
  const seconds = (): number => earlier + (performance.now() - begun) / 1000;
  return {
    name: "stopwatch",
    reset: () => void (earlier = 0),
    onTrainBegin: () => void (begun = performance.now()),
    state: () => ({ values: { seconds: seconds() } }),
    restore: ({ values }) => void (earlier = values["seconds"] as number),
    seconds,
  };
}
