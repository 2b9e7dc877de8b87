import { execFileSync } from "node:child_process";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readFileBytes, writeFileAtomic } from "./disk.js";

// Every call goes through to the disk unless a test makes one fail: full disks and power cuts cannot be had otherwise.
vi.mock("node:fs/promises", async (load) => {
  const actual = await load<typeof fs>();
  return { ...actual, open: vi.fn(actual.open), rename: vi.fn(actual.rename) };
});

const old = Uint8Array.of(1, 2, 3);
const fresh = Uint8Array.from({ length: 100_000 }, (_, i) => i);
let folder = "";
let path = "";

beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), "nacre-disk-"));
  path = join(folder, "model.nacre");
  await fs.writeFile(path, old);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await fs.rm(folder, { recursive: true, force: true });
});

/** An error as the system gives it. */
const systemError = (code: string) => Object.assign(new Error(`${code}: made by the test`), { code });

const accessError = (says: string) =>
  expect.objectContaining({ code: "FILE_ACCESS", message: expect.stringContaining(says) as string });

/** The old file is whole and nothing else lies beside it. */
async function expectUntouched(): Promise<void> {
  expect(await fs.readdir(folder)).toEqual(["model.nacre"]);
  expect(await readFileBytes(path)).toEqual(old);
}

/** Makes one method of the temporary file's handle fail. */
function failOnHandle(method: "writeFile" | "sync" | "close", code: string): void {
  const { open } = vi.mocked(fs);
  const real = open.getMockImplementation()!;
  open.mockImplementationOnce(async (...given) => {
    const handle = await real(...given);
    const call = handle[method].bind(handle) as () => Promise<void>;
    handle[method] = async () => {
      if (method === "close") await call();
      throw systemError(code);
    };
    return handle;
  });
}

test("writes a new file and replaces an old one, leaving nothing beside it", async () => {
  await writeFileAtomic(join(folder, "new.nacre"), fresh);
  await writeFileAtomic(path, fresh);
  expect(await readFileBytes(join(folder, "new.nacre"))).toEqual(fresh);
  expect(await readFileBytes(path)).toEqual(fresh);
  expect(await fs.readdir(folder)).toEqual(["model.nacre", "new.nacre"]);
});

test("keeps the permissions of the old file and follows a link", async () => {
  await fs.chmod(path, 0o640);
  const link = join(folder, "link");
  await fs.symlink(path, link);
  await writeFileAtomic(link, fresh);
  expect((await fs.lstat(link)).isSymbolicLink()).toBe(true);
  expect((await fs.stat(path)).mode & 0o777).toBe(0o640);
  expect(await readFileBytes(path)).toEqual(fresh);
});

test("what killed writers left goes when it is old, and nothing else", async () => {
  const left = (digit: string) => `.nacre-${digit.repeat(8)}-0000-4000-8000-000000000000.tmp`;
  const hour = new Date(Date.now() - 3_600_000);
  for (const name of [left("a"), left("b"), "old.tmp", ".nacre-mine.tmp"]) await fs.writeFile(join(folder, name), old);
  for (const name of [left("a"), "old.tmp", ".nacre-mine.tmp"]) await fs.utimes(join(folder, name), hour, hour);
  await writeFileAtomic(path, fresh);
  expect((await fs.readdir(folder)).toSorted()).toEqual([left("b"), ".nacre-mine.tmp", "model.nacre", "old.tmp"].toSorted());
  expect(await readFileBytes(path)).toEqual(fresh);
});

test.skipIf(process.platform === "win32")("a device is not replaced by a file", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(writeFileAtomic(pipe, fresh)).rejects.toThrow(accessError("device"));
  expect((await fs.lstat(pipe)).isFIFO()).toBe(true);
});

test("writers at the same time leave one whole file", async () => {
  const values = [1, 2, 3, 4, 5].map((value) => new Uint8Array(50_000).fill(value));
  await Promise.all(values.map((bytes) => writeFileAtomic(path, bytes)));
  expect(values).toContainEqual(await readFileBytes(path));
  expect(await fs.readdir(folder)).toEqual(["model.nacre"]);
});

test.each(["ENOSPC", "EIO", "EDQUOT"])("%s while writing leaves the old file", async (code) => {
  failOnHandle("writeFile", code);
  await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError(code));
  await expectUntouched();
});

test("a full disk says what to do", async () => {
  failOnHandle("sync", "ENOSPC");
  await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError("free space"));
  await expectUntouched();
});

test("a failing close leaves the old file", async () => {
  failOnHandle("close", "EIO");
  await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError("EIO"));
  await expectUntouched();
});

test("a failing rename leaves the old file", async () => {
  vi.mocked(fs).rename.mockRejectedValueOnce(systemError("EPERM"));
  await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError("EPERM"));
  await expectUntouched();
});

test("a message names the path asked for, and no temporary file", async () => {
  vi.mocked(fs).rename.mockImplementationOnce((from) => Promise.reject(new Error(`EPERM: operation not permitted, rename '${String(from)}' -> '${path}'`)));
  await expect(writeFileAtomic(path, fresh)).rejects.toMatchObject({ received: `EPERM: operation not permitted, rename '${path}' -> '${path}'` });
});

test("a read-only file system says what to do", async () => {
  vi.mocked(fs).open.mockRejectedValueOnce(systemError("EROFS"));
  await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError("choose another place"));
  await expectUntouched();
});

test("a folder that cannot be flushed does not fail the write, a faulty one does", async () => {
  const { open } = vi.mocked(fs);
  const real = open.getMockImplementation()!;
  open.mockImplementationOnce(real).mockRejectedValueOnce(systemError("EINVAL"));
  await writeFileAtomic(path, fresh);
  expect(await readFileBytes(path)).toEqual(fresh);
  open.mockImplementationOnce(real).mockRejectedValueOnce(systemError("EIO"));
  await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError("EIO"));
});

test("a folder without write permission", async () => {
  // Root may write anywhere, so the test steps down to another user for the call.
  const stepDown = process.getuid?.() === 0;
  await fs.chmod(folder, 0o555);
  if (stepDown) process.seteuid!(65534);
  try {
    await expect(writeFileAtomic(path, fresh)).rejects.toThrow(accessError("permissions"));
  } finally {
    if (stepDown) process.seteuid!(0);
    await fs.chmod(folder, 0o755);
  }
  await expectUntouched();
});

test("paths that cannot be written say why", async () => {
  await expect(writeFileAtomic(join(folder, "no", "where"), fresh)).rejects.toThrow(accessError("make the folder first"));
  await expect(writeFileAtomic(join(path, "inside"), fresh)).rejects.toThrow(accessError("a file, not a folder"));
  await expect(writeFileAtomic(folder, fresh)).rejects.toThrow(accessError("folder"));
  await expect(writeFileAtomic(join(folder, "x".repeat(300)), fresh)).rejects.toThrow(accessError("shorter"));
  await expectUntouched();
});

test("paths that cannot be read say why", async () => {
  await expect(readFileBytes(join(folder, "nothing"))).rejects.toThrow(accessError("does not exist"));
  await expect(readFileBytes(folder)).rejects.toThrow(accessError("is a folder"));
  await expect(readFileBytes(join(path, "inside"))).rejects.toThrow(accessError("a file, not a folder"));
});
