import { NacreError, checkOptions } from "./error.js";

/**
 * Options over their defaults; undefined keeps the default.
 *
 * @throws UNKNOWN_NAME when an option is not among the defaults
 */
export function resolveOptions<C extends object>(where: string, defaults: C, options: Partial<C> = {}): C {
  checkOptions(where, options, Object.keys(defaults));
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(given) as Partial<C>) };
}

/** The error for an option whose value is outside its range. */
export function badOption(where: string, option: string, expected: string, received: unknown): NacreError {
  return new NacreError({
    code: "BAD_ARGUMENT",
    where: `${where}, option ${option}`,
    expected,
    received: JSON.stringify(received) ?? String(received),
  });
}

/**
 * Refuses options that were left out although they have no default.
 *
 * @throws BAD_ARGUMENT naming the first one that is missing
 */
export function requireOptions(where: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || value === null) throw badOption(where, name, "a value, which has no default", value);
  }
}
