import { NacreError, unknownName } from "../error.js";
import { constant, identity, ones, zeros } from "./constant.js";
import { randomNormal, randomUniform, truncatedNormal } from "./distributions.js";
import type { Initializer } from "./initializer.js";
import { orthogonal } from "./orthogonal.js";
import { glorotNormal, glorotUniform, heNormal, heUniform, lecunNormal, lecunUniform, varianceScaling } from "./varianceScaling.js";

const FACTORIES = {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  identity,
  lecunNormal,
  lecunUniform,
  ones,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
  zeros,
} as const;

/** The names of all initializers. */
export type InitializerName = keyof typeof FACTORIES;

/** What layers take for an initializer: one of ours by name, or any initializer. */
export type InitializerLike = Initializer | InitializerName;

/** An initializer as files hold it. */
export interface SerializedInitializer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The initializer of a name, with its default options; an initializer is returned as it is.
 * `glorotUniform`, `glorot_uniform` and `GlorotUniform` are the same name.
 *
 * @throws UNKNOWN_NAME when there is none, with the nearest name
 * @example
 * console.log(initializers.get("heNormal").name); // HeNormal
 */
export function get(initializer: InitializerLike | (string & {})): Initializer {
  return typeof initializer === "string" ? factoryOf(initializer)({}) : initializer;
}

/**
 * Name and options of an initializer, as plain JSON.
 * @example
 * console.log(initializers.serialize(initializers.get("heNormal")).className); // HeNormal
 */
export function serialize(initializer: Initializer): SerializedInitializer {
  return { className: initializer.name, config: { ...initializer.config } };
}

/**
 * The initializer that {@link serialize} wrote down. Options that are null count as not given.
 *
 * @throws UNKNOWN_NAME for another class or option
 * @throws BAD_ARGUMENT for an option of the wrong type
 * @example
 * console.log(initializers.deserialize({ className: "HeNormal", config: {} }).name); // HeNormal
 */
export function deserialize(serialized: SerializedInitializer): Initializer {
  const given = Object.entries(serialized.config).filter(([, value]) => value !== null);
  return factoryOf(serialized.className)(Object.fromEntries(given));
}

function factoryOf(name: string): (options: Record<string, unknown>) => Initializer {
  if (typeof name !== "string") {
    throw new NacreError({ code: "BAD_ARGUMENT", where: "initializers", expected: "a name", received: String(name) });
  }
  const names = Object.keys(FACTORIES) as InitializerName[];
  const plain = (text: string): string => text.replaceAll("_", "").toLowerCase();
  const found = names.find((candidate) => plain(candidate) === plain(name));
  if (found === undefined) throw unknownName("initializers", "initializer", name, names);
  // Each factory checks the names and types of its options itself.
  return FACTORIES[found] as (options: Record<string, unknown>) => Initializer;
}
