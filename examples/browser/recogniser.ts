import { type Model, fromBytes } from "nacre";
import { namesOf } from "./classNames.js";
import { SIDE } from "./picture.js";
import type { Answer, Scan } from "./protocol.js";

const PIXELS = SIDE * SIDE;
const NEAREST = 3;

/** A network with the names of its classes, and scans to compare pictures with. */
export class Recogniser {
  readonly model: Model;
  readonly names: readonly string[];
  readonly scans: readonly Scan[];

  constructor(model: Model, names: readonly string[], scans: readonly Scan[]) {
    this.model = model;
    this.names = names;
    this.scans = scans;
  }

  /** Reads a `.nacre` file of this page, and scans of a label and the ink of 64 pixels in sixteenths. */
  static async open(bytes: Uint8Array, packed: Uint8Array): Promise<Recogniser> {
    const model = await fromBytes(bytes);
    const names = namesOf(model);
    const sizes = [model.inputs[0]?.shape.slice(1).join("×"), model.outputs[0]?.shape[1]];
    if (names === undefined || sizes[0] !== `${SIDE}×${SIDE}×1` || sizes[1] !== names.length) {
      throw new Error("This file holds another network: it must be one that this page saved.");
    }
    const scans: Scan[] = [];
    for (let at = 0; at < packed.length; at += PIXELS + 1) {
      scans.push({ label: packed[at]!, picture: Float32Array.from(packed.subarray(at + 1, at + 1 + PIXELS), (ink) => ink / 16) });
    }
    return new Recogniser(model, names, scans);
  }

  /** The answer for a picture, with its evidence: one batch of the picture and its 64 variants. */
  async recognise(picture: Float32Array): Promise<Answer> {
    const rows = new Float32Array((PIXELS + 1) * PIXELS);
    for (let row = 0; row <= PIXELS; row++) rows.set(picture, row * PIXELS);
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      rows[(pixel + 1) * PIXELS + pixel] = picture[pixel]! < 0.5 ? 1 : 0;
    }
    const all = (await (await this.model.predict(rows)).data()) as Float32Array;
    const classes = this.names.length;
    const probabilities = all.slice(0, classes);
    const top = probabilities.indexOf(Math.max(...probabilities));
    const logOf = (row: number): number => Math.log(Math.max(all[row * classes + top]!, 1e-12));
    const evidence = Float32Array.from({ length: PIXELS }, (_, pixel) => logOf(0) - logOf(pixel + 1));
    return { names: this.names, probabilities, evidence, nearest: this.#nearest(picture) };
  }

  #nearest(picture: Float32Array): Scan[] {
    const distances = this.scans.map((scan) => {
      return { scan, distance: scan.picture.reduce((sum, ink, i) => sum + (ink - picture[i]!) ** 2, 0) };
    });
    return distances.sort((a, b) => a.distance - b.distance).slice(0, NEAREST).map(({ scan }) => scan);
  }
}
