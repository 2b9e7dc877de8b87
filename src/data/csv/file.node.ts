import { createReadStream } from "node:fs";

/** The bytes of a file, piece by piece. */
export function readFileStream(path: string | URL): AsyncIterable<Uint8Array> {
  return createReadStream(path);
}
