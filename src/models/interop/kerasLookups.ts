import { NacreError } from "../../error.js";
import type { Hdf5Dataset } from "../../files/hdf5/dataset.js";
import { type Hasher, hashing, integerLookup, stringLookup, textVectorization, type TextVectorizer, type TokenLookup } from "../../text/index.js";
import { Field } from "../fields.js";
import { camelCase, fromKeras, isKerasObject, type KerasObject } from "./kerasConfig.js";
import { numberedName } from "./kerasGroups.js";

/** What a model of Keras does to texts or tokens at its inputs. */
export type KerasLookup = TextVectorizer | TokenLookup<string> | TokenLookup<number> | Hasher;

/** Told of each lookup, by the name of the input that it is for. */
export type OnLookup = (input: string, lookup: KerasLookup) => void;

/** What a file holds of its lookups beside their options. */
export interface LookupFiles {
  readonly assets: ReadonlyMap<string, Uint8Array>;
  readonly arrays: ReadonlyMap<string, Hdf5Dataset>;
}

const CLASSES = ["TextVectorization", "StringLookup", "IntegerLookup", "Hashing"];

/** Options that say nothing here: what they could say otherwise is refused before. */
const PASSED_OVER = new Set(["name", "trainable", "sparse", "ragged", "invert", "encoding", "vocabularySize", "vocabularyDtype"]);

interface Found {
  readonly lookup: KerasLookup;
  /** Of a batch that the lookup gives. */
  readonly shape: readonly (number | null)[];
  readonly dtype: "int32" | "float32";
}

/**
 * The configuration of a model without the lookups behind its inputs, whose inputs are what those
 * give: tensors hold no words, so lookups work before the model.
 *
 * @throws UNSUPPORTED when nobody wants to know of them, or one stands elsewhere
 */
export function withoutLookups(config: KerasObject, files: LookupFiles, onLookup: OnLookup | undefined): KerasObject {
  const copy = structuredClone(config) as { class_name: string; config: { layers: LayerEntry[] } };
  const layers = new Field(copy.config, "config.json").at("layers").list((item) => item.record() as unknown as LayerEntry);
  const counts = new Map<string, number>();
  for (const layer of layers) {
    if (!isKerasObject(layer)) continue;
    const folder = numberedName(layer.class_name, counts);
    if (!CLASSES.includes(layer.class_name)) continue;
    if (onLookup === undefined) throw refused(layer, "numbers at its inputs", "words or tokens", "load(path, { onLookup: (input, lookup) => … }) gives the lookup, and the model that begins behind it");
    const source = copy.class_name === "Sequential" ? layers[0]! : inputOf(layer, layers);
    if (source.class_name !== "InputLayer" || (copy.class_name === "Sequential" && layers[1] !== layer)) throw notAtInput(layer);
    const { shape, dtype, lookup } = read(layer, folder, (source.config as { batch_shape?: unknown }).batch_shape, files);
    Object.assign(source.config as object, { batch_shape: shape, dtype });
    if (copy.class_name !== "Sequential") redirect(layers, nameOf(layer), nameOf(source));
    onLookup(nameOf(source), lookup);
  }
  copy.config.layers = layers.filter((layer) => !CLASSES.includes(layer.class_name));
  return copy;
}

/** Whether a model has such layers of its own. */
export function hasLookups({ config }: KerasObject): boolean {
  const { layers } = (config ?? {}) as { readonly layers?: unknown };
  return Array.isArray(layers) && layers.some((layer) => isKerasObject(layer) && CLASSES.includes(layer.class_name));
}

interface LayerEntry extends KerasObject {
  readonly name?: string;
  readonly inbound_nodes?: unknown;
}

