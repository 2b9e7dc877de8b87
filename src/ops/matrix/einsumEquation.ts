import { NacreError } from "../../error.js";

/** An equation with a label for each axis; those of an ellipsis are numbered from its end. */
export interface Equation {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** Reads an equation such as `"b...i,ij->b...j"` for operands of the given ranks. */
export function parseEquation(equation: string, ranks: readonly number[]): Equation {
  const fail = (expected: string): NacreError =>
    new NacreError({ code: "BAD_ARGUMENT", where: "einsum", expected, received: `"${equation}"` });
  const text = equation.replaceAll(" ", "");
  const [inputs, output, ...more] = text.split("->") as [string, string | undefined, ...string[]];
  const terms = inputs.split(",");
  const readable = [...terms, output ?? ""].every((term) => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term));
  if (!readable || more.length > 0) throw fail('letters, "..." and commas, with at most one "->"');
  if (terms.length !== ranks.length) throw fail(`as many operands as the ${ranks.length} given`);
  const labels = terms.map((term, i) => {
    const letters = term.replace("...", "").length;
    const free = ranks[i]! - letters;
    if (free < 0 || (free > 0 && !term.includes("..."))) throw fail(`${ranks[i]} axes in "${term}", as operand ${i} has`);
    return expand(term, free);
  });
  const ellipsis = Math.max(...labels.map((list) => list.filter(isDots).length));
  const all = labels.flat();
  if (output === undefined) {
    const once = [...new Set(all)].filter((label) => !isDots(label) && all.indexOf(label) === all.lastIndexOf(label));
    return { inputs: labels, output: [...dots(ellipsis), ...once.sort()] };
  }
  if (ellipsis > 0 && !output.includes("...")) throw fail('"..." in the result too; sum over its axes afterwards');
  const result = expand(output, ellipsis);
  if (new Set(result).size !== result.length) throw fail("each letter of the result once");
  if (!result.every((label) => all.includes(label))) throw fail("only letters of the operands in the result");
  return { inputs: labels, output: result };
}

function expand(term: string, free: number): string[] {
  const [before, after] = term.split("...") as [string, string | undefined];
  const letters = before.split("");
  return after === undefined ? letters : [...letters, ...dots(free), ...after.split("")];
}

/** Labels that no letter can be: broadcasting aligns axes at their end. */
function dots(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);
}

function isDots(label: string): boolean {
  return label.startsWith(".");
}
