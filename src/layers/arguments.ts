import { NacreError, checkOptions } from "../error.js";

/** Arguments of a layer's call beside its inputs, by name. */
export type CallArguments = Readonly<Record<string, unknown>>;

/**
 * Arguments as files hold them: plain data in which `{ tensor: i }` stands for the call's i-th
 * tensor.
 */
export type ArgumentTemplate = Readonly<Record<string, unknown>>;

/** The tensors of a call, inputs first, and its arguments with a place for each tensor among them. */
export interface PackedCall<T> {
  readonly tensors: readonly T[];
  readonly args: ArgumentTemplate;
}

/** Takes the tensors out of a call's arguments. @throws BAD_ARGUMENT for what is neither tensor nor plain data */
export function packArguments<T extends object>(
  where: string,
  inputs: readonly T[],
  args: CallArguments,
  isTensor: (value: unknown) => value is T,
): PackedCall<T> {
  const tensors = [...inputs];
  const pack = (name: string, value: unknown): unknown => {
    if (isTensor(value)) return { tensor: tensors.push(value) - 1 };
    if (Array.isArray(value)) return value.map((item) => pack(name, item));
    if (value === null || ["number", "string", "boolean"].includes(typeof value)) return value;
    throw notAnArgument(where, name);
  };
  const given = Object.entries(args).filter(([, value]) => value !== undefined && value !== null);
  return { tensors, args: Object.fromEntries(given.map(([name, value]) => [name, pack(name, value)])) };
}

/** The inputs and the arguments of a packed call. */
export function unpackArguments<T>({ tensors, args }: PackedCall<T>): { inputs: readonly T[]; args: CallArguments } {
  const taken = new Set<number>();
  const unpack = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unpack);
    if (!isPlace(value)) return value;
    taken.add(value.tensor);
    return tensors[value.tensor];
  };
  const unpacked = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, unpack(value)]));
  return { inputs: tensors.filter((_, i) => !taken.has(i)), args: unpacked };
}

/** Refuses arguments that a layer does not have. @throws UNKNOWN_NAME naming the nearest that it has */
export function checkArguments(where: string, args: CallArguments, defaults: object | undefined): void {
  checkOptions(`call of ${where}`, args, [...Object.keys(defaults ?? {}), "mask"]);
}

function isPlace(value: unknown): value is { readonly tensor: number } {
  return typeof value === "object" && value !== null && "tensor" in value && typeof value.tensor === "number";
}

function notAnArgument(where: string, name: string): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `call of ${where}, argument ${name}`,
    expected: "symbolic tensors, plain values, or lists of them",
    received: "something else",
    fix: "start the model with layers.input(shape), and pass what layers return",
  });
}
