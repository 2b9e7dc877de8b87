/** The same items, with up to `count` of them fetched before they are asked for. */
export async function* prefetch<T>(source: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  const ahead: Promise<IteratorResult<T>>[] = [];
  try {
    for (;;) {
      while (ahead.length <= count) {
        const next = iterator.next();
        // Its error is thrown below when its turn comes; until then it is not "unhandled".
        next.catch(() => undefined);
        ahead.push(next);
      }
      const result = await ahead.shift()!;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}
