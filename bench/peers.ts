import { join } from "node:path";

export const PEERS = [
  "nacre",
  "torch",
  "torch-compile",
  "keras-tensorflow",
  "keras-jax",
  "tfjs-wasm",
  "tfjs-cpu",
  "jax-js",
] as const;

/** What can be measured. */
export type PeerName = (typeof PEERS)[number];

/** How a peer's process is started; the job follows as the last argument. */
export interface Launch {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The Python modules that a peer needs. */
export const PYTHON_MODULES: Partial<Record<PeerName, readonly string[]>> = {
  torch: ["torch", "numpy"],
  "torch-compile": ["torch", "numpy"],
  "keras-tensorflow": ["keras", "tensorflow"],
  "keras-jax": ["keras", "jax"],
};

/** The npm packages that a peer needs. */
export const NPM_PACKAGES: Partial<Record<PeerName, readonly string[]>> = {
  "tfjs-wasm": ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers", "@tensorflow/tfjs-backend-wasm"],
  "tfjs-cpu": ["@tensorflow/tfjs-core", "@tensorflow/tfjs-layers", "@tensorflow/tfjs-backend-cpu"],
  "jax-js": ["@jax-js/jax"],
};

/** How each peer is started, `folder` being that of the benchmark. */
export function launchOf(peer: PeerName, folder: string, python: string): Launch {
  const javascript = (module: string): Launch => ({
    command: [process.execPath, join(folder, "dist/child.js"), `./peers/${module}`],
  });
  switch (peer) {
    case "nacre":
      return javascript("nacre.js");
    case "tfjs-wasm":
    case "tfjs-cpu":
      return javascript("tfjs.mjs");
    case "jax-js":
      return javascript("jaxjs.mjs");
    case "torch":
      return { command: [python, join(folder, "peers/torch_peer.py")] };
    case "torch-compile":
      // Every first step compiles, as if it were the first on the machine.
      return { command: [python, join(folder, "peers/torch_peer.py")], env: { TORCHINDUCTOR_FORCE_DISABLE_CACHES: "1" } };
    case "keras-tensorflow":
      return { command: [python, join(folder, "peers/keras_peer.py")], env: { KERAS_BACKEND: "tensorflow" } };
    case "keras-jax":
      return { command: [python, join(folder, "peers/keras_peer.py")], env: { KERAS_BACKEND: "jax" } };
  }
}
