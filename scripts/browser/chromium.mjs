import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** Where distributions put Chromium. */
const PATHS = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

const FLAGS = [
  "--no-sandbox",
  // Containers often have little shared memory.
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A browser on this machine; undefined when there is none. */
export function findChromium() {
  return PATHS.find((path) => existsSync(path));
}

/** Starts the browser without a window. */
export function startChromium(executablePath, flags = ["--disable-gpu"]) {
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

/** WebGPU without a GPU, by Chromium's own software renderer: right, and a hundred times slower. */
export const SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
