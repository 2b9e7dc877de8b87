import { layers, type Tensor } from "nacre";
import { camelCase, WORDS } from "../../src/models/interop/kerasConfig.js";

/** A parameter of Keras: its name, and its default where it has one. */
export type Parameter = readonly [name: string, fallback?: unknown];

/** What the options of a function of ours are beside the parameters of Keras's. */
export interface Differences {
  /** Options of Keras's that ours has not. */
  readonly missing: readonly string[];
  /** Options of ours that Keras has not. */
  readonly extra: readonly string[];
  /** Defaults that differ, as `option` value, not value. */
  readonly defaults: readonly string[];
  /** Whether ours could be called, so that defaults were compared. */
  readonly built: boolean;
}

type Options = Readonly<Record<string, unknown>>;
type Factory = (options: Options) => unknown;

/** Values for what has no default, here or in Keras. */
const SAMPLES: Options = {
  activation: "relu", axes: 1, axis: -1, boundaries: [1], bounds: [0.1, 0.9], cell: layers.lstmCell({ units: 2 }),
  cells: [layers.lstmCell({ units: 2 })], classId: 0, decayRate: 0.5, decaySteps: 2, dims: [1], equation: "ab,bc->ac", factor: 1,
  filters: 2, firstDecaySteps: 2, function: (x: Tensor) => x, headDim: 2, height: 2, initialLearningRate: 0.1, inputDim: 2, keyDim: 2,
  kernelSize: 2, layer: layers.lstm({ units: 2 }), n: 2, numClasses: 2, numHeads: 2, numKeyValueHeads: 2, numQueryHeads: 2, numTokens: 2, outputDim: 2,
  outputShape: [2], outputSize: 2, poolSize: 2, precision: 0.5, rate: 0.1, recall: 0.5, scale: 2, sensitivity: 0.5, shape: [2],
  specificity: 0.5, stddev: 0.1, targetClassIds: [0], targetShape: [1, 2], units: 2, values: [1, 0.1], width: 2,
  heightFactor: 0.1, widthFactor: 0.1, numBins: 2, maxTokens: 5,
};

/** Options of Keras's that are left out everywhere, and why; the page's head tells of these. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  dtype: "weights are float32",
  flashAttention: "how a layer is computed is not the model's business",
  gptqUnpackedColumnSize: "see `nacre/ship`",
  loraAlpha: "see `model.addLora`",
  loraRank: "see `model.addLora`",
  quantizationConfig: "see `nacre/ship`",
  ragged: "there are no ragged tensors",
  sparse: "there are no sparse tensors",
  unroll: "how a layer is computed is not the model's business",
  useCudnn: "how a layer is computed is not the model's business",
  verbose: "`verbose` of `fit` says what is printed",
};

/** What all have, or what Keras sets for a whole program. */
const COMMON = new Set(["name", "trainable", "dataFormat", "seed", "excludeFromWeightDecay"]);

/**
 * Compares by calling ours: a default of Keras's that is given must lead to the configuration that
 * leaving it out leads to. Undefined where ours takes no options, or does not check them.
 */
export function differencesOf(ours: Factory, keras: readonly Parameter[]): Differences | undefined {
  const theirs = new Map(keras.map(([name, ...fallback]) => [camelCase(name), fallback] as const).filter(([name]) => compared(name)));
  const own = optionsOf(ours)?.filter(compared);
  if (own === undefined) return undefined;
  const samplesFor = (needed: (fallback: readonly unknown[]) => boolean): Options =>
    Object.fromEntries(Object.entries(SAMPLES).filter(([name]) => own.includes(name) && needed(theirs.get(name) ?? [])));
  // Of some options that Keras may leave out together, one is needed.
  const samples = [samplesFor((fallback) => fallback.length === 0), samplesFor(([fallback]) => fallback === undefined || fallback === null)].find(
    (options) => configOf(ours, options) !== undefined,
  ) ?? {};
  const plain = configOf(ours, samples);
  const defaults = [...theirs].flatMap(([name, fallback]) => {
    if (fallback.length === 0 || !own.includes(name) || plain === undefined) return [];
    const value = converted(name, fallback[0]);
    const given = configOf(ours, { ...samples, [name]: value });
    // Keras's None often stands for a value that has a name here.
    return given === plain || (given === undefined && value === null) ? [] : [`\`${name}\` ${shown(plain, name)}, not ${JSON.stringify(value)}`];
  });
  const missing = [...theirs.keys()].filter((name) => !own.includes(name));
  return { missing, extra: own.filter((name) => !theirs.has(name)), defaults, built: plain !== undefined };
}

function compared(name: string): boolean {
  return !COMMON.has(name) && !Object.hasOwn(LEFT_OUT, name);
}

/** The names of a function's options, which it tells to those who misspell one. */
function optionsOf(make: Factory): string[] | undefined {
  try {
    make({ "?": 0 });
  } catch (error) {
    const { expected } = error as { expected?: string };
    return /^one of the options (.*)$/.exec(expected ?? "")?.[1]?.split(", ").filter((name) => name !== "");
  }
  return undefined;
}

/** The configuration, as text; undefined where the options are refused. */
function configOf(make: Factory, options: Options): string | undefined {
  try {
    return JSON.stringify((make(options) as { config?: object }).config);
  } catch {
    return undefined;
  }
}

function converted(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => converted(name, item));
  if (value === null && name === "activation") return "linear";
  if (value === "uniform" && name.endsWith("Initializer")) return "randomUniform";
  return typeof value === "string" && WORDS.has(name) ? camelCase(value) : value;
}

function shown(config: string, name: string): string {
  return JSON.stringify((JSON.parse(config) as Options)[name]);
}
