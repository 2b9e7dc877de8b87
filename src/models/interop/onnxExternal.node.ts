import { open, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { NacreError } from "../../error.js";

/** Reads parts of the files beside a model; never one outside of its folder. */
export function partReader(path: string): (location: string, offset: number, length: number | undefined) => Promise<Uint8Array> {
  const folder = dirname(path);
  return async (location, offset, length) => {
    if (/^[a-z]:|^[\\/]|(^|[\\/])\.\.([\\/]|$)|\0/i.test(location) || isAbsolute(location)) throw outside(path, location);
    const target = join(folder, location);
    try {
      await checkLinks(path, folder, target, location);
      const file = await open(target, "r");
      try {
        const { size } = await file.stat();
        const wanted = length ?? size - offset;
        // Before memory is taken for what a file claims.
        if (offset + wanted > size || wanted < 0) throw tooShort(target, offset + wanted, size);
        const bytes = new Uint8Array(wanted);
        for (let at = 0; at < wanted; ) {
          const { bytesRead } = await file.read(bytes, at, wanted - at, offset + at);
          if (bytesRead === 0) throw tooShort(target, offset + wanted, offset + at);
          at += bytesRead;
        }
        return bytes;
      } finally {
        await file.close();
      }
    } catch (cause) {
      if (cause instanceof NacreError) throw cause;
      throw new NacreError({
        code: "FILE_ACCESS",
        where: `read ${target}`,
        expected: `a readable file "${location}" beside ${basename(path)}`,
        received: cause instanceof Error ? cause.message : String(cause),
        fix: "keep the files of the model in one folder",
        cause,
      });
    }
  };
}

/** A link may lead out of the folder only where the model is such a link itself, as in caches of downloads. */
async function checkLinks(path: string, folder: string, target: string, location: string): Promise<void> {
  const [realFolder, realPath, realTarget] = await Promise.all([folder, path, target].map((each) => realpath(each)));
  const inside = (file: string): boolean => !relative(realFolder!, file).startsWith("..") && !isAbsolute(relative(realFolder!, file));
  if (!inside(realTarget!) && inside(realPath!)) throw outside(path, location);
}

function outside(path: string, location: string): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: `ONNX model ${path}`,
    expected: "weights in files of its own folder",
    received: `"${location}"`,
    fix: "a file that names others elsewhere is damaged or hostile; take it from somebody you trust",
  });
}

function tooShort(path: string, wanted: number, size: number): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: `read ${path}`,
    expected: `at least ${wanted} bytes`,
    received: `${size}`,
    fix: "the file was cut short or belongs to another model; fetch it again",
  });
}
