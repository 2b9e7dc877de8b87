import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layers, Model, sequential } from "../../index.js";
import { resNet50 } from "../zoo/resNet.js";

const small = (name = "small"): Model =>
  sequential([layers.input([4]), layers.dense({ units: 3, trainable: false }), layers.dropout({ rate: 0.5 })], { name });

/** The texts of boxes, title by title. */
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);

describe("a model as SVG", () => {
  it("says class, name, output shape and parameters of each layer", async () => {
    const svg = await small().toSvg();
    expect(textsOf(svg)).toEqual([
      "Input", "input", "[batch, 4]", "Dense", "15 params frozen", "dense", "[batch, 3]", "Dropout", "dropout", "[batch, 3]",
    ]);
    expect(svg.match(/class="edge"/g)).toHaveLength(2);
  });

  it("has a name and a description for those who do not see it, and tooltips", async () => {
    const svg = await small().toSvg({ title: "Spam filter" });
    expect(svg).toContain('role="img" aria-label="Spam filter: 2 layers, 15 parameters, 12 multiply-adds"');
    expect(svg).toContain("<title>Spam filter</title>");
    expect(svg).toContain("<title>dense (Dense): [batch, 3], 15 params frozen, 12 multiply-adds</title>");
  });

  it("keeps names from outside from becoming markup", async () => {
    const model = sequential([layers.input([1], { name: "a<b" }), layers.dense({ units: 1, name: "</text>&\u0000\"'" })]);
    const svg = await model.toSvg({ title: '"><script>' });
    expect(svg).not.toContain("<script>");
    expect(textsOf(svg)).toContain("a&lt;b");
    expect(textsOf(svg)).toContain("&lt;/text&gt;&amp;&quot;&#39;");
    expect(svg).not.toContain("\u0000");
  });

  it("draws one arrow for a value that is used twice, and a box for each use of a shared layer", async () => {
    const x = layers.input([3]);
    const shared = layers.dense({ units: 3 });
    const svg = await new Model({ inputs: x, outputs: layers.multiply()([shared(shared(x)), shared(shared(x))]) }).toSvg();
    expect(textsOf(svg).filter((text) => text === "shared weights")).toHaveLength(3);
    const y = layers.input([3]);
    const square = await new Model({ inputs: y, outputs: layers.multiply()([y, y]) }).toSvg();
    expect(square.match(/class="edge"/g)).toHaveLength(1);
  });

  it("shows nested models as boxes, or what is inside them", async () => {
    const inner = small("inner");
    const x = layers.input([4]);
    const outer = new Model({ inputs: x, outputs: layers.dense({ units: 2 })(inner(x)) });
    expect(textsOf(await outer.toSvg())).toEqual(expect.arrayContaining(["Functional", "inner"]));
    expect(textsOf(await outer.toSvg())).not.toContain("Dropout");
    const expanded = await outer.toSvg({ expandNested: true });
    expect(textsOf(expanded)).toContain("Dropout");
    expect(expanded.match(/class="frame"/g)).toHaveLength(1);
    expect(expanded.match(/class="edge"/g)).toHaveLength(4);
  });

  it("flows down or to the right", async () => {
    const sizeOf = async (direction: "TB" | "LR"): Promise<number[]> => /viewBox="0 0 (\d+) (\d+)"/.exec(await small().toSvg({ direction }))!.slice(1).map(Number);
    const [down, right] = [await sizeOf("TB"), await sizeOf("LR")];
    expect(down[0]!).toBeLessThan(down[1]!);
    expect(right[0]!).toBeGreaterThan(right[1]!);
    await expect(small().toSvg({ direction: "BT" as never })).rejects.toMatchObject({ code: "BAD_ARGUMENT", received: '"BT"' });
    await expect(small().toSvg({ rankdir: "TB" } as never)).rejects.toMatchObject({ code: "UNKNOWN_NAME" });
  });

  it("is written to a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nacre-plot-"));
    try {
      await small().plot(join(folder, "model.svg"));
      expect(readFileSync(join(folder, "model.svg"), "utf8")).toBe(await small().toSvg());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("of 177 layers does not take long", async () => {
    const model = resNet50();
    const start = performance.now();
    await model.toSvg();
    // Some 100 ms; a layout of higher order would take many seconds.
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
