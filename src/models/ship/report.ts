import type { QuantizeKind } from "./options.js";

/** Something of the float32 model, and of the smaller one. */
export interface Comparison<T> {
  readonly before: T;
  readonly after: T;
}

/** How long predictions take. */
export interface Speed extends Comparison<number> {
  /** Rows predicted at once; `before` and `after` are the median milliseconds for them with one thread. */
  readonly rows: number;
}

/**
 * What {@link quantize} made, and what it costs. Printed, it is a small table.
 *
 * @example
 * const report = await quantize(model, { kind: "dynamicInt8" });
 * console.log(String(report));
 */
export class QuantizeReport {
  /** What became of the model. */
  readonly kind: QuantizeKind;
  /** The smaller model, as an ONNX file. */
  readonly bytes: Uint8Array;
  /** Where it was written; undefined without the option `path`. */
  readonly path: string | undefined;
  /** Bytes of the ONNX files. */
  readonly size: Comparison<number>;
  /** Empty where speed was not measured. */
  readonly speed: readonly Speed[];
  /** Loss and metrics on the data of the option `evaluate`, both models run by ONNX Runtime; empty without. */
  readonly results: Readonly<Record<string, Comparison<number>>>;
  /** The weights that are stored smaller, by name. */
  readonly weights: readonly string[];

  constructor(fields: Omit<QuantizeReport, "toString">) {
    this.kind = fields.kind;
    this.bytes = fields.bytes;
    this.path = fields.path;
    this.size = fields.size;
    this.speed = fields.speed;
    this.results = fields.results;
    this.weights = fields.weights;
  }

  toString(): string {
    const rows = [
      ["", "float32", this.kind, ""],
      row("size", this.size, (bytes) => `${(bytes / 1024).toFixed(1)} kB`),
      ...this.speed.map((speed) => row(`${speed.rows} ${speed.rows === 1 ? "row" : "rows"}`, speed, (ms) => `${ms.toFixed(ms < 1 ? 3 : 2)} ms`)),
      ...Object.entries(this.results).map(([name, result]) => {
        const difference = result.after - result.before;
        return [name, result.before.toFixed(4), result.after.toFixed(4), `${difference < 0 ? "" : "+"}${difference.toFixed(4)}`];
      }),
    ];
    const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
    return rows.map((cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ").trimEnd()).join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function row(name: string, { before, after }: Comparison<number>, format: (value: number) => string): string[] {
  const factor = before / after;
  return [name, format(before), format(after), factor >= 1 ? `÷ ${factor.toFixed(1)}` : `× ${(1 / factor).toFixed(1)}`];
}
