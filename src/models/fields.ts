import { NacreError } from "../error.js";

/** A place in the JSON of a file that anybody may have edited: what lies there, and checked ways to read it. */
export class Field {
  readonly value: unknown;
  /** What errors call the place, such as `.nacre file, model.json.seed`. */
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** The field of an object; one that is not there is undefined. */
  at(key: string): Field {
    const record = this.record();
    return new Field(Object.hasOwn(record, key) ? record[key] : undefined, `${this.path}.${key}`);
  }

  /** What `read` makes of each item of a list. */
  list<T>(read: (item: Field) => T): T[] {
    if (!Array.isArray(this.value)) throw this.#bad("a list");
    return this.value.map((item: unknown, i) => read(new Field(item, `${this.path}.${i}`)));
  }

  /** What `read` makes of each value of an object. */
  map<T>(read: (item: Field) => T): Record<string, T> {
    return Object.fromEntries(Object.keys(this.record()).map((key) => [key, read(this.at(key))]));
  }

  record(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#bad("an object");
    return value as Record<string, unknown>;
  }

  /** Any number, NaN and the infinities too. */
  number(): number {
    if (typeof this.value !== "number") throw this.#bad("a number");
    return this.value;
  }

  /** A whole number of at least `least`. */
  whole(least = 0): number {
    if (!Number.isSafeInteger(this.value) || (this.value as number) < least) throw this.#bad(`a whole number from ${least}`);
    return this.value as number;
  }

  text(): string {
    if (typeof this.value !== "string") throw this.#bad("text");
    return this.value;
  }

  flag(): boolean {
    if (typeof this.value !== "boolean") throw this.#bad("true or false");
    return this.value;
  }

  /** What `read` makes of it; null and what is missing come as they are. */
  optional<T>(read: (field: Field) => T): T | null | undefined {
    return this.value === null || this.value === undefined ? this.value : read(this);
  }

  /** What `read` makes of it, or null. */
  nullable<T>(read: (field: Field) => T): T | null {
    return this.value === null ? null : read(this);
  }

  #bad(expected: string): NacreError {
    const shown = JSON.stringify(this.value) ?? "nothing";
    return new NacreError({
      code: "BAD_FILE",
      where: this.path,
      expected,
      received: shown.length > 60 ? `${shown.slice(0, 60)}…` : shown,
      fix: "the file is damaged or was edited; take another copy",
    });
  }
}
