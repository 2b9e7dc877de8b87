import { NacreError } from "../error.js";

/** What to do about each error name of the browser. */
const FIXES: Readonly<Record<string, string>> = {
  NoModificationAllowedError: "the file is open elsewhere; close it in other tabs and workers",
  NotAllowedError: "the browser does not allow it; leave private browsing, or download the bytes of toBytes()",
  NotFoundError: "it does not exist; check the path",
  QuotaExceededError: "the browser gives this site no more space; delete what is not needed, or call navigator.storage.persist()",
  SecurityError: "the browser does not allow it; serve the page over HTTPS and outside of a sandboxed frame",
  TypeMismatchError: "a part of the path is a file where a folder is meant, or the other way round; check the path",
};

/**
 * Writes a file of the site's own file system whole or not at all, making the folders on its way.
 *
 * @throws FILE_ACCESS when the browser has no such file system, or no space in it
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await fileHandle(path, true);
    // What is written lies beside the file until it is closed.
    const stream = await file.createWritable();
    try {
      await stream.write(bytes as Uint8Array<ArrayBuffer>);
    } catch (error) {
      await stream.abort();
      throw error;
    }
    await stream.close();
  } catch (cause) {
    throw fileError(`write ${path}`, `a path that can be written, "${path}"`, cause);
  }
}

/**
 * Reads a file of the site's own file system.
 *
 * @throws FILE_ACCESS when it cannot be read
 */
export function readFileBytes(path: string): Promise<Uint8Array> {
  return readFilePart(path, 0);
}

/**
 * Reads `length` bytes of such a file from `offset` on, or all that follow it.
 *
 * @throws FILE_ACCESS when it cannot be read
 */
export async function readFilePart(path: string, offset: number, length?: number): Promise<Uint8Array> {
  try {
    const file = await (await fileHandle(path, false)).getFile();
    return new Uint8Array(await file.slice(offset, length === undefined ? undefined : offset + length).arrayBuffer());
  } catch (cause) {
    throw fileError(`read ${path}`, `a readable file "${path}"`, cause);
  }
}

async function fileHandle(path: string, create: boolean): Promise<FileSystemFileHandle> {
  const folders = path.split("/").filter((part) => part !== "" && part !== ".");
  const name = folders.pop() ?? "";
  let folder = await navigator.storage.getDirectory();
  for (const part of folders) folder = await folder.getDirectoryHandle(part, { create });
  return folder.getFileHandle(name, { create });
}

function fileError(where: string, expected: string, cause: unknown): NacreError {
  const { name, message } = cause instanceof Error ? cause : { name: "", message: String(cause) };
  const fix = FIXES[name];
  return new NacreError({
    code: "FILE_ACCESS",
    where,
    expected,
    received: name === "" ? message : `${name}: ${message}`,
    ...(fix === undefined ? {} : { fix }),
    cause,
  });
}
