import { readdirSync } from "node:fs";
import { join } from "node:path";
import "../src/ops/methods.js";
import { Tensor } from "../src/tensor/tensor.js";
import { byName, type Declaration, declarations, interfacesIn, signature } from "./docs/declarations.js";

const ROOT = join(import.meta.dirname, "..");
const OPS = join(ROOT, "src/ops");

/** docs/reference/ops.md: every op with signature, shapes and gradient, from the types and docstrings of src/ops. */
export async function opsReference(): Promise<string> {
  const families = readdirSync(OPS, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const sections = await Promise.all(families.sort().map(section));
  return `${HEAD}\n${sections.join("\n")}`;
}

const HEAD = `# Ops

Written by \`npx vitest run scripts/reference -u\` from the docstrings of \`src/ops\`; a test fails when it is stale.

All of these are functions of \`ops\`; those marked "method" are also methods of \`Tensor\`, whose first operand is the
tensor itself. A \`TensorLike\` is a tensor, a number, a typed array or nested arrays of numbers. Shapes name axes by
letters, \`...\` stands for any number of them. Gradient: "own" says that the op has a rule, "composed" that it is made
of ops and has the gradient that those have, "none" that no gradient passes.
`;

async function section(family: string): Promise<string> {
  const exports = (await import(join(OPS, family, "index.ts"))) as Readonly<Record<string, unknown>>;
  const own = declarations().filter(({ file }) => file.startsWith(`ops/${family}/`));
  const ops = own.filter(({ name }) => typeof exports[name] === "function").sort(byName);
  const texts = ops.map((op) => entry(op, exports[op.name]));
  const options = interfacesIn(ops, own);
  const block = options.length === 0 ? "" : `### Options of ${family}\n\n\`\`\`ts\n${options.map(({ type }) => type).join("\n\n")}\n\`\`\`\n`;
  return `## ${family}\n\n${texts.join("\n")}\n${block}`;
}

function entry({ name, type, description, tags }: Declaration, op: unknown): string {
  const grad = (op as { grad?: unknown }).grad;
  const facts = [
    tags.has("shape") ? `shape ${code(tags.get("shape")!)}` : undefined,
    `gradient ${grad === undefined ? "composed" : grad === "none" ? "none" : "own"}`,
    Object.hasOwn(Tensor.prototype, name) ? "method" : undefined,
    tags.has("throws") ? `throws ${tags.get("throws")!}` : undefined,
    tags.get("source"),
  ].filter((fact) => fact !== undefined);
  return `### ${name}\n\n\`\`\`ts\n${name}${signature(type)}\n\`\`\`\n\n${description}\n\n${facts.join(" · ")}\n`;
}

/** The part of a shape rule that is one, as code; what follows in words stays words. */
function code(shape: string): string {
  const words = /^(.*?)( (?:for|without|with|bool)\b.*)$/.exec(shape);
  return words === null ? `\`${shape}\`` : `\`${words[1]}\`${words[2]}`;
}
