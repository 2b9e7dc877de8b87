import { offerEngines } from "./engine/choice.js";

export * from "./index.js";

// The engine is loaded when the first program runs: importing the package stays cheap.
offerEngines(
  async (options) => (await import("./engine/node.js")).createNodeEngine(options),
  async (options) => (await import("./engine/profiler.js")).createProfiler(options),
);
