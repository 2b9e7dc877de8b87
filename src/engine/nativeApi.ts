import type Koffi from "koffi";
import { NacreError } from "../error.js";
import { engineFailed } from "./failure.js";

/** The version of the function table that is asked for: the first that has all functions below. */
const API_VERSION = 5;

const POINTER = "void *";
const STATUS = POINTER;

/**
 * The functions of ONNX Runtime's C API that are used: their place in its append-only table, what
 * they return (a status is null or an error to release), and what they take.
 */
const TABLE = {
  GetErrorMessage: [2, "str", [POINTER]],
  CreateEnv: [3, STATUS, ["int", "str", POINTER]],
  DisableTelemetryEvents: [6, STATUS, [POINTER]],
  CreateSessionFromArray: [8, STATUS, [POINTER, POINTER, "size_t", POINTER, POINTER]],
  Run: [9, STATUS, [POINTER, POINTER, POINTER, POINTER, "size_t", POINTER, "size_t", POINTER]],
  CreateSessionOptions: [10, STATUS, [POINTER]],
  CloneSessionOptions: [12, STATUS, [POINTER, POINTER]],
  EnableProfiling: [14, STATUS, [POINTER, process.platform === "win32" ? "str16" : "str"]],
  DisableMemPattern: [17, STATUS, [POINTER]],
  SetSessionGraphOptimizationLevel: [23, STATUS, [POINTER, "int"]],
  SetIntraOpNumThreads: [24, STATUS, [POINTER, "int"]],
  CreateTensorWithDataAsOrtValue: [49, STATUS, [POINTER, POINTER, "size_t", POINTER, "size_t", "int", POINTER]],
  CreateCpuMemoryInfo: [69, STATUS, ["int", "int", POINTER]],
  ReleaseEnv: [92, "void", [POINTER]],
  ReleaseStatus: [93, "void", [POINTER]],
  ReleaseMemoryInfo: [94, "void", [POINTER]],
  ReleaseSession: [95, "void", [POINTER]],
  ReleaseValue: [96, "void", [POINTER]],
  ReleaseSessionOptions: [100, "void", [POINTER]],
  AddSessionConfigEntry: [130, STATUS, [POINTER, "str", "str"]],
} as const;

type Name = keyof typeof TABLE;
type Argument = bigint | number | string | null | ArrayBufferView;
type NativeFunction = ((...args: Argument[]) => unknown) & {
  async: (...args: [...Argument[], (error: unknown, result: unknown) => void]) => void;
};

/** ONNX Runtime's C API in one shared library; statuses become errors. */
export class NativeApi {
  readonly #functions: Readonly<Record<Name, NativeFunction>>;
  readonly #koffi: typeof Koffi;
  /** Never read, but koffi unloads a library that nobody holds, under the functions found in it. */
  readonly library: ReturnType<typeof Koffi.load>;
  /** Where functions write a new pointer. */
  readonly #out = new BigUint64Array(new ArrayBuffer(8));
  readonly #outAddress: bigint;

  /** @throws NO_ENGINE when the library is not the expected one */
  constructor(koffi: typeof Koffi, path: string, version: string) {
    this.#koffi = koffi;
    this.#outAddress = koffi.address(this.#out);
    this.library = koffi.load(path);
    const base = this.library.func("OrtGetApiBase", POINTER, [])() as bigint;
    const [getApi, getVersion] = koffi.decode(base, POINTER, 2) as [bigint, bigint];
    const found = koffi.call(getVersion, koffi.proto("str", [])) as string;
    const table = koffi.call(getApi, koffi.proto(POINTER, ["uint32_t"]), API_VERSION) as bigint | null;
    if (found !== version || table === null) {
      throw new NacreError({
        code: "NO_ENGINE",
        where: path,
        expected: `ONNX Runtime ${version} with version ${API_VERSION} of its C API`,
        received: `${found}${table === null ? " without it" : ""}`,
      });
    }
    const addresses = koffi.decode(table, POINTER, 150) as bigint[];
    this.#functions = Object.fromEntries(
      Object.entries(TABLE).map(([name, [index, result, parameters]]) => [
        name,
        koffi.decode(addresses[index], koffi.proto(result, [...parameters])) as NativeFunction,
      ]),
    ) as Record<Name, NativeFunction>;
  }

  /** The address of memory; the caller keeps the array alive and allocated it outside V8's moving heap. */
  address(array: ArrayBufferView | ArrayBuffer): bigint {
    return this.#koffi.address(array);
  }

  /** @throws ENGINE_FAILED with ONNX Runtime's message */
  call(name: Name, ...args: Argument[]): void {
    this.#check(this.#functions[name](...args) as bigint | null);
  }

  /** Calls a function that gives no status. */
  callVoid(name: Name, address: bigint): void {
    this.#functions[name](address);
  }

  /** Like `call`, on another thread. */
  callAsync(name: Name, ...args: Argument[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#functions[name].async(...args, (error, status) => {
        try {
          if (error !== null) throw error;
          this.#check(status as bigint | null);
          resolve();
        } catch (failure) {
          reject(failure as Error);
        }
      });
    });
  }

  /** Calls a function whose last parameter takes the new object, and gives its address. */
  create(name: Name, ...args: Argument[]): bigint {
    this.call(name, ...args, this.#outAddress);
    return this.#out[0]!;
  }

  #check(status: bigint | null | undefined): void {
    if (status === null || status === undefined) return;
    const message = this.#functions.GetErrorMessage(status) as string;
    this.#functions.ReleaseStatus(status);
    throw engineFailed(message);
  }
}
