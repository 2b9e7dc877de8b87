import type { DType, TypedArray } from "./dtype.js";
import type { DeviceTensor } from "./runtime.js";

type Value = TypedArray | DeviceTensor;

/** A value on the host or with the engine: by itself, or as a part of a {@link Joint} one. */
export class Part {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  #own: Value | undefined;
  #place: { readonly joint: Joint; readonly offset: number } | undefined;

  constructor(shape: readonly number[], dtype: DType, value?: Value) {
    this.shape = shape;
    this.dtype = dtype;
    this.size = shape.reduce((product, dim) => product * dim, 1);
    this.#own = value;
  }

  /** Undefined before it has one. */
  get value(): Value | undefined {
    if (this.#place === undefined) return this.#own;
    const { joint, offset } = this.#place;
    const { value } = joint;
    if (ArrayBuffer.isView(value)) return value.subarray(offset, offset + this.size);
    const read = async (): Promise<TypedArray> => (await joint.copy(value)).slice(offset, offset + this.size);
    return { dtype: this.dtype, shape: this.shape, read };
  }

  set value(value: Value | undefined) {
    this.#own = value;
    this.#place = undefined;
  }

  get standsAlone(): boolean {
    return this.#place === undefined;
  }

  /** Another object whenever the value is another. */
  get identity(): Value | undefined {
    return this.#place === undefined ? this.#own : this.#place.joint.value;
  }

  /** Whether the value lies there in a joint one. */
  liesIn(joint: Joint, offset: number): boolean {
    return this.#place?.joint === joint && this.#place.offset === offset;
  }

  /** From now on the value is that part of the joint one. */
  moveInto(joint: Joint, offset: number): void {
    if (this.liesIn(joint, offset)) return;
    this.#place = { joint, offset };
    this.#own = undefined;
  }

  /** Takes the value out of the joint one that it may lie in. */
  async standAlone(): Promise<this> {
    while (this.#place !== undefined) {
      const { identity, value } = this;
      const data = ArrayBuffer.isView(value) ? value.slice() : await value!.read();
      // A training step may have brought a newer value meanwhile.
      if (this.identity === identity) this.value = data;
    }
    return this;
  }
}

/** Values of several parts in one piece, as programs take and give them. @shape [N] */
export class Joint {
  readonly shape: readonly number[];
  #value: Value;
  readonly #parts: readonly Part[];
  /** The latest value that was read: parts that are read one after another copy it once. */
  #copied: { readonly value: DeviceTensor; readonly data: Promise<TypedArray> } | undefined;

  private constructor(parts: readonly Part[], value: TypedArray) {
    this.shape = [value.length];
    this.#value = value;
    this.#parts = parts;
  }

  /** Brings float32 values together. */
  static async of(parts: readonly Part[]): Promise<Joint> {
    const all = new Float32Array(parts.reduce((sum, { size }) => sum + size, 0));
    const joint = new Joint(parts, all);
    for (;;) {
      const identities = parts.map(({ identity }) => identity);
      const data = await Promise.all(parts.map(async ({ value }) => (ArrayBuffer.isView(value) ? value : value!.read())));
      // Another training of the same weights may have gone on meanwhile.
      if (parts.some(({ identity }, i) => identity !== identities[i])) continue;
      let offset = 0;
      for (const piece of data) {
        all.set(piece as Float32Array, offset);
        offset += piece.length;
      }
      joint.#claim();
      return joint;
    }
  }

  get value(): Value {
    return this.#value;
  }

  /** A newer value of all parts, wherever they were taken meanwhile. */
  set value(value: Value) {
    this.#value = value;
    this.#copied = undefined;
    this.#claim();
  }

  /** Whether it still holds the values of these parts, and of no others: one that was set since lies elsewhere. */
  holds(parts: readonly Part[]): boolean {
    let offset = 0;
    return (
      parts.length === this.#parts.length &&
      parts.every((part) => {
        const there = part.liesIn(this, offset);
        offset += part.size;
        return there;
      })
    );
  }

  /** What a value of it is on the host. */
  copy(value: DeviceTensor): Promise<TypedArray> {
    if (this.#copied?.value !== value) this.#copied = { value, data: value.read() };
    return this.#copied.data;
  }

  #claim(): void {
    let offset = 0;
    for (const part of this.#parts) {
      part.moveInto(this, offset);
      offset += part.size;
    }
  }
}
