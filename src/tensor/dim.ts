import { NacreError } from "../error.js";

/**
 * One dimension: a number, or a polynomial of named symbols such as `batch` or `2*batch+1`,
 * always in canonical form so that equal dimensions are equal strings.
 */
export type Dim = number | string;

let unnamed = 0;

/** A free dimension that equals no other. */
export function unnamedDim(): Dim {
  return `free${++unnamed}`;
}

/** Whether a dimension is one of {@link unnamedDim}. */
export function isUnnamed(dim: Dim): boolean {
  return typeof dim === "string" && /^free\d+$/.test(dim);
}

/** A polynomial: from a sorted product of symbols ("" for the constant) to its coefficient. */
type Polynomial = Map<string, number>;

function parse(dim: Dim): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  const terms: Polynomial = new Map();
  for (const term of dim.split("+")) {
    const factors = term.split("*");
    const coefficient = /^-?\d+$/.test(factors[0]!) ? Number(factors.shift()) : 1;
    accumulate(terms, factors.join("*"), coefficient);
  }
  return terms;
}

function accumulate(terms: Polynomial, symbols: string, coefficient: number): void {
  const sum = (terms.get(symbols) ?? 0) + coefficient;
  if (sum === 0) terms.delete(symbols);
  else terms.set(symbols, sum);
}

function format(terms: Polynomial): Dim {
  const constant = terms.get("") ?? 0;
  const rest = [...terms].filter(([symbols]) => symbols !== "");
  if (rest.length === 0) return constant;
  rest.sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = rest.map(([symbols, c]) => (c === 1 ? symbols : `${c}*${symbols}`));
  if (constant !== 0) parts.push(String(constant));
  return parts.join("+");
}

/** Of shape arithmetic nobody means more; what files ask for may grow without end. */
const MAX_CHARS = 2000;

/** Refuses what would take long to multiply, or to read. */
function checkSize(...dims: readonly [Dim, Dim]): void {
  const [a, b] = dims.map((dim) => (typeof dim === "string" ? dim.length : 1)) as [number, number];
  if (a + b <= MAX_CHARS && a * b <= 50 * MAX_CHARS) return;
  throw new NacreError({
    code: "UNSUPPORTED",
    where: "shape arithmetic",
    expected: `dimensions of at most ${MAX_CHARS} letters`,
    received: `${dims.map((dim) => String(dim).slice(0, 40)).join(" · ")}…`,
    fix: "give more axes sizes",
  });
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a + b;
  const terms = parse(a);
  for (const [symbols, coefficient] of parse(b)) accumulate(terms, symbols, coefficient);
  return format(terms);
}

export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b;
  checkSize(a, b);
  const terms: Polynomial = new Map();
  for (const [s, c] of parse(a)) {
    for (const [t, d] of parse(b)) {
      const symbols = [...s.split("*"), ...t.split("*")].filter(Boolean).sort().join("*");
      accumulate(terms, symbols, c * d);
    }
  }
  return format(terms);
}

/** `a / b` where `b` divides every term of `a`; undefined where it does not. */
export function divDims(a: Dim, b: Dim): Dim | undefined {
  const divisor = [...parse(b)];
  if (divisor.length !== 1) return a === b ? 1 : undefined;
  const [symbols, coefficient] = divisor[0]!;
  const terms: Polynomial = new Map();
  for (const [s, c] of parse(a)) {
    const left = s.split("*").filter(Boolean);
    for (const symbol of symbols.split("*").filter(Boolean)) {
      const at = left.indexOf(symbol);
      if (at < 0) return undefined;
      left.splice(at, 1);
    }
    if (c % coefficient !== 0) return undefined;
    accumulate(terms, left.join("*"), c / coefficient);
  }
  return format(terms);
}

/** The value of `dim` once every symbol has one. */
export function evaluateDim(dim: Dim, values: Readonly<Record<string, number>>): number {
  if (typeof dim === "number") return dim;
  let sum = 0;
  for (const [symbols, coefficient] of parse(dim)) {
    let term = coefficient;
    for (const symbol of symbols.split("*").filter(Boolean)) {
      const value = values[symbol];
      if (value === undefined) throw symbolicDim("a program", dim);
      term *= value;
    }
    sum += term;
  }
  return sum;
}

/** Sum of products that a lowering can emit for a symbolic dimension. */
export function dimTerms(dim: Dim): { coefficient: number; symbols: string[] }[] {
  return [...parse(dim)].map(([symbols, coefficient]) => ({
    coefficient,
    symbols: symbols.split("*").filter(Boolean),
  }));
}

/** `dim` as a number, or an error that names the place. */
export function concreteDim(dim: Dim, where: string): number {
  if (typeof dim === "number") return dim;
  throw symbolicDim(where, dim);
}

function symbolicDim(where: string, dim: Dim): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: "a known dimension",
    received: `the free dimension "${dim}"`,
    fix: "give this axis a size in the input's shape",
  });
}
