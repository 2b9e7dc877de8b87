import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as nacre from "nacre";
import * as audio from "nacre/audio";
import * as data from "nacre/data";
import * as image from "nacre/image";
import * as text from "nacre/text";
import * as zoo from "nacre/zoo";

type Names = Readonly<Record<string, string | readonly string[]>>;

/** What Keras has, as its own module listings say it; functions that only repeat a class are left out. */
const keras = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/kerasNames.json"), "utf8")) as Names;

/** A section: a namespace of Keras beside the modules of ours that hold the same. */
interface Section {
  readonly keras: string;
  readonly ours: Readonly<Record<string, object>>;
}

export const SECTIONS: readonly Section[] = [
  { keras: "layers", ours: { layers: nacre.layers, "nacre/image": image, "nacre/audio": audio, "nacre/text": text } },
  { keras: "losses", ours: { losses: nacre.losses } },
  { keras: "metrics", ours: { metrics: nacre.metrics } },
  { keras: "optimizers", ours: { optimizers: nacre.optimizers } },
  { keras: "schedules", ours: { schedules: nacre.schedules } },
  { keras: "callbacks", ours: { callbacks: nacre.callbacks } },
  { keras: "initializers", ours: { initializers: nacre.initializers } },
  { keras: "regularizers", ours: { regularizers: nacre.regularizers } },
  { keras: "constraints", ours: { constraints: nacre.constraints } },
  { keras: "activations", ours: { activations: nacre.activations } },
  { keras: "applications", ours: { "nacre/zoo": zoo } },
  { keras: "data", ours: { "nacre/data": data } },
];

/** Names that differ by more than their spelling, by section. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  layers: { input: "InputLayer" },
  losses: { defineLoss: "Loss" },
  metrics: { defineMetric: "Metric" },
  optimizers: { defineOptimizer: "Optimizer" },
  schedules: { defineSchedule: "LearningRateSchedule" },
  callbacks: { lambda: "LambdaCallback", progress: "ProgbarLogger" },
  regularizers: { defineRegularizer: "Regularizer", orthogonal: "OrthogonalRegularizer" },
  constraints: { defineConstraint: "Constraint" },
};

/** What differs, by section and name of ours. The tests refuse a name that is not there. */
export const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  layers: {
    input: "`layers.input(shape)` is Keras's `Input`: shape first, no batch axis",
    lambda: "files hold only the name of a function given to `registerLambda`",
  },
  losses: { defineLoss: "a definition with `call`, one value per sample, instead of a subclass" },
  metrics: { defineMetric: "a definition with sums per batch instead of a subclass" },
  optimizers: { defineOptimizer: "a definition with an update rule instead of a subclass" },
  schedules: { defineSchedule: "a definition instead of a subclass" },
  applications: {
    mobileNetV2: "untrained; no pretrained weights",
    resNet50: "untrained; no pretrained weights",
    vgg16: "untrained; no pretrained weights",
    xception: "untrained; no pretrained weights",
  },
};

/** What serves instead of a name that is not here, by section. */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  layers: { Layer: "`defineLayer`", FlaxLayer: "", TFSMLayer: "", TorchModuleWrapper: "`importOnnx`" },
  callbacks: { Callback: "an object of type `Callback`", History: "what `fit` returns" },
};

/** What each registry offers beside its kinds. */
const REGISTRY = new Set(["accuracyFor", "deserialize", "get", "getFor", "has", "names", "register", "serialize"]);

/** docs/reference/keras.md: every public name beside Keras's. */
export function kerasReference(): string {
  return `${HEAD}\n${SECTIONS.map(sectionText).join("\n")}`;
}

const HEAD = `# Names beside Keras's

Written by \`npx vitest run scripts/reference -u\` from the exports and the names of Keras ${String(keras["keras"])}; a test fails when it is stale.

Options have Keras's names in camelCase, in one object. A dash under Keras means that Keras has no such name.
An empty last column means that no difference is recorded here, not that every option was compared; the conformance
cases compare numbers. Keras's functions that repeat a class (\`keras.losses.mean_squared_error\`) are not listed.
`;

/** A public function of ours with the module it is in. */
export interface Entry {
  readonly module: string;
  readonly name: string;
  /** Keras's name, where it has one. */
  readonly keras: string | undefined;
}

/** The rows of a section, by name. */
export function entriesOf(section: Section): Entry[] {
  const theirs = new Map(namesOf(section.keras).map((name) => [plain(name), name]));
  return Object.entries(section.ours).flatMap(([module, exports]) =>
    Object.entries(exports)
      .filter(([name, value]) => typeof value === "function" && !REGISTRY.has(name))
      .map(([name]) => ({ module, name, keras: ALIASES[section.keras]?.[name] ?? theirs.get(plain(name)) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** Keras's names of a section that nothing of ours stands beside. */
export function missingOf(section: Section): string[] {
  const found = new Set(entriesOf(section).map((entry) => entry.keras));
  return namesOf(section.keras).filter((name) => !found.has(name));
}

function namesOf(section: string): readonly string[] {
  return (keras[section] ?? []) as readonly string[];
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function sectionText(section: Section): string {
  const title = section.keras;
  const rows = entriesOf(section).map(({ module, name, keras: theirs }) => {
    const ours = module.startsWith("nacre/") ? `\`${name}\` of \`${module}\`` : `\`${module}.${name}\``;
    return `| ${ours} | ${theirs === undefined ? "–" : `\`${theirs}\``} | ${DIFFERENCES[title]?.[name] ?? ""} |\n`;
  });
  const missing = missingOf(section).map((name) => {
    const instead = INSTEAD[title]?.[name] ?? "";
    return instead === "" ? `\`${name}\`` : `\`${name}\` (${instead})`;
  });
  const notHere = missing.length === 0 ? "" : `\nNot here: ${missing.join(", ")}.\n`;
  return `## ${title}\n\n| Nacre | Keras | what differs |\n|---|---|---|\n${rows.join("")}${notHere}`;
}
