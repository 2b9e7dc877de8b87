import { NacreError } from "../../error.js";

/** Pages have no paths of a disk; everything else that `csv` takes is read without this file. */
export function readFileStream(path: string | URL): never {
  throw new NacreError({
    code: "FILE_ACCESS",
    where: `read ${String(path)}`,
    expected: "a URL of a server, a File or Blob, or { text }",
    received: "a path of a disk, which pages cannot read",
    fix: 'pass the File that <input type="file"> gives, or serve the file with the page',
  });
}
