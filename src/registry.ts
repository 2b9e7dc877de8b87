import { NacreError, isRecord, unknownName, wrongKind } from "./error.js";

/** Something that files can hold: the name of its kind, and its options as plain data. */
export interface Described {
  readonly className: string;
  readonly config: Config;
}

/** Options as they are stored: plain JSON data, camelCase keys. */
export type Config = Readonly<Record<string, unknown>>;

/** The stored form of a loss, a metric, an optimizer and so on. */
export interface Serialized {
  readonly className: string;
  readonly config: Config;
}

/** Makes an object of one kind from options. */
export type Factory<T> = (options: never) => T;

/** The names among a room's exports that will do alone: those whose options may all be left out. */
export type NamesOf<Room> = { [Name in keyof Room]: Room[Name] extends () => unknown ? Name : never }[keyof Room];

/** The spelling that `meanSquaredError`, `mean_squared_error` and `MeanSquaredError` share. */
function spelling(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** `AUC` → `auc`, `KLDivergence` → `klDivergence`, `F1Score` → `f1Score`, `IoU` → `iou`, `RMSprop` → `rmsprop`. */
export function camelCase(className: string): string {
  return className.replace(/^(?:RMS|IoU|[A-Z]+(?=[A-Z][a-z]|\d|$)|[A-Z])/, (start) => start.toLowerCase());
}

/** The kinds of one room, found by any spelling of their name. */
export class Registry<T extends Described> {
  readonly #kind: string;
  /** What {@link get} takes, in words. */
  readonly #wanted: string;
  readonly #factories = new Map<string, Factory<T>>();
  readonly #names: string[] = [];
  readonly #aliases: string[] = [];

  /** `kind` is what errors call an entry, such as `loss`. */
  constructor(kind: string) {
    this.#kind = kind;
    this.#wanted = `a name or ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
  }

  /** All class names, without aliases. */
  get names(): readonly string[] {
    return this.#names;
  }

  /**
   * Makes a kind known under its class name and aliases.
   *
   * @throws BAD_ARGUMENT when a name is taken
   */
  register(className: string, factory: Factory<T>, aliases: readonly string[] = []): void {
    for (const name of [className, ...aliases]) {
      if (this.#factories.has(spelling(name))) throw this.#taken(name);
      this.#factories.set(spelling(name), factory);
    }
    this.#names.push(className);
    this.#aliases.push(...aliases);
  }

  /** Whether a function is one that makes a kind, for which it may stand by mistake. */
  makes(value: unknown): boolean {
    return [...this.#factories.values()].includes(value as Factory<T>);
  }

  /** Whether a name or alias is known. */
  has(name: string): boolean {
    return this.#factories.has(spelling(name));
  }

  /**
   * The object for a name with default options, for a stored form, or the object itself.
   *
   * @throws UNKNOWN_NAME when no kind has the name
   */
  get(identifier: string | Serialized | T): T {
    if (typeof identifier === "string") return this.#make(identifier, {});
    if (!isRecord(identifier)) {
      throw wrongKind(this.#kind, this.#wanted, identifier, "call the function that makes it, with () behind its name");
    }
    const known = Object.keys(identifier).some((key) => key !== "className" && key !== "config");
    if (!known && typeof identifier.className !== "string") throw wrongKind(this.#kind, this.#wanted, identifier);
    return known ? (identifier as T) : this.deserialize(identifier);
  }

  /**
   * The stored form of an object.
   *
   * @throws UNSUPPORTED when its class is not registered, so that the file would not open again
   */
  serialize(object: T): Serialized {
    if (!this.has(object.className)) throw this.#unregistered(object.className);
    return { className: object.className, config: object.config };
  }

  /** The object of a stored form. @throws UNKNOWN_NAME when its class is not registered */
  deserialize(stored: Serialized): T {
    return this.#make(stored.className, stored.config);
  }

  #make(name: string, config: Config): T {
    const factory = this.#factories.get(spelling(name));
    if (factory === undefined) {
      throw unknownName(this.#kind, `${this.#kind} name`, name, this.#names.map(camelCase), this.#aliases);
    }
    return factory(config as never);
  }

  #unregistered(className: string): NacreError {
    const [initial = "", ...rest] = this.#kind;
    return new NacreError({
      code: "UNSUPPORTED",
      where: `${this.#kind} "${className}"`,
      expected: "an object of a registered class",
      received: "one that files cannot hold",
      fix: `make its class with define${initial.toUpperCase()}${rest.join("")}, which registers it`,
    });
  }

  #taken(name: string): NacreError {
    return new NacreError({
      code: "BAD_ARGUMENT",
      where: `${this.#kind} "${name}"`,
      expected: "a class name that is not taken",
      received: `"${name}", which is registered already`,
      fix: "choose another className",
    });
  }
}
