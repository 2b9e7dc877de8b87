import type { TypedArray } from "../tensor/dtype.js";
import type { DeviceTensor } from "../tensor/runtime.js";

/** One value that an optimizer keeps for a variable, such as a moment; it may lie in a {@link JointSlot}. */
export class Slot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  #own: TypedArray | DeviceTensor | undefined;
  #place: { readonly joint: JointSlot; readonly offset: number } | undefined;

  constructor(name: string, shape: readonly number[], value: TypedArray) {
    this.name = name;
    this.shape = shape;
    this.size = value.length;
    this.#own = value;
  }

  get value(): TypedArray | DeviceTensor {
    if (this.#place === undefined) return this.#own!;
    const { joint, offset } = this.#place;
    const { value } = joint;
    if (ArrayBuffer.isView(value)) return value.subarray(offset, offset + this.size);
    const read = async (): Promise<TypedArray> => (await value.read()).slice(offset, offset + this.size);
    return { dtype: "float32", shape: this.shape, read };
  }

  set value(value: TypedArray | DeviceTensor) {
    this.#own = value;
    this.#place = undefined;
  }

  /** Whether the value lies there in a joint slot. */
  liesIn(joint: JointSlot, offset: number): boolean {
    return this.#place?.joint === joint && this.#place.offset === offset;
  }

  /** From now on the value is that part of the joint slot. */
  moveInto(joint: JointSlot, offset: number): void {
    this.#place = { joint, offset };
    this.#own = undefined;
  }

  get standsAlone(): boolean {
    return this.#place === undefined;
  }

  /** Takes the value out of the joint slot that it may lie in. */
  async standAlone(): Promise<this> {
    if (this.#place !== undefined) this.value = (await this.read()).slice();
    return this;
  }

  async read(): Promise<TypedArray> {
    const { value } = this;
    return ArrayBuffer.isView(value) ? value : await value.read();
  }
}

/** Slots of several variables in one piece, as they are updated. */
export class JointSlot {
  readonly name: string;
  readonly shape: readonly number[];
  value: TypedArray | DeviceTensor;
  readonly #parts: readonly Slot[];

  private constructor(parts: readonly Slot[], value: TypedArray) {
    this.name = parts[0]!.name;
    this.shape = [value.length];
    this.value = value;
    this.#parts = parts;
  }

  static async of(parts: readonly Slot[]): Promise<JointSlot> {
    const values = await Promise.all(parts.map((part) => part.read()));
    const all = new Float32Array(parts.reduce((sum, { size }) => sum + size, 0));
    const joint = new JointSlot(parts, all);
    let offset = 0;
    parts.forEach((part, i) => {
      all.set(values[i] as Float32Array, offset);
      part.moveInto(joint, offset);
      offset += part.size;
    });
    return joint;
  }

  /** Whether it still holds the values of these slots, and of no others: a slot that was set since lies elsewhere. */
  holds(parts: readonly Slot[]): boolean {
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
}
