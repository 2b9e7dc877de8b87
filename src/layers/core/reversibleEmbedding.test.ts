import { describe, expect, it } from "vitest";
import { fromBytes } from "../../models/load.js";
import { Model } from "../../models/model.js";
import { dataTensor } from "../../tensor/convert.js";
import { expectClose, mistake } from "../../testing/layerProbe.js";
import { layerTest } from "../../testing/layerTest.js";
import { maskReader } from "../../testing/maskReader.js";
import { input } from "./input.js";
import { reversibleEmbedding } from "./reversibleEmbedding.js";

layerTest((extra) => reversibleEmbedding({ inputDim: 6, outputDim: 3, ...extra }), [{ shape: [5], ids: 6 }], {
  output: [5, 3],
  weights: { embeddings: [6, 3] },
  refused: [],
});

describe("ReversibleEmbedding", () => {
  const ids = dataTensor([[1, 0]], "int32");

  async function logits(tieWeights: boolean, logitSoftCap: number | null): Promise<Float32Array> {
    const x = input([2], { dtype: "int32" });
    const table = reversibleEmbedding({ inputDim: 3, outputDim: 2, tieWeights, logitSoftCap });
    const model = new Model({ inputs: x, outputs: table(table(x), { reverse: true }) });
    table.variables[0]!.assign([1, 2, 3, 4, 5, 6]);
    table.variables[1]?.assign([1, 0, 0, 0, 1, 0]);
    const loaded = await fromBytes(await model.toBytes());
    return (await (await loaded.predict(ids)).data()) as Float32Array;
  }

  it.each([
    // Rows (3, 4) and (1, 2) by all rows.
    [true, null, [11, 25, 39, 5, 11, 17]],
    [true, 10, [11, 25, 39, 5, 11, 17].map((v) => 10 * Math.tanh(v / 10))],
    [false, null, [3, 4, 0, 1, 2, 0]],
  ])("leads back with tied weights %s and a soft cap of %s", async (tieWeights, cap, wanted) => {
    expectClose(await logits(tieWeights, cap), wanted, 1e-6);
  });

  it("masks id 0 on the way in", async () => {
    const x = input([2], { dtype: "int32" });
    const table = reversibleEmbedding({ inputDim: 3, outputDim: 2, maskZero: true });
    const model = new Model({ inputs: x, outputs: maskReader()(table(x)) });
    expect(await (await model.predict(ids)).toArray()).toEqual([[1, 0]]);
    expect(table(table(x), { reverse: true }).masked).toBe(false);
  });

  it("refuses vectors of another size, and a soft cap of 0", () => {
    const table = reversibleEmbedding({ inputDim: 3, outputDim: 2 });
    expect(mistake(() => table(input([2, 3]), { reverse: true })).code).toBe("SHAPE_MISMATCH");
    expect(mistake(() => reversibleEmbedding({ inputDim: 3, outputDim: 2, logitSoftCap: 0 })).where).toMatch(/option logitSoftCap$/);
  });
});
