import { NacreError } from "../../error.js";

/** Where CSV text comes from: a path or URL, bytes, a file that the user picked, or the text itself. */
export type CsvSource = string | URL | Uint8Array | Blob | { readonly text: string };

/** What messages call the source. */
export function sourceName(source: CsvSource): string {
  if (typeof source === "string") return source;
  if (source instanceof URL) return source.href;
  if (source instanceof Blob) return "name" in source && typeof source.name === "string" ? source.name : "CSV blob";
  return source instanceof Uint8Array ? "CSV bytes" : "CSV text";
}

/**
 * The text of the source, piece by piece.
 *
 * @param line tells the line being read, for messages
 * @throws BAD_DATA when the bytes are not UTF-8
 * @throws FILE_ACCESS when the file or URL cannot be read
 */
export async function* readText(source: CsvSource, line: () => number, signal?: AbortSignal): AsyncGenerator<string> {
  if (typeof source === "object" && "text" in source && typeof source.text === "string") {
    yield source.text;
    return;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw new NacreError({
        code: "BAD_DATA",
        where: `${sourceName(source)}, line ${line()} or a little after`,
        expected: "text in UTF-8",
        received: "bytes that are not: a binary file, or text in another encoding",
        fix: "export the table as CSV in UTF-8",
        cause,
      });
    }
  };
  for await (const bytes of readBytes(source as Exclude<CsvSource, { text: string }>, signal)) yield decode(bytes);
  yield decode();
}

async function* readBytes(source: string | URL | Uint8Array | Blob, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    yield source;
    return;
  }
  try {
    yield* await open(source, signal);
  } catch (cause) {
    if (cause instanceof NacreError || signal?.aborted === true) throw cause;
    throw unreadable(source, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

async function open(source: string | URL | Blob, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (source instanceof Blob) return streamBytes(source.stream());
  const scheme = /^([a-z][a-z+.-]+):/i.exec(String(source))?.[1]?.toLowerCase();
  const isFile = scheme === "file" || (scheme === undefined && runsInNode());
  if (isFile) {
    const { readFileStream } = await import("./file.node.js");
    return readFileStream(scheme === "file" ? new URL(source) : source);
  }
  const response = await fetch(source, signal === undefined ? {} : { signal });
  if (!response.ok) throw unreadable(source, `the answer ${response.status} ${response.statusText}`.trim());
  return response.body === null ? streamBytes(new Blob([]).stream()) : streamBytes(response.body);
}

/** Through a reader, since not every browser can iterate over a stream. */
async function* streamBytes(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

function runsInNode(): boolean {
  return typeof process !== "undefined" && process.versions?.node !== undefined;
}

function unreadable(source: string | URL | Blob, received: string, cause?: unknown): NacreError {
  return new NacreError({
    code: "FILE_ACCESS",
    where: `csv ${sourceName(source)}`,
    expected: "a file that can be read",
    received,
    fix: "check the path; a relative one starts at the folder where the program was started",
    cause,
  });
}
