import { describe, expect, test } from "vitest";
import { layers, Model, sequential, tensor } from "../index.js";
import "../testing/engine.js";
import { categoryEncoding, hashing, type HashingOptions, integerLookup, stringLookup, textVectorization } from "./index.js";
import fixtures from "./text.fixtures.json" with { type: "json" };

type Options = Record<string, unknown>;

const VALUES: Readonly<Record<string, string>> = {
  multi_hot: "multiHot", one_hot: "oneHot", tf_idf: "tfIdf", lower_and_strip_punctuation: "lowerAndStripPunctuation", strip_punctuation: "stripPunctuation",
};

/** Keras's options by our names. */
function ours(options: Options): Options {
  const entries = Object.entries(options).filter(([name]) => name !== "invert");
  return Object.fromEntries(
    entries.map(([name, value]) => [name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()), VALUES[String(value)] ?? value]),
  );
}

function close(found: unknown, expected: unknown): void {
  const numbers = (value: unknown): number[] => (value as unknown[]).flat(9) as number[];
  expect(numbers(found).length).toBe(numbers(expected).length);
  // Weights are logarithms in float32.
  numbers(found).forEach((value, i) => expect(value).toBeCloseTo(numbers(expected)[i]!, 5));
}

describe("as Keras 3.15 on TensorFlow", () => {
  test.each(fixtures.cases.filter(({ kind }) => kind === "textVectorization").map((each) => [each.name, each] as const))("textVectorization: %s", async (_name, each) => {
    const vectorize = textVectorization(ours(each.options as Options));
    if (!("vocabulary" in each.options)) vectorize.adapt(fixtures.texts);
    expect(vectorize.getVocabulary()).toEqual(each.vocabulary);
    close(await vectorize(each.inputs as string[]).toArray(), each.output);
    const again = textVectorization(JSON.parse(JSON.stringify(vectorize)) as Options);
    close(await again(each.inputs as string[]).toArray(), each.output);
  });

  test.each(fixtures.cases.filter(({ kind }) => kind === "hashing").map((each) => [each.name, each] as const))("hashing: %s", async (_name, each) => {
    const hash = hashing(ours(each.options as Options) as unknown as HashingOptions);
    const rows = each.inputs as unknown as string[][];
    expect(await hash(rows).toArray()).toEqual(each.output);
    expect(await hashing(JSON.parse(JSON.stringify(hash)) as HashingOptions)(rows).toArray()).toEqual(each.output);
  });

  test.each(fixtures.cases.filter(({ kind }) => kind.endsWith("Lookup")).map((each) => [each.kind, each.name, each] as const))("%s: %s", async (kind, _name, each) => {
    const make = (kind === "stringLookup" ? stringLookup : integerLookup) as typeof stringLookup;
    const lookup = make(ours(each.options as Options));
    if (each.adapt) lookup.adapt([each.adapt as string[]]);
    expect(lookup.getVocabulary()).toEqual(each.vocabulary);
    if ("invert" in each.options) {
      expect(lookup.invert(each.inputs as unknown as number[][])).toEqual(each.output);
      return;
    }
    close(await lookup(each.inputs as unknown as string[][]).toArray(), each.output);
  });
});

describe("mistakes", () => {
  test("are answered with the fix", () => {
    expect(() => textVectorization()(["a"])).toThrow(/call adapt with data first/);
    expect(() => stringLookup({ vocabulary: ["a"], numOovIndices: 0 })([["b"]])).toThrow(/numOovIndices: 1/);
    expect(() => stringLookup({ vocabulary: ["a", "a"] })).toThrow(/each token once/);
    expect(() => stringLookup({ vocabulary: ["a", "b"], maxTokens: 2 })).toThrow(/at most 1 tokens/);
    expect(() => textVectorization({ split: "words" as "whitespace" })).toThrow(/whitespace, character/);
    expect(() => textVectorization({ outputMode: "count", outputSequenceLength: 3 })).toThrow(/not int/);
    expect(() => stringLookup({ vocabulary: ["a"], outputMode: "tfIdf" })).toThrow(/idfWeights/);
    expect(() => stringLookup({ numOovIndices: 1.5 })).toThrow(/numOovIndices/);
    expect(() => hashing({ numBins: 0 })).toThrow(/numBins/);
    expect(() => hashing({} as never)).toThrow(/numBins/);
    expect(() => hashing({ numBins: 3, salt: 0.5 })).toThrow(/salt/);
    expect(() => hashing({ numBins: 3 })([[null as never]])).toThrow(/strings and numbers/);
    expect(() => textVectorization({ vocabulary: ["a"] })([5 as never])).toThrow(/strings/);
  });
});

test.each([
  ["oneHot", [3], [[[0, 1, 0], [0, 0, 1], [0, 1, 0]]]],
  ["multiHot", [3], [[0, 1, 1]]],
  ["count", [3], [[0, 2, 1]]],
] as const)("categoryEncoding: %s", async (outputMode, shape, expected) => {
  const model = sequential([layers.input(shape, { dtype: "int32" }), categoryEncoding({ numTokens: 3, outputMode })]);
  expect(await (await model.predict([[1, 2, 1]])).toArray()).toEqual(expected);
});

test("categoryEncoding counts with weights that a call gives, and in no other mode", async () => {
  const [ids, weights] = [layers.input([3], { dtype: "int32", name: "ids" }), layers.input([3], { name: "weights" })];
  const net = new Model({ inputs: [ids, weights], outputs: categoryEncoding({ numTokens: 4, outputMode: "count" })(ids, { countWeights: weights }) });
  // Keras 3.15: each id adds its weight.
  expect(await (await net.predict({ ids: tensor([[0, 2, 2]], { dtype: "int32" }), weights: tensor([[0.5, 2, 1]]) })).toArray()).toEqual([[0.5, 0, 3, 0]]);
  expect(() => categoryEncoding({ numTokens: 4 })(ids, { countWeights: weights })).toThrow(/outputMode/);
});
