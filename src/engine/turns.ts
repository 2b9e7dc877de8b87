/** However short the runs are, the event loop gets a turn this often. */
const MAX_BLOCKED_MS = 10;

/** Gives the event loop turns between runs that happen in its own thread. */
export class TurnTaker {
  #lastTurn = performance.now();

  /** Lets timers, messages and frames have their turn, when the last one was long ago. */
  async turnWhenDue(): Promise<void> {
    if (performance.now() - this.#lastTurn < MAX_BLOCKED_MS) return;
    await turn();
    this.#lastTurn = performance.now();
  }
}

/** One round of the event loop. A message, because browsers delay nested timers by 4 ms. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
