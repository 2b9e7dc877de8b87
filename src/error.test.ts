import { describe, expect, test } from "vitest";
import { NacreError, nearestName, unknownName } from "./error.js";

describe("nearestName", () => {
  test.each([
    ["rleu", "relu"],
    ["sofmax", "softmax"],
    ["Adm", "Adam"],
    ["kernel_size", "kernelSize"],
  ])("%s is nearest to %s", (typo, name) => {
    expect(nearestName(typo, ["elu", "relu", "selu", "softmax", "Adam", "kernelSize"])).toBe(name);
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
