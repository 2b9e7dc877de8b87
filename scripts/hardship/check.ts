/** One slow check; it throws when something does not hold, and tells figures. */
export type Check = () => Promise<string>;

/** Throws unless `holds`; `what` says what did not. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

/** The process's memory after two collections; finalizers run in between. */
export async function settledRss(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().rss;
}
