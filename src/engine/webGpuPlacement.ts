/** Where ONNX Runtime runs the nodes of one program. */
export interface Placement {
  /** How many nodes run on the GPU. */
  readonly gpuNodes: number;
  /** How many have no shader, and run on the CPU with copies to and fro. */
  readonly cpuNodes: number;
  /** ONNX names of the ops that run on the CPU, and how often each occurs; empty when all nodes do. */
  readonly cpuOps: Readonly<Record<string, number>>;
}

const HEADING = /odes?(?:\(s\))? placed on \[(\w+)ExecutionProvider\]\. Number of nodes: (\d+)/;
const NODE = /VerifyEachNodeIsAssignedToAnEp\]\s+(\w+) \(/;

/** What ONNX Runtime logged a session to be placed as; undefined when it logged nothing of it. */
export function placementOf(lines: readonly string[]): Placement | undefined {
  const nodes = { gpu: 0, cpu: 0 };
  const cpuOps: Record<string, number> = {};
  let place: "gpu" | "cpu" | undefined;
  for (const line of lines) {
    const heading = HEADING.exec(line);
    const op = NODE.exec(line)?.[1];
    if (heading !== null) {
      place = heading[1] === "CPU" ? "cpu" : "gpu";
      nodes[place] += Number(heading[2]);
    } else if (op !== undefined && place === "cpu") {
      cpuOps[op] = (cpuOps[op] ?? 0) + 1;
    }
  }
  return place === undefined ? undefined : { gpuNodes: nodes.gpu, cpuNodes: nodes.cpu, cpuOps };
}

/** Takes what ONNX Runtime logs; without it, that goes to the console. */
let listener: ((line: string) => void) | undefined;

/** Does the work in which ONNX Runtime takes hold of the console; from then on its log can be read. */
export async function routeLog<T>(work: () => Promise<T>): Promise<T> {
  const { error } = console;
  console.error = (...words: unknown[]) => {
    if (listener === undefined) error.apply(console, words);
    else listener(words.join(" "));
  };
  try {
    return await work();
  } finally {
    console.error = error;
  }
}

/** Does the work, and keeps what ONNX Runtime logs meanwhile. */
export async function readLog<T>(work: () => Promise<T>): Promise<{ result: T; lines: string[] }> {
  const lines: string[] = [];
  listener = (line) => lines.push(line);
  try {
    return { result: await work(), lines };
  } finally {
    listener = undefined;
  }
}
