import type { EngineCompiler } from "./compile.js";

/** One event of ONNX Runtime's profile, in the format of Chrome's traces: times in microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Compiles programs whose runs are written down. */
export interface Profiler {
  readonly compiler: EngineCompiler;
  /** Ends all that it made, and gives the events of the program that ran. */
  finish(): Promise<readonly ProfileEvent[]>;
}
