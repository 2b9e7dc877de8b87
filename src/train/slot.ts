import { Part } from "../tensor/joint.js";
import type { TypedArray } from "../tensor/dtype.js";

/** One value that an optimizer keeps for a variable, such as a moment. */
export class Slot extends Part {
  readonly name: string;

  constructor(name: string, shape: readonly number[], value: TypedArray) {
    super(shape, "float32", value);
    this.name = name;
  }

  async read(): Promise<TypedArray> {
    const value = this.value!;
    return ArrayBuffer.isView(value) ? value : await value.read();
  }
}
