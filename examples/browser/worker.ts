import { setEngine } from "nacre";
import type { Reply, Request, TaskName, Tasks } from "./protocol.js";
import { Recogniser } from "./recogniser.js";
import { teach } from "./teach.js";

type Perform = { readonly [T in TaskName]: (input: Tasks[T]["takes"], report: (progress: number) => void) => Promise<Tasks[T]["gives"]> };

// The DOM's types know the page only; here `self` is a worker.
const port = self as unknown as { onmessage: unknown; postMessage(message: Reply): void };

// The network is so small that a second thread would only wait.
setEngine({ kind: "wasm", threads: 1 });

let current: Recogniser | undefined;

const perform: Perform = {
  open: async ({ bytes, scans }) => {
    // A file that is refused leaves the network that there is.
    current = await Recogniser.open(bytes, scans);
    return current.names;
  },
  recognise: ({ picture }) => opened().recognise(picture),
  teach: async ({ name, drawings }, report) => {
    current = await teach(opened(), name, drawings, report);
    return current.names;
  },
  save: () => opened().model.toBytes(),
};

port.onmessage = ({ data: { id, task, input } }: MessageEvent<Request>): void => {
  const report = (progress: number): void => port.postMessage({ id, progress });
  const work = perform[task] as (input: unknown, report: unknown) => Promise<Tasks[TaskName]["gives"]>;
  work(input, report).then(
    (result) => port.postMessage({ id, result }),
    (error: unknown) => port.postMessage({ id, error: error instanceof Error ? error.message : String(error) }),
  );
};

function opened(): Recogniser {
  if (current === undefined) throw new Error("No network is open yet.");
  return current;
}
