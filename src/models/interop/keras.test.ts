import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import "../../testing/engine.js";
import { NacreError } from "../../error.js";
import { kerasEntries } from "../../testing/mutateKeras.js";
import { fromBytes, load } from "../load.js";
import { fromKerasBytes } from "./kerasArchive.js";

const path = (name: string): URL => new URL(`../../../conformance/models/${name}.keras`, import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(path(name)));
const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

interface Config {
  class_name: string;
  config: { layers: { class_name: string; config: Record<string, unknown>; [key: string]: unknown }[]; [key: string]: unknown };
  compile_config: Record<string, unknown>;
}

/** A file whose configuration was edited. */
function edited(name: string, edit: (config: Config) => void): Uint8Array {
  const entries = kerasEntries(bytesOf(name));
  const config = JSON.parse(new TextDecoder().decode(entries["config.json"])) as Config;
  edit(config);
  return zipSync({ ...entries, "config.json": text(config) });
}

async function refusal(bytes: Uint8Array): Promise<NacreError> {
  try {
    await fromKerasBytes(bytes);
  } catch (error) {
    if (error instanceof NacreError) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("load of a .keras file", () => {
  test("tells it from others by its contents, and keeps names", async () => {
    const model = await load(path("nested_model").pathname);
    expect(model.name).toBe("functional_21");
    expect(model.layerNames).toEqual(["block", "add_6", "dense_12"]);
    expect(model.inputNames).toEqual(["input_layer_11"]);
    expect(model.compiled).toBeUndefined();
  });

  test("fromBytes tells it from others too", async () => {
    expect((await fromBytes(bytesOf("nested_model"))).layerNames).toEqual(["block", "add_6", "dense_12"]);
    expect((await fromBytes(edited("mlp_regression", () => {}), { compile: false })).compiled).toBeUndefined();
  });

  test("compiles the model as it was, unless told otherwise", async () => {
    const compiled = edited("mlp_regression", () => {});
    const { compiled: settings } = await fromKerasBytes(compiled);
    expect(settings!.optimizer.optimizer).toMatchObject({ className: "Adam", learningRate: 0.01, config: { beta1: 0.8 } });
    expect(settings!.objective.goals[0]!.loss!.className).toBe("MeanSquaredError");
    expect(settings!.objective.goals[0]!.metrics.map(({ key }) => key)).toEqual(["mae", "mse"]);
    expect((await fromKerasBytes(compiled, { compile: false })).compiled).toBeUndefined();
  });

  test("compiles with functions of Keras, objects by the name of the one output, and weighted metrics", async () => {
    const named = (config: string): object => ({ module: "builtins", class_name: "function", config, registered_name: "function" });
    const bytes = edited("mlp_regression", (file) => {
      Object.assign(file.compile_config, { loss: { dense_3: named("mean_absolute_error") }, metrics: { dense_3: [named("mean_squared_error")] }, weighted_metrics: ["mse"] });
    });
    const [goal] = (await fromKerasBytes(bytes)).compiled!.objective.goals;
    expect(goal!.loss!.className).toBe("MeanAbsoluteError");
    expect(goal!.metrics.map(({ key, weighted }) => [key, weighted])).toEqual([["mean_squared_error", false], ["mse", true]]);
  });

  test("computes in float32 what Keras computes in float64, and keeps outputs that are inputs apart", async () => {
    const double = await fromKerasBytes(edited("mlp_regression", (file) => Object.assign(file.config.layers[0]!.config, { dtype: "float64" })));
    expect(double.inputs[0]!.dtype).toBe("float32");
    const through = await fromKerasBytes(
      edited("shared_multi_input", ({ config }) => {
        const { input_layers: inputs, output_layers: outputs } = config as unknown as Record<string, [unknown[], ...unknown[]]>;
        Object.assign(config, { output_layers: [inputs![0], typeof outputs![0] === "string" ? outputs : outputs![0]] });
      }),
    );
    expect(through.outputs[0]).toBe(through.inputs[0]);
  });

  test("calls inputs what the model's dictionary calls them, whatever their layers' names", async () => {
    const name = "shared_multi_input";
    const named = await fromKerasBytes(
      edited(name, ({ config }) => {
        const [first, second] = config["input_layers"] as unknown[];
        config["input_layers"] = { right: second, left: first };
      }),
    );
    const plain = await fromKerasBytes(bytesOf(name));
    expect(named.inputNames).toEqual(["right", "left"]);
    const [a, b] = plain.inputs.map(({ shape }, i) => {
      const full = [2, ...shape.slice(1)] as number[];
      return { data: Float32Array.from({ length: full.reduce((x, y) => x * y, 1) }, (_, at) => Math.sin(at + i)), shape: full };
    });
    const wanted = await plain.predict({ [plain.inputNames[0]!]: a!, [plain.inputNames[1]!]: b! });
    expect(await (await named.predict({ left: a!, right: b! })).toArray()).toEqual(await wanted.toArray());
  });

  test("gives each of several outputs its loss and metrics by their order", async () => {
    const bytes = edited("mlp_regression", (file) => {
      const tensor = (name: string): unknown => ({ class_name: "__keras_tensor__", config: { keras_history: [name, 0, 0] } });
      file.class_name = "Functional";
      let before = "";
      for (const layer of file.config.layers) {
        const name = layer.config["name"] as string;
        Object.assign(layer, { name, inbound_nodes: before === "" ? [] : [{ args: [tensor(before)], kwargs: {} }] });
        before = name;
      }
      Object.assign(file.config, { input_layers: ["input_layer_1", 0, 0], output_layers: [["dense_3", 0, 0], ["dense_2", 0, 0]] });
      file.compile_config = { ...file.compile_config, loss: ["mse", "mae"], loss_weights: [1, 0.5], metrics: [["mae"], null] };
    });
    const model = await fromKerasBytes(bytes);
    expect(model.outputNames).toEqual(["dense_3", "dense_2"]);
    expect(model.compiled!.objective.goals.map(({ loss, weight, metrics }) => [loss!.className, weight, metrics.length])).toEqual([
      ["MeanSquaredError", 1, 1],
      ["MeanAbsoluteError", 0.5, 0],
    ]);
  });

  test("reads compressed archives", async () => {
    const entries = kerasEntries(bytesOf("mlp_regression"));
    expect((await fromKerasBytes(zipSync(entries, { level: 9 }))).parameterCount).toBe((await fromKerasBytes(bytesOf("mlp_regression"))).parameterCount);
  });

  test("refuses layers that are not built, by name and class", async () => {
    const error = await refusal(edited("mlp_regression", ({ config }) => Object.assign(config.layers[1]!, { class_name: "Mystery", module: "mine" })));
    expect(error.code).toBe("UNSUPPORTED");
    expect(error.message).toContain('"dense_1" of class Mystery');
  });

  test("refuses options that would change what the layer does", async () => {
    const error = await refusal(edited("mlp_regression", ({ config }) => void (config.layers[1]!.config["stateful"] = true)));
    expect(error.code).toBe("UNSUPPORTED");
    expect(error.message).toContain("stateful");
  });

  test("refuses Python code, in a Lambda and anywhere else", async () => {
    const code = { class_name: "__lambda__", config: { code: "4wEAAAA=" } };
    const lambda = await refusal(edited("mlp_regression", ({ config }) => Object.assign(config.layers[1]!, { class_name: "Lambda", config: { name: "code", function: code } })));
    const activation = await refusal(edited("mlp_regression", ({ config }) => void (config.layers[1]!.config["activation"] = code)));
    for (const { code: kind, message } of [lambda, activation]) {
      expect(kind).toBe("UNSUPPORTED");
      expect(message).toContain("Python code");
    }
  });

  test("takes sizes that a file leaves free, and says so where a layer needs them", async () => {
    const free = edited("mlp_regression", ({ config }) => void (config.layers[0]!.config["batch_shape"] = [null, null]));
    const error = await refusal(free);
    expect(error.code).toBe("UNSUPPORTED");
    expect(error.fix).toContain('inputShapes: { "input_layer_1": [128] }');
    const [size] = (await fromKerasBytes(bytesOf("mlp_regression"))).inputs[0]!.shape.slice(1) as number[];
    expect((await fromKerasBytes(free, { inputShapes: { input_layer_1: [size!] } })).inputs[0]!.shape).toEqual(["batch", size]);
    await expect(fromKerasBytes(free, { inputShapes: { input_layer_1: [1, 2] } })).rejects.toThrow("a shape like [any]");
  });

  test("refuses sparse and ragged inputs", async () => {
    for (const kind of ["sparse", "ragged"]) {
      const error = await refusal(edited("mlp_regression", ({ config }) => void (config.layers[0]!.config[kind] = true)));
      expect(error).toMatchObject({ code: "UNSUPPORTED", where: 'Keras input "input_layer_1"', received: `a ${kind} one` });
    }
  });

  test("refuses weights of other shapes, however large, and missing ones", async () => {
    const large = await refusal(edited("mlp_regression", ({ config }) => void (config.layers[1]!.config["units"] = 1e9)));
    expect(large.code).toBe("BAD_FILE");
    const more = await refusal(edited("mlp_regression", ({ config }) => void config.layers.push({ ...config.layers[4]!, config: { ...config.layers[4]!.config, name: "extra", units: 1 } })));
    expect(more.code).toBe("BAD_FILE");
    expect(more.message).toContain("extra");
  });

  test("refuses calls that wait for each other", async () => {
    const error = await refusal(
      edited("nested_model", ({ config }) => {
        const [block, add] = [config.layers[1]!, config.layers[2]!] as unknown as { inbound_nodes: unknown[] }[];
        block!.inbound_nodes[0] = block!.inbound_nodes[1];
        void add;
      }),
    );
    expect(error.code).toBe("BAD_FILE");
  });

  test("refuses an entry that unpacks to much more than the file", async () => {
    const entries = kerasEntries(bytesOf("mlp_regression"));
    const bomb = zipSync({ ...entries, "config.json": new Uint8Array(5e6) }, { level: 9 });
    expect(await refusal(bomb)).toMatchObject({ code: "BAD_FILE" });
  });

  test("takes nothing but the two entries that it needs", async () => {
    const entries = kerasEntries(bytesOf("mlp_regression"));
    expect((await fromKerasBytes(zipSync({ ...entries, "../../escape.txt": text("x") }))).layers).toHaveLength(4);
    expect((await refusal(zipSync({ "config.json": entries["config.json"]! }))).message).toContain("model.weights.h5");
  });

  test("refuses a changed weight by its checksum", async () => {
    const bytes = bytesOf("mlp_regression");
    const weights = kerasEntries(bytes)["model.weights.h5"]!;
    const begin = Buffer.from(bytes).indexOf(Buffer.from(weights.subarray(0, 64)));
    bytes[begin + weights.length - 5]! ^= 1;
    expect((await refusal(bytes)).message).toContain("checksum");
  });

  test("refuses a file cut anywhere", async () => {
    const bytes = bytesOf("mlp_regression");
    for (let length = 2; length < bytes.length; length += 997) expect((await refusal(bytes.subarray(0, length))).code).toBe("BAD_FILE");
  });
});
