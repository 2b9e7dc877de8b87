import { expect, test } from "vitest";
import { importOnnx } from "../index.js";
import "../testing/engine.js";

test("a summary takes free axes as 1, beside the batch axis too", async () => {
  const model = await importOnnx("conformance/onnx/gpt_dynseq.onnx");
  expect(model.summary()).toMatch(/OnnxGraph/);
});