function read(layer: LayerEntry, folder: string, input: unknown, files: LookupFiles): Found {
  const { config } = fromKeras(layer, { keepName: true });
  for (const [option, fine] of [["sparse", false], ["ragged", false], ["invert", false], ["encoding", "utf-8"]] as const) {
    if ((config[option] ?? fine) !== fine) throw refused(layer, `${option} ${JSON.stringify(fine)}`, `${option} ${JSON.stringify(config[option])}`);
  }
  const options: Record<string, unknown> = Object.fromEntries(Object.entries(config).filter(([option]) => !PASSED_OVER.has(option)));
  for (const option of ["standardize", "split"]) {
    const value = (layer.config as Readonly<Record<string, unknown>>)[option];
    if (typeof value === "object" && value !== null) throw refused(layer, "what plain data describe", `a function of one's own as ${option}`);
    if (typeof value === "string") options[option] = camelCase(value);
  }
  if (layer.class_name !== "Hashing") learned(layer, folder, options, files);
  const lookup = make(layer.class_name, options);
  const mode = options["outputMode"] ?? "int";
  const rows = Array.isArray(input) ? (input as (number | null)[]) : [null];
  if (mode === "int") {
    const length = options["outputSequenceLength"] as number | null | undefined;
    return { lookup, shape: layer.class_name === "TextVectorization" ? [null, length ?? null] : rows, dtype: "int32" };
  }
  const width = "getVocabulary" in lookup ? (options["padToMaxTokens"] === true ? (options["maxTokens"] as number) : lookup.getVocabulary().length) : (options["numBins"] as number);
  const several = mode === "oneHot" && rows.length === 2 && rows[1] !== 1;
  return { lookup, shape: several ? [null, rows[1]!, width] : [null, width], dtype: "float32" };
}

/** Adds the vocabulary and its weights, which lie beside the configuration where Keras learned them. */
function learned(layer: LayerEntry, folder: string, options: Record<string, unknown>, { assets, arrays }: LookupFiles): void {
  if (Array.isArray(options["vocabulary"])) return;
  const file = assets.get(`assets/layers/${folder}/vocabulary.txt`);
  if (file === undefined) throw refused(layer, "a vocabulary", "a file without one", "adapt the layer in Keras before saving the model");
  const lines = new TextDecoder().decode(file).split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  options["vocabulary"] = layer.class_name === "IntegerLookup" ? lines.map(Number) : lines;
  if (options["outputMode"] !== "tfIdf") return;
  const stored = arrays.get(`layers/${folder}/vars/idf_weights`) ?? arrays.get(`layers/${folder}/_lookup_layer/vars/idf_weights`);
  if (stored === undefined) throw refused(layer, "weights of its words", "a file without any");
  // Those of the places for unknown words come first, and zeros up to maxTokens last.
  options["idfWeights"] = Array.from(stored.data.slice(Number(options["numOovIndices"] ?? 1), lines.length));
}

function make(className: string, options: Record<string, unknown>): KerasLookup {
  if (className === "TextVectorization") return textVectorization(options);
  if (className === "Hashing") return hashing(options as unknown as Parameters<typeof hashing>[0]);
  return className === "StringLookup" ? stringLookup(options) : integerLookup(options);
}

/** The input that a lookup takes, where it alone takes it and is called once. */
function inputOf(layer: LayerEntry, layers: readonly LayerEntry[]): LayerEntry {
  const calls = layer.inbound_nodes;
  const sources = placesIn(calls).map(([name]) => name);
  const source = layers.find((other) => nameOf(other) === sources[0]);
  const users = layers.filter((other) => placesIn(other.inbound_nodes).some(([name]) => name === sources[0]));
  if (!Array.isArray(calls) || calls.length !== 1 || sources.length !== 1 || source === undefined || users.length !== 1) throw notAtInput(layer);
  return source;
}

/** Lets what took one layer's output take another's. */
function redirect(layers: readonly LayerEntry[], from: string, to: string): void {
  for (const { inbound_nodes: nodes } of layers) for (const place of placesIn(nodes)) if (place[0] === from) place[0] = to;
}

type Place = [name: unknown, ...rest: unknown[]];

/** Where the tensors in the arguments of calls come from. */
function placesIn(value: unknown): Place[] {
  if (Array.isArray(value)) return value.flatMap(placesIn);
  if (typeof value !== "object" || value === null) return [];
  const { keras_history: history } = value as { readonly keras_history?: unknown };
  return Array.isArray(history) ? [history as Place] : Object.values(value).flatMap(placesIn);
}

function nameOf({ config, name }: LayerEntry): string {
  const own = (config as { readonly name?: unknown } | null)?.name ?? name;
  return typeof own === "string" ? own : "";
}

function notAtInput(layer: LayerEntry): NacreError {
  return refused(layer, "one right behind an input that is its alone", "one elsewhere", "call it on a keras.Input of its own");
}

function refused(layer: LayerEntry, expected: string, received: string, fix = "replace the layer in Keras, and save the model again"): NacreError {
  return new NacreError({ code: "UNSUPPORTED", where: `Keras layer "${nameOf(layer)}" of class ${layer.class_name}`, expected, received, fix });
}
