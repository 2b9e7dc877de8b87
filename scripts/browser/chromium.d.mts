import type { Browser } from "playwright-core";

export const SOFTWARE_GPU: readonly string[];
export function findChromium(): string | undefined;
export function startChromium(executablePath: string, flags?: readonly string[]): Promise<Browser>;
