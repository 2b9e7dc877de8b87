import { NacreError } from "../error.js";

/** The error for a weight that an initializer cannot fill. */
export function shapeMistake(name: string, expected: string, shape: readonly number[]): NacreError {
  return new NacreError({
    code: "SHAPE_MISMATCH",
    where: `initializer ${name}`,
    expected,
    received: `[${shape.join(", ")}]`,
    fix: "choose another initializer, such as glorotUniform, for this weight",
  });
}
