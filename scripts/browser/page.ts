import type { EngineOptions } from "nacre";
import { resumeFromBackup } from "./backup.js";
import { trainBlock } from "./block.js";
import { type DigitsResult, type DigitsTask, trainDigits } from "./digits.js";
import { readMissing, recallModel, storeModel } from "./store.js";

/** What a page can be asked to do. */
export interface PageTasks {
  trainHere(task: DigitsTask): Promise<Responsive<DigitsResult>>;
  trainInWorker(task: DigitsTask): Promise<Responsive<DigitsResult>>;
  storeModel: typeof storeModel;
  recallModel: typeof recallModel;
  readMissing: typeof readMissing;
  resumeFromBackup: typeof resumeFromBackup;
  trainBlock: typeof trainBlock;
  /** The same on the GPU, with what of each program runs where. */
  trainOnGpu(task: Omit<DigitsTask, "engine">): Promise<DigitsResult & { readonly placements: readonly Placement[] }>;
}

type Placement = Parameters<NonNullable<EngineOptions["onPlacement"]>>[0];

/** A result, and how long the page's timers had to wait for their turn meanwhile. */
export type Responsive<T> = T & { readonly ticks: number; readonly medianDelayMs: number };

const TIMER_MS = 10;

async function watched<T extends object>(work: Promise<T>): Promise<Responsive<T>> {
  const delays: number[] = [];
  let due = performance.now() + TIMER_MS;
  const timer = setInterval(() => {
    delays.push(Math.max(0, performance.now() - due));
    due = performance.now() + TIMER_MS;
  }, TIMER_MS);
  const result = await work;
  clearInterval(timer);
  delays.sort((a, b) => a - b);
  return { ...result, ticks: delays.length, medianDelayMs: delays[Math.floor(delays.length / 2)] ?? Infinity };
}

function inWorker(task: DigitsTask): Promise<DigitsResult> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const answer = new Promise<DigitsResult>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ result: DigitsResult } | { error: string }>) => {
      if ("result" in data) resolve(data.result);
      else reject(new Error(data.error));
    };
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.postMessage(task);
  return answer.finally(() => worker.terminate());
}

async function trainOnGpu(task: Omit<DigitsTask, "engine">): ReturnType<PageTasks["trainOnGpu"]> {
  const placements: Placement[] = [];
  const onPlacement = (placement: Placement): unknown => placements.push(placement);
  return { ...(await trainDigits({ ...task, engine: { kind: "webgpu", onPlacement } })), placements };
}

const tasks: PageTasks = {
  trainHere: (task) => watched(trainDigits(task)),
  trainInWorker: (task) => watched(inWorker(task)),
  storeModel,
  recallModel,
  readMissing,
  resumeFromBackup,
  trainBlock,
  trainOnGpu,
};
Object.assign(globalThis, { tasks });
