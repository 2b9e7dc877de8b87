import { readFileSync } from "node:fs";
import { type DType, arrayOf } from "../tensor/dtype.js";
import type { PlainValue } from "./plainRun.js";

/** A stored tensor; Infinity and NaN stand as strings, since JSON has no numbers for them. */
interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | "Infinity" | "-Infinity" | "NaN")[];
}

interface StoredCase {
  readonly inputs: readonly StoredTensor[];
  readonly outputs: readonly StoredTensor[];
  readonly cotangents?: readonly StoredTensor[];
  readonly grads?: readonly (StoredTensor | null)[];
}

/** What PyTorch or NumPy says of one call. */
export interface Fixture {
  readonly inputs: readonly PlainValue[];
  readonly outputs: readonly PlainValue[];
  /** R, one per output, and the gradients of Σ output · R, null for inputs without one. */
  readonly gradients?: { readonly cotangents: readonly PlainValue[]; readonly wrtInputs: readonly (PlainValue | null)[] };
}

/** Fixtures by `op/name of the case`, from the JSON file that a script in `scripts/fixtures` wrote. */
export function readFixtures(file: URL): ReadonlyMap<string, Fixture> {
  const stored = JSON.parse(readFileSync(file, "utf8")) as Record<string, StoredCase>;
  return new Map(
    Object.entries(stored).map(([key, { inputs, outputs, cotangents, grads }]) => {
      const fixture: Fixture = { inputs: inputs.map(valueOf), outputs: outputs.map(valueOf) };
      if (cotangents === undefined || grads === undefined) return [key, fixture];
      const wrtInputs = grads.map((grad) => (grad === null ? null : valueOf(grad)));
      return [key, { ...fixture, gradients: { cotangents: cotangents.map(valueOf), wrtInputs } }];
    }),
  );
}

function valueOf({ dtype, shape, data }: StoredTensor): PlainValue {
  return { dtype, shape, data: arrayOf(dtype, data.map(Number)) };
}
