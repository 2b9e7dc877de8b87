import { readFilePart } from "../../files/opfs.js";

/** Reads parts of the files beside a model in the site's own file system, which nothing leaves. */
export function partReader(path: string): (location: string, offset: number, length: number | undefined) => Promise<Uint8Array> {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return (location, offset, length) => readFilePart(folder + location, offset, length);
}
