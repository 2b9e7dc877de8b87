import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trainBlock } from "./browser/block.js";
import { bundlePages } from "./browser/bundle.js";
import { SOFTWARE_GPU, findChromium, startChromium } from "./browser/chromium.mjs";
import { type DigitsResult, trainDigits } from "./browser/digits.js";
import type { PageTasks } from "./browser/page.js";
import { serveFolder } from "./browser/serve.js";

const ROOT = join(import.meta.dirname, "..");
const EPOCHS = 2;
const csvText = readFileSync(join(ROOT, "examples/data/digits.csv"), "utf8");

const executable = findChromium();
if (executable === undefined) {
  console.warn("No Chromium on this machine: what runs in a browser is not tested. Fix: apt-get install chromium-headless-shell");
}

declare const tasks: PageTasks;

describe.skipIf(executable === undefined)("in a browser", { timeout: 120_000 }, () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof serveFolder>>;
  let browser: Browser;
  let native: DigitsResult;

  beforeAll(async () => {
    mkdirSync(join(ROOT, "out"), { recursive: true });
    folder = mkdtempSync(join(ROOT, "out/browser-"));
    server = await serveFolder(await bundlePages(join(import.meta.dirname, "browser"), folder));
    browser = await startChromium(executable!);
    native = await trainDigits({ csvText, epochs: EPOCHS, engine: { threads: 2 } });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function open(path = "/index.html", where = browser): Promise<Page> {
    const page = await where.newPage();
    await page.goto(server.url + path);
    await page.waitForFunction(() => "tasks" in globalThis);
    return page;
  }

  /** The same network, to the rounding of another order of sums, which ten steps hardly amplify. */
  function expectSameLosses({ losses }: DigitsResult, tolerance: number): void {
    expect(losses.length).toBeGreaterThan(2);
    losses.forEach((loss, i) => expect(Math.abs(loss / native.losses[i]! - 1)).toBeLessThan(tolerance));
  }

  test.each([1, 2])("a worker trains with %i threads while the page goes on", async (threads) => {
    const page = await open();
    const result = await page.evaluate((task) => tasks.trainInWorker(task), { csvText, epochs: EPOCHS, engine: { threads } });
    expectSameLosses(result, 1e-4);
    expect(result.accuracy).toBeGreaterThan(native.accuracy! - 0.02);
    expect(result.crossOriginIsolated).toBe(true);
    // Half of the page's timers are on time to a frame, though the machine may be busy.
    expect(result.ticks).toBeGreaterThan(50);
    expect(result.medianDelayMs).toBeLessThan(16);
    await page.close();
  });

  test("a page that is not cross-origin isolated trains in its own thread, with timers between steps", async () => {
    const page = await open("/plain/index.html");
    const result = await page.evaluate((task) => tasks.trainHere(task), { csvText, epochs: 1, maxSteps: 40, engine: { threads: 1 } });
    expectSameLosses(result, 1e-4);
    expect(result.crossOriginIsolated).toBe(false);
    // Without turns between steps no timer would fire until the end.
    expect(result.ticks).toBeGreaterThan(20);
    expect(result.medianDelayMs).toBeLessThan(3 * result.msPerStep);
    await page.close();
  });

  test("several threads need cross-origin isolation, and the error says how", async () => {
    const page = await open("/plain/index.html");
    const training = page.evaluate((task) => tasks.trainHere(task), { csvText, epochs: 1, engine: { threads: 2 } });
    await expect(training).rejects.toThrow(/Cross-Origin-Embedder-Policy/);
    await page.close();
  });

  test("what a page saved, exported or downloaded is there after a reload, and predicts the same", async () => {
    const page = await open();
    const downloading = page.waitForEvent("download");
    const { predictions, bytes } = await page.evaluate(() => tasks.storeModel());
    expect(predictions).toHaveLength(20);
    const file = await (await downloading).path();
    expect([...readFileSync(file)]).toEqual(bytes);
    await page.reload();
    await page.waitForFunction(() => "tasks" in globalThis);
    await page.setInputFiles("#file", file);
    const { saved, exported, chosen } = await page.evaluate(() => tasks.recallModel());
    expect(saved).toEqual(predictions);
    expect(chosen).toEqual(predictions);
    // Exported in its plain form, which sums in another order.
    exported.forEach((value, i) => expect(Math.abs(value - predictions[i]!)).toBeLessThan(1e-5));
    await page.close();
  });

  test("a training goes on from its backup in the site's file system, to the bit", async () => {
    const page = await open();
    const { whole, resumed, steps, files, events } = await page.evaluate(() => tasks.resumeFromBackup());
    expect(resumed).toEqual(whole);
    // Four steps an epoch; the last backup before step 7 is of step 6.
    expect(steps).toBe(6);
    // The backup is gone; the event file has grown record by record: its version, and three epochs of some 50 bytes.
    expect(files).toEqual(["train"]);
    expect(events).toBeGreaterThan(150);
    await page.close();
  });

  test("what a page cannot read is refused with the fix", async () => {
    const page = await open();
    const { model, table } = await page.evaluate(() => tasks.readMissing());
    expect(model).toEqual({ code: "FILE_ACCESS", fix: "it does not exist; check the path" });
    expect(table).toMatchObject({ code: "FILE_ACCESS", fix: expect.stringContaining('<input type="file">') });
    await page.close();
  });

  describe("on WebGPU", () => {
    let software: Browser;

    beforeAll(async () => {
      software = await startChromium(executable!, SOFTWARE_GPU);
    });

    afterAll(async () => {
      await software?.close();
    });

    /** A page with WebGPU; the test is skipped where the browser has none. */
    async function openGpu(skip: (reason: string) => void): Promise<Page> {
      const page = await open("/index.html", software);
      if (!(await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter())))) skip("this browser has no WebGPU");
      return page;
    }

    test("trains the digits network as the CPU does, and tells what runs on the CPU", async ({ skip }) => {
      const page = await openGpu(skip);
      const result = await page.evaluate((task) => tasks.trainOnGpu(task), { csvText, epochs: 1, maxSteps: 3 });
      expectSameLosses(result, 1e-3);
      const [training] = result.placements;
      expect(training!.gpuNodes).toBeGreaterThan(5 * training!.cpuNodes);
      // The hash behind dropout.
      expect(training!.cpuOps["BitwiseXor"]).toBeGreaterThan(0);
      await page.close();
    });

    test("trains a transformer block as the CPU does", async ({ skip }) => {
      const page = await openGpu(skip);
      const result = await page.evaluate(() => tasks.trainBlock({ kind: "webgpu" }));
      const expected = await trainBlock({});
      result.losses.forEach((loss, i) => expect(Math.abs(loss / expected.losses[i]! - 1)).toBeLessThan(1e-3));
      expect(result.losses[4]).toBeLessThan(result.losses[0]! / 2);
      expect(result.positive).toEqual(expected.positive);
      expect(result.positive).toContain(1);
      for (const [name, values] of Object.entries(expected.weights)) {
        values.forEach((value, i) => expect(Math.abs(result.weights[name]![i]! - value)).toBeLessThan(1e-3));
      }
      await page.close();
    });

    test("a browser without WebGPU says so", async () => {
      const page = await open();
      await expect(page.evaluate(() => tasks.trainBlock({ kind: "webgpu" }))).rejects.toThrow(/expected a browser with WebGPU/);
      await page.close();
    });
  });
});
