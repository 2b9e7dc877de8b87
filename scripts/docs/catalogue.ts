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

/** The folder under src of each namespace of `nacre`. */
const NAMESPACES: Readonly<Record<string, string>> = {
  activations: "activations/",
  callbacks: "train/callbacks/",
  constraints: "constraints/",
  initializers: "initializers/",
  layers: "layers/",
  losses: "losses/",
  metrics: "metrics/",
  ops: "ops/",
  optimizers: "optimizers/",
  random: "random/",
  regularizers: "regularizers/",
  schedules: "schedules/",
};

/** What all registries offer: the reference names them together. */
export const REGISTRY: readonly string[] = ["accuracyFor", "deserialize", "get", "getFor", "has", "names", "register", "serialize"];

/** A public function or class. */
export interface Public {
  /** What users write before its name: a package, or a namespace of `nacre`. */
  readonly home: string;
  readonly name: string;
  readonly value: object;
  /** Folder under src where it is declared; empty where it may be anywhere. */
  readonly room: string;
}

/** The namespaces of `nacre`, such as `layers`, that are known here; the tests ask for all. */
export const namespaces: readonly string[] = Object.keys(NAMESPACES);

/** All public functions and classes. */
export const catalogue: readonly Public[] = [
  ...PACKAGES.flatMap(({ name: home, room, values }) => functionsOf(values).map(([name, value]) => ({ home, name, value, room, tags: ["example"] }))),
  ...Object.entries(NAMESPACES).flatMap(([home, room]) =>
    functionsOf((nacre as Readonly<Record<string, object>>)[home]!).map(([name, value]) => ({ home, name, value, room })),
  ),
];

function functionsOf(module: object): [name: string, value: object][] {
  return Object.entries(module).filter(([, value]) => typeof value === "function") as [string, object][];
}
