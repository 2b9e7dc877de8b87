import { appendFile, type FileHandle, mkdir, open, readdir, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NacreError } from "../error.js";

/** What to do about each error code of the operating system. */
const FIXES: Readonly<Record<string, string>> = {
  EACCES: "the folder or file does not allow it; change its permissions or choose another place",
  EDQUOT: "the disk quota is used up; free space or choose another disk",
  EFBIG: "the file system does not take files this large; choose another disk",
  EISDIR: "the path is a folder; add a file name",
  EIO: "the disk reports a fault; choose another disk",
  EMFILE: "too many files are open; close some",
  ENAMETOOLONG: "choose a shorter file name",
  ENOENT: "it does not exist; check the path, or make the folder first",
  ENOSPC: "the disk is full; free space or choose another disk",
  ENOTDIR: "a part of the path is a file, not a folder; check the path",
  EPERM: "the system does not allow it; change the permissions or choose another place",
  EROFS: "the folder is on a read-only file system; choose another place",
  ERR_FS_FILE_TOO_LARGE: "files over 2 GiB cannot be read at once; split it",
};

/** Temporary files, which a process that is killed while it writes leaves behind. */
const TEMPORARY = /^\.nacre-[\da-f-]{36}\.tmp$/;

/** A temporary file that nothing was written to for so long belongs to a process that is gone. */
const ABANDONED_MS = 10 * 60_000;

/** Codes by which platforms say that a folder cannot be flushed, which loses nothing but speed of recovery. */
const CANNOT_SYNC_FOLDER = ["EACCES", "EINVAL", "EISDIR", "ENOTSUP", "EPERM"];

/**
 * Writes a file, of one piece or several, whole or not at all: a temporary file in the same folder is written, flushed and
 * renamed over the old one. When anything fails, the old file stays and the temporary one goes.
 *
 * A symbolic link is followed, and the permissions of a file that is replaced are kept. Temporary
 * files in the folder that killed processes left are removed once they are ten minutes old.
 *
 * @throws FILE_ACCESS when the folder is missing, read-only or full, or the path is a device
 * @example
 * await writeFileAtomic("digits.nacre", await model.toBytes());
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
  const parts = bytes instanceof Uint8Array ? [bytes] : bytes;
  let temporary: string | undefined;
  try {
    const target = await resolveLink(path);
    const folder = dirname(target);
    const mode = await modeOf(target);
    const name = join(folder, `.nacre-${crypto.randomUUID()}.tmp`);
    const file = await open(name, "wx", mode);
    temporary = name;
    const writtenMs = await writeAndClose(file, parts, mode);
    await rename(name, target);
    temporary = undefined;
    await syncFolder(folder);
    await removeAbandoned(folder, writtenMs);
  } catch (cause) {
    // The first failure is the one to report, whatever comes of the clean-up.
    if (temporary !== undefined) await unlink(temporary).catch(() => undefined);
    throw fileError(`write ${path}`, `${parts.reduce((sum, { length }) => sum + length, 0)} bytes written to "${path}"`, cause, path);
  }
}

/**
 * Reads a file whole.
 *
 * @throws FILE_ACCESS when it is missing, a folder, or may not be read
 * @example
 * const model = await fromBytes(await readFileBytes("digits.nacre"));
 */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw fileError(`read ${path}`, `a readable file "${path}"`, cause);
  }
}

/** A file's bytes, or undefined where there is none. @throws FILE_ACCESS when it cannot be read */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFileBytes(path);
  } catch (error) {
    if (error instanceof NacreError && codeOf(error.cause) === "ENOENT") return undefined;
    throw error;
  }
}

/** Removes a file, if it is there. @throws FILE_ACCESS when it cannot be removed */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if (codeOf(cause) !== "ENOENT") throw fileError(`remove ${path}`, `a file that can be removed, "${path}"`, cause);
  }
}

/** Adds bytes at the end of a file, making it and its folder where they are missing. @throws FILE_ACCESS when it cannot be written */
export async function appendBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, bytes);
  } catch (cause) {
    throw fileError(`write ${path}`, `${bytes.length} bytes added to "${path}"`, cause);
  }
}

/** The file that a symbolic link leads to; any other path as it is. */
async function resolveLink(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return path;
    throw error;
  }
}

/** The permissions of a file that is to be replaced; undefined where there is none. */
async function modeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    // Renaming over /dev/null would take the device away from everybody; a folder cannot be replaced anyway.
    if (!found.isFile() && !found.isDirectory()) throw new Error("a device, pipe or socket, which cannot be replaced");
    return found.mode & 0o777;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Gives the time of the writing, by the clock of the file system. */
async function writeAndClose(file: FileHandle, parts: readonly Uint8Array[], mode: number | undefined): Promise<number> {
  try {
    // `open` lets the umask take bits away, so the mode of the old file is set again.
    if (mode !== undefined) await file.chmod(mode);
    for (const part of parts) await file.writeFile(part);
    await file.sync();
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
  }
}

/** Removes what killed processes left. Nothing depends on it, so failures do not count. */
async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  try {
    for (const name of (await readdir(folder)).filter((each) => TEMPORARY.test(each))) {
      const path = join(folder, name);
      if (nowMs - (await stat(path)).mtimeMs > ABANDONED_MS) await unlink(path);
    }
  } catch {
    // Another process may have removed it first, or the folder may not be listed.
  }
}

/** Makes the rename itself last through a power cut, where the platform can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!CANNOT_SYNC_FOLDER.includes(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** `path` stands in the message for the temporary file, of which the user knows nothing. */
function fileError(where: string, expected: string, cause: unknown, path = ""): NacreError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const message = text.replaceAll(/'[^']*\.nacre-[\da-f-]{36}\.tmp'/g, () => `'${path}'`);
  const fix = FIXES[codeOf(cause)];
  return new NacreError({
    code: "FILE_ACCESS",
    where,
    expected,
    received: message,
    ...(fix === undefined ? {} : { fix }),
    cause,
  });
}
