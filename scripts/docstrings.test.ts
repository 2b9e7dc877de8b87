import { describe, expect, test } from "vitest";
import * as nacre from "nacre";
import * as audio from "nacre/audio";
import * as data from "nacre/data";
import * as evaluate from "nacre/evaluate";
import * as image from "nacre/image";
import * as ship from "nacre/ship";
import * as text from "nacre/text";
import * as zoo from "nacre/zoo";
import { type Docstring, readDocstrings } from "./docs/docstrings.js";

/** What a namespace's functions must show beside a sentence: an example, or at least their shapes. */
const NAMESPACES: Readonly<Record<string, { readonly room: string; readonly tags: readonly string[] }>> = {
  activations: { room: "activations", tags: [] },
  callbacks: { room: "train/callbacks", tags: ["example"] },
  constraints: { room: "constraints", tags: ["example"] },
  initializers: { room: "initializers", tags: [] },
  layers: { room: "layers", tags: ["example"] },
  losses: { room: "losses", tags: ["example"] },
  metrics: { room: "metrics", tags: ["example"] },
  ops: { room: "ops", tags: ["shape", "example"] },
  optimizers: { room: "optimizers", tags: ["example"] },
  random: { room: "random", tags: [] },
  regularizers: { room: "regularizers", tags: ["example"] },
  schedules: { room: "schedules", tags: ["example"] },
};

/** What all registries offer; their sentence is enough. */
const REGISTRY = ["accuracyFor", "deserialize", "get", "getFor", "has", "names", "register", "serialize"];

const docstrings = readDocstrings().filter(({ exported }) => exported);

interface Public {
  readonly title: string;
  readonly name: string;
  /** Folder under src where it is declared; empty where it may be anywhere. */
  readonly room: string;
  /** One of these tags is needed; none where the list is empty. */
  readonly tags: readonly string[];
}

const namespaces: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(nacre).filter(([, value]) => typeof value === "object"),
);

const catalogue: Public[] = [
  ...functionsOf(nacre).map((name) => ({ title: name, name, room: "", tags: [] })),
  ...functionsOf(audio).map((name) => ({ title: `audio ${name}`, name, room: "audio/", tags: ["example"] })),
  ...functionsOf(data).map((name) => ({ title: `data ${name}`, name, room: "data/", tags: [] })),
  ...functionsOf(evaluate).map((name) => ({ title: `evaluate ${name}`, name, room: "evaluate/", tags: [] })),
  ...functionsOf(image).map((name) => ({ title: `image ${name}`, name, room: "image/", tags: ["example"] })),
  ...functionsOf(ship).map((name) => ({ title: `ship ${name}`, name, room: "models/ship/", tags: ["example"] })),
  ...functionsOf(text).map((name) => ({ title: `text ${name}`, name, room: "text/", tags: ["example"] })),
  ...functionsOf(zoo).map((name) => ({ title: `zoo ${name}`, name, room: "models/zoo/", tags: ["example"] })),
  ...Object.entries(NAMESPACES).flatMap(([namespace, { room, tags }]) =>
    functionsOf(namespaces[namespace]!).map((name) => ({
      title: `${namespace}.${name}`,
      name,
      room: `${room}/`,
      tags: REGISTRY.includes(name) ? [] : tags,
    })),
  ),
];

describe("docstrings of public functions and classes", () => {
  test("every namespace is known here", () => {
    expect(Object.keys(namespaces)).toEqual(Object.keys(NAMESPACES));
  });

  test.each(catalogue.map((entry) => [entry.title, entry] as const))("%s", (_, { name, room, tags }) => {
    const found = docstrings.filter(({ file, symbol }) => symbol === name && file.startsWith(room));
    expect(found.some((docstring) => complete(docstring, tags)), problem(found, tags)).toBe(true);
  });
});

function functionsOf(module: object): string[] {
  return Object.entries(module).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
}

function complete({ description, tags }: Docstring, needed: readonly string[]): boolean {
  return /\S.*\.(\s|$)/s.test(description) && (needed.length === 0 || needed.some((tag) => tags.includes(tag)));
}

function problem(found: readonly Docstring[], tags: readonly string[]): string {
  if (found.length === 0) return "it needs a docstring above its declaration";
  const wanted = tags.length === 0 ? "" : ` and @${tags.join(" or @")}`;
  return `its docstring in ${found.map(({ file }) => file).join(", ")} needs a sentence${wanted}`;
}
