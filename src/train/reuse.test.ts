import { afterEach, expect, it, vi } from "vitest";
import { NativeBackend } from "../engine/native.js";
import { layers, type Model, sequential } from "../index.node.js";

const open = vi.spyOn(NativeBackend.prototype, "open");
afterEach(() => open.mockClear());

const data = { x: [[1, 2], [3, 4]], y: [[1], [2]] };

function model(prefix: string, units = 3): Model {
  const built = sequential([
    layers.input([2], { name: `${prefix}_in` }),
    layers.dense({ units, activation: "tanh", name: `${prefix}_hidden` }),
    layers.dense({ units: 1, name: `${prefix}_head` }),
  ]);
  return built.compile({ optimizer: "adam", loss: "meanSquaredError" }) as Model;
}

it("a second model of the same shape opens no session, whatever its layers are called", async () => {
  const first = model("a");
  await first.trainOnBatch(data);
  await first.evaluate(data);
  await first.predict(data.x);
  expect(open).toHaveBeenCalled();
  open.mockClear();
  const second = model("b");
  await second.trainOnBatch(data);
  await second.evaluate(data);
  await second.predict(data.x);
  expect(open).not.toHaveBeenCalled();
  await model("c", 4).trainOnBatch(data);
  expect(open).toHaveBeenCalledTimes(1);
});
