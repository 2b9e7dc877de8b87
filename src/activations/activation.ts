import "../ops/methods.js";
import { NacreError } from "../error.js";
import { type Described, Registry } from "../registry.js";
import type { Tensor } from "../tensor/tensor.js";
import * as all from "./all.js";

/** A function that a layer applies to its output, elementwise or along an axis. */
export type ActivationFunction = (x: Tensor) => Tensor;

/** An activation with the name under which files know it. */
export interface Activation {
  readonly name: string;
  readonly call: ActivationFunction;
}

/** The names of the built-in activations. */
export type ActivationName = keyof typeof all | "swish" | "hardSwish";

/** What an `activation` option takes. */
export type ActivationLike = ActivationName | ActivationFunction | Activation;

interface Entry extends Described, Activation {}

const registry = new Registry<Entry>("activation");

/** The names under which functions are registered: a function's own name may be another's. */
const known = new Map<ActivationFunction, string>();

const ALIASES: Readonly<Record<string, readonly string[]>> = { silu: ["swish"], hardSilu: ["hardSwish"] };

for (const [name, call] of Object.entries(all)) add(name, call, ALIASES[name]);

function add(name: string, call: ActivationFunction, aliases?: readonly string[]): void {
  registry.register(name, () => ({ name, className: name, config: {}, call }), aliases);
  if (!known.has(call)) known.set(call, name);
}

/**
 * Gives a function of your own a name, so that files can hold it; layers take what this returns.
 *
 * @throws BAD_ARGUMENT when the name is taken
 * @example
 * const sine = activations.register("sine", (x) => x.sin());
 * layers.dense({ units: 8, activation: sine });
 */
export function register(name: string, call: ActivationFunction): Activation {
  add(name, call);
  return { name, call };
}

/**
 * All names, aliases left out.
 * @example
 * console.log(activations.names().includes("relu")); // true
 */
export function names(): readonly string[] {
  return registry.names;
}

/**
 * Whether an activation has the name, in any spelling.
 * @example
 * console.log(activations.has("relu")); // true
 */
export function has(name: string): boolean {
  return registry.has(name);
}

/**
 * The activation of a name in any spelling, such as `leaky_relu`; a function of your own is taken as it is. Without one: {@link all.linear}.
 *
 * @throws UNKNOWN_NAME when no activation has the name
 * @example
 * console.log(activations.get("relu").name); // relu
 */
export function get(identifier: ActivationLike | (string & {}) | null | undefined): Activation {
  if (identifier === null || identifier === undefined) return registry.get("linear");
  if (typeof identifier === "string") return registry.get(identifier);
  if (typeof identifier !== "function") return identifier;
  return { name: known.get(identifier) ?? identifier.name, call: identifier };
}

/**
 * The name under which a file holds an activation.
 *
 * @throws UNSUPPORTED when it is a function that was not registered
 * @example
 * console.log(activations.serialize(activations.get("relu"))); // relu
 */
export function serialize(activation: ActivationLike): string {
  const { name, call } = get(activation);
  const registered = known.get(call);
  if (registered !== undefined) return registered;
  throw new NacreError({
    code: "UNSUPPORTED",
    where: `activation "${name}"`,
    expected: "an activation with a registered name",
    received: "a function that files cannot hold",
    fix: 'give it a name with activations.register("name", function), and pass what that returns',
  });
}

/**
 * The activation of a stored name. @throws UNKNOWN_NAME when no activation has the name
 * @example
 * console.log(activations.deserialize("relu").name); // relu
 */
export function deserialize(name: string): Activation {
  return registry.get(name);
}
