import { NacreError } from "../error.js";
import type { DType, TypedArray } from "./dtype.js";
import type { Tensor } from "./tensor.js";

/** A value that an engine holds in its own memory. */
export interface DeviceTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Copies the value to the host. @throws STALE_STATE after release or donation */
  read(): Promise<TypedArray>;
}

/** What the tensor room asks of whoever runs graphs: give these tensors their values. */
export interface Runtime {
  evaluate(tensors: readonly Tensor[]): Promise<void>;
}

let current: Runtime | undefined;

/** Installs what runs expressions; called once by the package's entry. */
export function setRuntime(runtime: Runtime): void {
  current = runtime;
}

export function getRuntime(): Runtime {
  if (current !== undefined) return current;
  throw new NacreError({
    code: "NO_ENGINE",
    where: "tensor",
    expected: "an engine",
    received: "none",
    fix: 'import from "nacre", which installs one',
  });
}
