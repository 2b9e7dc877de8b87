import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

test("links between pages lead to files", () => {
  const below = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((path) => join("docs", path));
  const pages = ["README.md", ...below.filter((path) => path.endsWith(".md"))];
  const links = pages.flatMap((page) => [...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link]) => [page, link!] as const));
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter(([page, link]) => !existsSync(join(ROOT, page, "..", link)))).toEqual([]);
});
