import * as nacre from "nacre";
import * as audio from "nacre/audio";
import * as data from "nacre/data";
import * as evaluate from "nacre/evaluate";
import * as image from "nacre/image";
import * as ship from "nacre/ship";
import * as text from "nacre/text";
import * as zoo from "nacre/zoo";

/** What users import, the folder under src where it is made, and the file that says so. */
export const PACKAGES = [
  { name: "nacre", room: "", index: "index.ts", values: nacre },
  { name: "nacre/audio", room: "audio/", index: "audio/index.ts", values: audio },
  { name: "nacre/data", room: "data/", index: "data/index.ts", values: data },
  { name: "nacre/evaluate", room: "evaluate/", index: "evaluate/index.ts", values: evaluate },
  { name: "nacre/image", room: "image/", index: "image/index.ts", values: image },
  { name: "nacre/ship", room: "models/", index: "models/ship/index.ts", values: ship },
  { name: "nacre/text", room: "text/", index: "text/index.ts", values: text },
  { name: "nacre/zoo", room: "models/zoo/", index: "models/zoo/index.ts", values: zoo },
] as const;

/** What a namespace's functions must show beside a sentence: an example, or at least their shapes. */
const NAMESPACES: Readonly<Record<string, { readonly room: string; readonly tags: readonly string[] }>> = {
  activations: { room: "activations", tags: ["example"] },
  callbacks: { room: "train/callbacks", tags: ["example"] },
  constraints: { room: "constraints", tags: ["example"] },
  initializers: { room: "initializers", tags: ["example"] },
  layers: { room: "layers", tags: ["example"] },
  losses: { room: "losses", tags: ["example"] },
  metrics: { room: "metrics", tags: ["example"] },
  ops: { room: "ops", tags: ["example"] },
  optimizers: { room: "optimizers", tags: ["example"] },
  random: { room: "random", tags: ["example"] },
  regularizers: { room: "regularizers", tags: ["example"] },
  schedules: { room: "schedules", tags: ["example"] },
};

/** What all registries offer; their sentence is enough. */
export const REGISTRY: readonly string[] = ["accuracyFor", "deserialize", "get", "getFor", "has", "names", "register", "serialize"];

/** A public function or class. */
export interface Public {
  /** What users write before its name: a package, or a namespace of `nacre`. */
  readonly home: string;
  readonly name: string;
  readonly value: object;
  /** Folder under src where it is declared; empty where it may be anywhere. */
  readonly room: string;
  /** One of these tags is needed; none where the list is empty. */
  readonly tags: readonly string[];
}

/** The namespaces of `nacre`, such as `layers`, that are known here; the tests ask for all. */
export const namespaces: readonly string[] = Object.keys(NAMESPACES);

/** All public functions and classes. */
export const catalogue: readonly Public[] = [
  ...PACKAGES.flatMap(({ name: home, room, values }) => functionsOf(values).map(([name, value]) => ({ home, name, value, room, tags: ["example"] }))),
  ...Object.entries(NAMESPACES).flatMap(([home, { room, tags }]) =>
    functionsOf((nacre as Readonly<Record<string, object>>)[home]!).map(([name, value]) => ({
      home,
      name,
      value,
      room: `${room}/`,
      tags: REGISTRY.includes(name) ? [] : tags,
    })),
  ),
];

function functionsOf(module: object): [name: string, value: object][] {
  return Object.entries(module).filter(([, value]) => typeof value === "function") as [string, object][];
}
