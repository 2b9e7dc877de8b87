/** Every code that a {@link NacreError} can carry. */
export type ErrorCode =
  | "ABORTED"
  | "BAD_ARGUMENT"
  | "BAD_DATA"
  | "BAD_FILE"
  | "DTYPE_MISMATCH"
  | "ENGINE_FAILED"
  | "FILE_ACCESS"
  | "LABEL_RANGE"
  | "LOSS_BOUND"
  | "NEWER_VERSION"
  | "NO_ENGINE"
  | "NO_GRADIENT"
  | "NON_FINITE"
  | "NOT_COMPILED"
  | "SHAPE_MISMATCH"
  | "STALE_STATE"
  | "TRACED_VALUE"
  | "UNKNOWN_NAME"
  | "UNSUPPORTED";

/** What a {@link NacreError} says, field by field. */
export interface ErrorFields {
  /** What kind of mistake it is; stable, for programs to switch on. */
  readonly code: ErrorCode;
  /** The place: a layer, op, file or option, as the user knows it. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What came instead. */
  readonly received: string;
  /** The next thing to try, as an instruction. */
  readonly fix?: string;
  readonly cause?: unknown;
}

const STACK_FRAMES = 40;

/**
 * The one error class of Nacre: says where, what was expected, what came, and how to fix it.
 *
 * @example
 * try {
 *   layers.dense({ units: -1 });
 * } catch (error) {
 *   if (error instanceof NacreError) console.log(error.code, error.fix);
 * }
 */
export class NacreError extends Error {
  /** What kind of mistake it is; stable, for programs to switch on. */
  readonly code: ErrorCode;
  /** The place: a layer, op, file or option, as the user knows it. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What came instead. */
  readonly received: string;
  /** The next thing to try; undefined where there is no sure advice. */
  readonly fix: string | undefined;

  constructor(fields: ErrorFields) {
    const { code, cause } = fields;
    const [where, expected, received] = [fields.where, fields.expected, fields.received].map(shortened) as [string, string, string];
    const fix = fields.fix === undefined ? undefined : shortened(fields.fix);
    // V8 keeps 10 frames, which the library's own can fill; the caller's line must be among them.
    const engine = Error as { stackTraceLimit?: number };
    const limit = engine.stackTraceLimit;
    if (limit !== undefined) engine.stackTraceLimit = Math.max(limit, STACK_FRAMES);
    super(`${where}: expected ${expected}, received ${received}.${fix === undefined ? "" : ` Fix: ${fix}`}`, { cause });
    if (limit !== undefined) engine.stackTraceLimit = limit;
    this.name = "NacreError";
    this.code = code;
    this.where = where;
    this.expected = expected;
    this.received = received;
    this.fix = fix;
  }
}

/** Files may hold names of megabytes, which nobody wants to read in a message. */
const MAX_FIELD_CHARS = 10_000;

function shortened(text: string): string {
  return text.length <= MAX_FIELD_CHARS ? text : `${text.slice(0, MAX_FIELD_CHARS)}…`;
}

/** The same error at a place that says more, with the first one as its cause. */
export function errorAt(where: string, cause: NacreError): NacreError {
  const { code, expected, received, fix } = cause;
  return new NacreError({ code, where, expected, received, ...(fix === undefined ? {} : { fix }), cause });
}

/** Longer names are compared by their beginnings: the distance takes time by the product of both lengths. */
const COMPARED_CHARS = 100;

/** What other libraries call an option, in lower case, where edit distance would not find ours. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["lr", "learningRate"],
  ["betas", "beta1"],
  ["eps", "epsilon"],
  ["wd", "weightDecay"],
  ["validationdata", "validation"],
  ["validationsplit", "validation"],
]);

/**
 * The name in `names` nearest to `name`, for "did you mean": what it begins, as `acc` begins
 * `accuracy`, else by edit distance. Capitals, `_` and `-` do not count.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string): string => text.slice(0, COMPARED_CHARS).toLowerCase().replaceAll(/[_-]/g, "");
  const a = plain(name);
  const ours = FOREIGN.get(a);
  if (ours !== undefined && names.includes(ours)) return ours;
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of names) {
    const b = plain(candidate);
    const distance = a.length > 2 && a !== b && b.startsWith(a) ? 1 : editDistance(a, b);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** What an error calls a value of the wrong kind, such as `a Promise`. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isPromise(value)) return "a Promise";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (ArrayBuffer.isView(value)) return "a typed array";
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${keys.slice(0, 5).join(", ")}`;
}

/** Whether a value is an object whose keys can be options or names: no list, typed array or Promise. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) && !isPromise(value);
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null)?.then === "function";
}

/** The error for an argument of the wrong kind; it asks after a forgotten `await` where a Promise came. */
export function wrongKind(where: string, expected: string, value: unknown, fix?: string): NacreError {
  const advice = isPromise(value) ? "did you forget await?" : fix;
  return new NacreError({ code: "BAD_ARGUMENT", where, expected, received: kindOf(value), ...(advice === undefined ? {} : { fix: advice }) });
}

/** Refuses what is no object of options, and names that `allowed` does not hold, telling the nearest valid one. */
export function checkOptions(where: string, options: object, allowed: readonly string[]): void {
  if (!isRecord(options)) throw wrongKind(where, `an object with ${allowed.join(", ")}`, options, `give options by name, as in { ${allowed[0]}: … }`);
  for (const name of Object.keys(options)) {
    if (!allowed.includes(name)) throw unknownName(where, "option", name, allowed);
  }
}

/** The error for a name that is not among `names`; `aliases` are taken too, but not listed. */
export function unknownName(
  where: string,
  kind: string,
  name: string,
  names: readonly string[],
  aliases: readonly string[] = [],
): NacreError {
  const nearest = nearestName(name, [...names, ...aliases]);
  return new NacreError({
    code: "UNKNOWN_NAME",
    where,
    expected: `one of the ${kind}s ${names.join(", ")}`,
    received: `"${name}"`,
    ...(nearest === undefined ? {} : { fix: `did you mean "${nearest}"?` }),
  });
}

/** How many letters must be put in, left out, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const above = rows[i - 1]!;
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1, swapped));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
