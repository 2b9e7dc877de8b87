import { NacreError, checkOptions, unknownName } from "../../error.js";
import { badOption } from "../../options.js";
import type { Dim } from "../../tensor/dim.js";
import type { Shape } from "../../tensor/shape.js";

type Names = Readonly<Record<string, string>>;

/** Ports under the names that the user wants for some of them. */
export function renamed(where: string, option: string, names: readonly string[], wanted: Names = {}): string[] {
  checkOptions(`${where}, option ${option}`, wanted, names);
  return names.map((name) => {
    const chosen = wanted[name] ?? name;
    if (typeof chosen !== "string" || chosen === "") throw badOption(where, option, "names", chosen);
    return chosen;
  });
}

/** Refuses a name that two ports have. */
export function checkPorts(where: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new NacreError({
    code: "BAD_ARGUMENT",
    where,
    expected: "a name of its own for each input and output",
    received: `"${twice}" twice`,
    fix: "choose others with inputNames and outputNames",
  });
}

/** Shapes with free dimensions as the user wants them. */
export function withDimensions(where: string, shapes: readonly Shape[], wanted: Readonly<Record<string, number | string>> = {}): Shape[] {
  const free = [...new Set(shapes.flat())].filter((dim) => typeof dim === "string");
  for (const [name, value] of Object.entries(wanted)) {
    if (!free.includes(name)) throw unknownName(where, "free dimension", name, free);
    const fits = typeof value === "string" ? isDimensionName(value) : Number.isInteger(value) && value > 0;
    if (!fits) throw badOption(where, "dimensions", "sizes of at least 1, or names of letters, digits and _", value);
  }
  return shapes.map((shape) => shape.map((dim): Dim => wanted[dim] ?? dim));
}

/** Whether shape arithmetic can hold a dimension of this name. */
export function isDimensionName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}
