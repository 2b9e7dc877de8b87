import { gzipSync } from "node:zlib";
import { dirname, relative } from "node:path";
import { rolldown } from "rolldown";

/** What no bundle of Nacre carries: the runtimes, and what only Node has. */
const OUTSIDE = /^node:|^onnxruntime-|^koffi$/;

/** What a bundler makes of the module `file`, for browsers minified: its code, and what is loaded at once, in bytes. */
export async function bundle(file, platform = "browser") {
  const folder = dirname(file);
  const bundler = await rolldown({ cwd: folder, input: file, platform, external: OUTSIDE });
  const { output } = await bundler.generate({ format: "esm", minify: platform === "browser" });
  await bundler.close();
  const chunks = output.filter(({ type }) => type === "chunk");
  const eager = reachable(chunks, chunks.find(({ isEntry }) => isEntry));
  const code = eager.map((chunk) => chunk.code).join("\n");
  const modules = eager.flatMap((chunk) => Object.entries(chunk.modules));
  return {
    chunks: chunks.map(({ fileName, code }) => ({ fileName, code })),
    outside: [...new Set(eager.flatMap(({ imports }) => imports.filter((id) => OUTSIDE.test(id))))],
    modules: modules.map(([id, { renderedLength }]) => ({ name: relative(folder, id), bytes: renderedLength })),
    bytes: code.length,
    gzipBytes: gzipSync(code, { level: 9 }).length,
  };
}

/** The chunks that load with one of them; the others wait for an `import()`. */
function reachable(chunks, entry) {
  const found = new Set([entry]);
  for (const chunk of found) {
    for (const name of chunk.imports) {
      const next = chunks.find(({ fileName }) => fileName === name);
      if (next !== undefined) found.add(next);
    }
  }
  return [...found];
}
