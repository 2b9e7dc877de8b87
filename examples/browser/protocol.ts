import type { Stroke } from "./picture.js";

/** A scan that looks like a drawing. */
export interface Scan {
  readonly label: number;
  readonly picture: Float32Array;
}

/** What the network says of a picture, and what speaks for it. */
export interface Answer {
  readonly names: readonly string[];
  readonly probabilities: Float32Array;
  /**
   * For each pixel, how much its ink or its bareness speaks for the answer: the fall of the answer's
   * log-probability when the pixel is turned over. Negative where it speaks against.
   */
  readonly evidence: Float32Array;
  /** The scans nearest to the picture, nearest first. */
  readonly nearest: readonly Scan[];
}

/** What the page can ask of the worker: for each task what it takes, and what it gives. */
export interface Tasks {
  /** Takes a `.nacre` file, and the scans as `train.ts` wrote them; gives the names of the classes. */
  open: { takes: { readonly bytes: Uint8Array; readonly scans: Uint8Array }; gives: readonly string[] };
  recognise: { takes: { readonly picture: Float32Array }; gives: Answer };
  /** Adds a class, in the place of an own one that there is; gives the names of the classes. */
  teach: { takes: { readonly name: string; readonly drawings: readonly (readonly Stroke[])[] }; gives: readonly string[] };
  /** Gives the network as the bytes of a `.nacre` file. */
  save: { takes: object; gives: Uint8Array };
}

export type TaskName = keyof Tasks;

/** From the page to the worker. */
export interface Request<T extends TaskName = TaskName> {
  readonly id: number;
  readonly task: T;
  readonly input: Tasks[T]["takes"];
}

/** From the worker to the page: any number of progress reports between 0 and 1, then the result or an error. */
export type Reply =
  | { readonly id: number; readonly progress: number }
  | { readonly id: number; readonly result: Tasks[TaskName]["gives"] }
  | { readonly id: number; readonly error: string };
