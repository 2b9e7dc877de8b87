import { installEngine } from "./engine/compile.js";
import type { Engine } from "./engine/engine.js";

export * from "./index.js";

let engine: Promise<Engine> | undefined;

// The engine is loaded when the first program runs: importing the package stays cheap.
installEngine(() => (engine ??= import("./engine/node.js").then(({ createNodeEngine }) => createNodeEngine())));
