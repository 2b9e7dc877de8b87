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
 * Writes a file, of one piece or several, of the site's own file system whole or not at all, making the folders on its way.
 *
 * @throws FILE_ACCESS when the browser has no such file system, or no space in it
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
  try {
    const file = await fileHandle(path, true);
    // What is written lies beside the file until it is closed.
    const stream = await file.createWritable();
    try {
      for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) await stream.write(part as Uint8Array<ArrayBuffer>);
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

/** A file's bytes, or undefined where there is none. @throws FILE_ACCESS when it cannot be read */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFileBytes(path);
  } catch (error) {
    if (error instanceof NacreError && isMissing(error.cause)) return undefined;
    throw error;
  }
}

/** Removes a file, if it is there. @throws FILE_ACCESS when it cannot be removed */
export async function removeFile(path: string): Promise<void> {
  try {
    const { folder, name } = await placeOf(path, false);
    await folder.removeEntry(name);
  } catch (cause) {
    if (!isMissing(cause)) throw fileError(`remove ${path}`, `a file that can be removed, "${path}"`, cause);
  }
}

/** Adds bytes at the end of a file, making it and its folder where they are missing. @throws FILE_ACCESS when it cannot be written */
export async function appendBytes(path: string, bytes: Uint8Array): Promise<void> {
  const before = (await readIfThere(path)) ?? new Uint8Array(0);
  const whole = new Uint8Array(before.length + bytes.length);
  whole.set(before);
  whole.set(bytes, before.length);
  await writeFileAtomic(path, whole);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "NotFoundError";
}

async function fileHandle(path: string, create: boolean): Promise<FileSystemFileHandle> {
  const { folder, name } = await placeOf(path, create);
  return folder.getFileHandle(name, { create });
}

/** The folder that a path leads to, and the name in it. */
async function placeOf(path: string, create: boolean): Promise<{ folder: FileSystemDirectoryHandle; name: string }> {
  const folders = path.split("/").filter((part) => part !== "" && part !== ".");
  const name = folders.pop() ?? "";
  let folder = await navigator.storage.getDirectory();
  for (const part of folders) folder = await folder.getDirectoryHandle(part, { create });
  return { folder, name };
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
