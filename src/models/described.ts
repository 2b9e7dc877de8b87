import type { GraphReport, InspectOptions } from "./inspect.js";
import { Network } from "./network.js";
import type { PlotOptions } from "./plot/plotModel.js";
import { formatSummary, type SummaryOptions, summaryTable } from "./summary.js";
import { summaryRows } from "./summaryRows.js";

/** A network with tables and pictures of it. */
export class Described extends Network {
  /**
   * A table of layers, their output shapes, parameters and multiply-adds, with the totals below.
   * Multiply-adds are those of matrix products and convolutions for one sample, counted in the graph.
   *
   * @throws UNKNOWN_NAME when there is no such column
   * @example
   * const net = sequential([layers.input([4]), layers.dense({ units: 8, activation: "relu" }), layers.dense({ units: 3 })]);
   * net.summary({ columns: ["layer", "parameters", "trainable", "memory"], print: console.log });
   */
  summary(options: SummaryOptions = {}): string {
    return formatSummary(this, options);
  }

  /**
   * What the model's graph consists of, node by node: those of imported graphs, and the layers of models
   * among the layers, with output shapes, parameters and multiply-adds. As text it is a table.
   *
   * @example
   * const net = await importOnnx(await sequential([layers.input([4]), layers.dense({ units: 2 })]).toOnnx());
   * const report = await net.inspect({ print: console.log });
   * console.log(report.multiplyAdds); // 8
   */
  async inspect(options: InspectOptions = {}): Promise<GraphReport> {
    const { inspectModel } = await import("./inspect.js");
    return inspectModel(this, options);
  }

  /** The summary's rows as data, for reports. */
  summaryTable(): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } {
    return summaryTable(summaryRows(this));
  }

  /**
   * A picture of the model as SVG: layers, and nodes of imported graphs, as boxes with output shapes and
   * parameters, values between them as arrows. It suits light and dark pages.
   *
   * @throws BAD_ARGUMENT for a direction other than "TB" and "LR"
   * @example
   * const svg = await model.toSvg({ direction: "LR" });
   * console.log(svg.slice(0, 4)); // <svg
   */
  async toSvg(options: PlotOptions = {}): Promise<string> {
    const { plotModel } = await import("./plot/plotModel.js");
    return plotModel(this, options);
  }

  /**
   * Writes the picture of {@link toSvg} to a file.
   *
   * @throws FILE_ACCESS when the folder cannot be written
   * @example
   * await model.plot("out/model.svg");
   */
  async plot(path: string, options: PlotOptions = {}): Promise<void> {
    const svg = await this.toSvg(options);
    const { writeFileAtomic } = await import("../files/disk.js");
    await writeFileAtomic(path, new TextEncoder().encode(svg));
  }
}
