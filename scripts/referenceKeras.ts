import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as nacre from "nacre";
import * as audio from "nacre/audio";
import * as data from "nacre/data";
import * as image from "nacre/image";
import * as text from "nacre/text";
import * as zoo from "nacre/zoo";
import { type Differences, differencesOf, LEFT_OUT, type Parameter } from "./docs/kerasDifferences.js";

/** The parameters of each public name, by module. */
type Signatures = Readonly<Record<string, Readonly<Record<string, readonly Parameter[]>>>>;

/** What Keras has, as scripts/fixtures/keras_names.py found it. */
const keras = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/kerasNames.json"), "utf8")) as Signatures & { readonly keras: string };

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

const NO_LAYER = "not a layer: it turns text into arrays before a model sees them";
const UNTRAINED = "untrained";

/** What differs beside options and defaults, by section and name of ours. The tests refuse a name that is not there. */
export const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  layers: {
    integerLookup: NO_LAYER,
    stringLookup: NO_LAYER,
    textVectorization: NO_LAYER,
    input: "`layers.input(shape, { dtype, name })` is Keras's `Input`; the batch axis is not part of the shape",
    lambda: "files hold only the name of a function given to `registerLambda`; shapes follow from the function",
  },
  losses: { defineLoss: "a definition with `call`, one value per sample, instead of a subclass" },
  metrics: { defineMetric: "a definition with sums per batch instead of a subclass" },
  optimizers: { defineOptimizer: "a definition with an update rule instead of a subclass" },
  schedules: { defineSchedule: "a definition instead of a subclass" },
  callbacks: {
    backupAndRestore: "`path` is one file instead of a folder",
    csvLogger: "`path` is Keras's `filename`; a training that is resumed goes on with its rows whatever `append` says",
    lambda: "`onBatchEnd` is Keras's `on_train_batch_end`",
    learningRateScheduler: "takes the function itself: `(epoch, rate) => rate`",
    modelCheckpoint: "`path` is Keras's `filepath`",
    progress: "what `verbose` of `fit` makes",
    terminateOnNaN: "no options; a step whose loss is not finite is an error of its own and leaves the weights as they were",
  },
  regularizers: { defineRegularizer: "a definition instead of a subclass" },
  constraints: { defineConstraint: "a definition instead of a subclass" },
  applications: {
    mobileNetV2: UNTRAINED,
    resNet50: UNTRAINED,
    vgg16: UNTRAINED,
    xception: UNTRAINED,
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

Written by \`npx vitest run scripts/reference -u\` from the exports and from the signatures of Keras ${keras.keras}; a test fails when it is stale.

Options have Keras's names in camelCase, in one object, and so have values that are words (\`"channelsLast"\`). A dash under Keras means that Keras has no such name.
The last column is found by calling both: options that are not here, options that Keras has not, defaults that differ. An empty one means that there are none. The conformance cases compare the numbers.

What holds for all is not repeated: \`dataFormat\` is \`"channelsLast"\` unless it is given, as there is no global setting; optimizers take \`excludeFromWeightDecay\` as an option, where Keras has a method. Left out everywhere are ${leftOut()}.
Keras's functions that repeat a class (\`keras.losses.mean_squared_error\`) are not listed. What Keras has in \`utils\` is a method of models here: \`plot_model\` is \`model.plot(path)\`, or \`model.toSvg()\` for the picture as text.
`;

function leftOut(): string {
  const reasons = [...new Set(Object.values(LEFT_OUT))];
  const named = (reason: string): string[] => Object.keys(LEFT_OUT).filter((name) => LEFT_OUT[name] === reason);
  return reasons.map((reason) => `${named(reason).map((name) => `\`${name}\``).join(", ")} (${reason})`).join(", ");
}

/** A public function of ours with the module it is in. */
export interface Entry {
  readonly module: string;
  readonly name: string;
  /** Keras's name, where it has one. */
  readonly keras: string | undefined;
  /** How its options differ from Keras's; undefined where that is not known. */
  readonly differences: Differences | undefined;
}

const found = new Map<Section, readonly Entry[]>();

/** The rows of a section, by name. */
export function entriesOf(section: Section): readonly Entry[] {
  if (!found.has(section)) found.set(section, compare(section));
  return found.get(section)!;
}

function compare(section: Section): Entry[] {
  const theirs = new Map(namesOf(section.keras).map((name) => [plain(name), name]));
  return Object.entries(section.ours).flatMap(([module, exports]) =>
    Object.entries(exports)
      .filter(([name, value]) => typeof value === "function" && !REGISTRY.has(name))
      .map(([name, value]) => {
        const same = ALIASES[section.keras]?.[name] ?? theirs.get(plain(name));
        const parameters = same === undefined ? undefined : keras[section.keras]![same];
        const differences = parameters && differencesOf(value as (options: object) => unknown, parameters);
        return { module, name, keras: same, differences };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** Keras's names of a section that nothing of ours stands beside. */
export function missingOf(section: Section): string[] {
  const here = new Set(entriesOf(section).map((entry) => entry.keras));
  return namesOf(section.keras).filter((name) => !here.has(name));
}

function namesOf(section: string): readonly string[] {
  return Object.keys(keras[section] ?? {});
}

function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

function inWords(differences: Differences | undefined): string[] {
  const list = (word: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${word} ${names.map((name) => `\`${name}\``).join(", ")}`];
  return differences === undefined ? [] : [...list("no", differences.missing), ...list("also", differences.extra), ...differences.defaults];
}

function sectionText(section: Section): string {
  const title = section.keras;
  const rows = entriesOf(section).map(({ module, name, keras: theirs, differences }) => {
    const ours = module.startsWith("nacre/") ? `\`${name}\` of \`${module}\`` : `\`${module}.${name}\``;
    return `| ${ours} | ${theirs === undefined ? "–" : `\`${theirs}\``} | ${[DIFFERENCES[title]?.[name] ?? [], inWords(differences)].flat().join("; ")} |\n`;
  });
  const missing = missingOf(section).map((name) => {
    const instead = INSTEAD[title]?.[name] ?? "";
    return instead === "" ? `\`${name}\`` : `\`${name}\` (${instead})`;
  });
  const notHere = missing.length === 0 ? "" : `\nNot here: ${missing.join(", ")}.\n`;
  return `## ${title}\n\n| Nacre | Keras | what differs |\n|---|---|---|\n${rows.join("")}${notHere}`;
}
