import { type FileHandle, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
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

/** Codes by which platforms say that a folder cannot be flushed, which loses nothing but speed of recovery. */
const CANNOT_SYNC_FOLDER = ["EACCES", "EINVAL", "EISDIR", "ENOTSUP", "EPERM"];

/**
 * Writes a file whole or not at all: a temporary file in the same folder is written, flushed and
 * renamed over the old one. When anything fails, the old file stays and the temporary one goes.
 *
 * A symbolic link is followed, and the permissions of a file that is replaced are kept.
 *
 * @throws FILE_ACCESS when the folder is missing, read-only or full
 * @example
 * await writeFileAtomic("digits.nacre", await model.toBytes());
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  let temporary: string | undefined;
  try {
    const target = await resolveLink(path);
    const folder = dirname(target);
    const mode = await modeOf(target);
    const name = join(folder, `.nacre-${crypto.randomUUID()}.tmp`);
    const file = await open(name, "wx", mode);
    temporary = name;
    await writeAndClose(file, bytes, mode);
    await rename(name, target);
    temporary = undefined;
    await syncFolder(folder);
  } catch (cause) {
    // The first failure is the one to report, whatever comes of the clean-up.
    if (temporary !== undefined) await unlink(temporary).catch(() => undefined);
    throw fileError(`write ${path}`, `${bytes.length} bytes written to "${path}"`, cause);
  }
}

/**
 * Reads a file whole.
 *
 * @throws FILE_ACCESS when it is missing, a folder, or may not be read
 * @example
 * const model = fromBytes(await readFileBytes("digits.nacre"));
 */
export async function readFileBytes(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path);
    return new Uint8Array(buffer, byteOffset, byteLength);
  } catch (cause) {
    throw fileError(`read ${path}`, `a readable file "${path}"`, cause);
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

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function writeAndClose(file: FileHandle, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  try {
    // `open` lets the umask take bits away, so the mode of the old file is set again.
    if (mode !== undefined) await file.chmod(mode);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
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

function fileError(where: string, expected: string, cause: unknown): NacreError {
  const message = cause instanceof Error ? cause.message : String(cause);
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
