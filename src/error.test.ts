import { describe, expect, test } from "vitest";
import { NacreError, checkOptions, nearestName, unknownName } from "./error.js";

describe("nearestName", () => {
  test.each([
    ["rleu", "relu"],
    ["sofmax", "softmax"],
    ["Adm", "Adam"],
    ["kernel_size", "kernelSize"],
  ])("%s is nearest to %s", (typo, name) => {
    expect(nearestName(typo, ["elu", "relu", "selu", "softmax", "Adam", "kernelSize"])).toBe(name);
  });

  test.each([
    ["lr", "learningRate"],
    ["learning_rate", "learningRate"],
    ["beta_1", "beta1"],
    ["eps", "epsilon"],
    ["val_acc", "val_accuracy"],
    ["acuracy", "accuracy"],
    ["val_los", "val_loss"],
  ])("%s, a name of another library or a beginning, is nearest to %s", (typo, name) => {
    expect(nearestName(typo, ["beta2", "beta1", "epsilon", "learningRate", "loss", "val_loss", "accuracy", "val_accuracy"])).toBe(name);
  });

  test("there is none among no names", () => expect(nearestName("x", [])).toBeUndefined());
});

test("an alias is proposed, though only the names are listed", () => {
  const error = unknownName("loss", "loss name", "msee", ["Dice", "MeanSquaredError"], ["mse"]);
  expect(error.fix).toBe('did you mean "mse"?');
  expect(error.expected).not.toContain("mse,");
});

test("the message says where, what was expected, what came, and how to mend it", () => {
  const error = new NacreError({ code: "BAD_ARGUMENT", where: 'dense "head"', expected: "a", received: "b", fix: "c" });
  expect(error.message).toBe('dense "head": expected a, received b. Fix: c');
});

test.each([
  [undefined, "nothing", "give options by name, as in { loss: … }"],
  [null, "null", "give options by name, as in { loss: … }"],
  [[1], "a list of 1", "give options by name, as in { loss: … }"],
  [Float32Array.of(1), "a typed array", "give options by name, as in { loss: … }"],
  ["x", "a string", "give options by name, as in { loss: … }"],
  [Promise.resolve({}), "a Promise", "did you forget await?"],
])("options that are no object are refused: %s", (options, received, fix) => {
  expect(() => checkOptions("compile", options as never, ["loss"])).toThrow(
    expect.objectContaining({ code: "BAD_ARGUMENT", where: "compile", received, fix }),
  );
});
