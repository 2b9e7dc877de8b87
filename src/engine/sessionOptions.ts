/** How an engine in Node uses the machine. */
export interface NodeOptions {
  readonly threads: number;
  readonly spinUs: number;
  /** Where to write how long things take. */
  readonly profile?: ProfileSink | undefined;
}

/** What writes down how long the parts of programs take. */
export interface ProfileSink {
  /** How the files begin into which each session writes, when it closes, how long its nodes took. */
  readonly prefix: string;
  /** Called after each kernel, with the number of its session's run. */
  readonly onKernel: (time: KernelTime) => void;
}

/** How long a kernel took after a session's run. */
export interface KernelTime {
  /** Counted from 0. */
  readonly run: number;
  readonly scope: string;
  readonly ms: number;
}

/**
 * ONNX Runtime's own optimisations: training programs ran as fast with `basic` as with `all`, and
 * their sessions opened four times faster.
 */
export const GRAPH_LEVEL = { name: "basic", number: 1 } as const;

/** Frozen programs are opened once and run often; only here convolutions get ONNX Runtime's own layout. */
export const FROZEN_LEVEL = { name: "all", number: 99 } as const;

/** Nothing below fatal is logged: errors come back, and the console belongs to the user. */
export const LOG_FATAL = 4;

/** How long idle threads wait actively, as ONNX Runtime's settings say it. */
export function spinning(spinUs: number): Readonly<Record<string, string>> {
  return spinUs === 0 ? { allow_spinning: "0" } : { allow_spinning: "1", spin_duration_us: String(spinUs) };
}
