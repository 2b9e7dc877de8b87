import { placeholder } from "../../graph/graph.js";
import { withinAllowance } from "../../graph/node.js";
import type { Initializer } from "../../initializers/index.js";
import { defineLayer, required } from "../../layers/define.js";
import type { LayerDefinition } from "../../layers/definition.js";
import { Layer } from "../../layers/layer.js";
import type { Variable } from "../../layers/variable.js";
import { decodeModel } from "../../onnx/proto.js";
import { type ImportedGraph, prepare } from "../../onnx/import/prepare.js";
import { Probe } from "../../onnx/import/probe.js";
import { Run } from "../../onnx/import/run.js";
import type { Tensor } from "../../tensor/tensor.js";
import { fromBase64 } from "./base64.js";
import { insideOf } from "./onnxInside.js";

/** What a file holds of an imported graph. */
export interface OnnxGraphConfig {
  /** The ONNX model in base64, its variables without their elements. */
  readonly graph: string;
  /** The variables that training changes, by name. */
  readonly trained: readonly string[];
}

type Weights = Readonly<Record<string, Variable>>;

/** Where the graph in a config says that the elements of a variable lie: with the model's other weights. */
export const WEIGHTS = "weights";

/** Building one trace may take as much as a model of unrolled recurrent layers does. */
export const MAX_NODES = 400_000;

const graphs = new WeakMap<OnnxGraphConfig, ImportedGraph>();

/** The variables of each layer, by its config. */
const variables = new WeakMap<OnnxGraphConfig, ReadonlyMap<string, Variable>>();

/** The graph in a layer's config, read once. */
export function graphOf(config: OnnxGraphConfig, where = "ONNX graph"): ImportedGraph {
  let graph = graphs.get(config);
  if (graph === undefined) {
    const model = decodeModel(fromBase64(config.graph, where));
    const variables = model.graph.initializers.filter(({ external }) => external?.location === WEIGHTS);
    graph = prepare(model, new Set(variables.map(({ name }) => name)));
    graphs.set(config, graph);
  }
  return graph;
}

/** The layer that an imported graph becomes; `values` are the first ones of its variables, `shared` those that it has in common with another. */
function definition(values: Map<string, Float32Array>, shared: ReadonlyMap<string, Variable> = new Map()): LayerDefinition<OnnxGraphConfig, Weights> {
  return {
    className: "OnnxGraph",
    defaults: { graph: required<string>(), trained: required<readonly string[]>() },
    build: ({ config, where, addWeight }) => {
      const graph = graphOf(config, where);
      const trainable = new Set(config.trained);
      const declare = (name: string): Variable =>
        shared.get(name) ?? addWeight(name, { shape: graph.stored.get(name)!.shape, trainable: trainable.has(name), initializer: firstValue(name, values) });
      const declared = new Map([...graph.variables].map((name) => [name, declare(name)]));
      variables.set(config, declared);
      return Object.fromEntries(declared);
    },
    call: (context, ...inputs) => {
      const graph = graphOf(context.config, context.where);
      const weight = (name: string): Tensor => context.weights[name]!;
      const free = inputs.some(({ shape }) => shape.some((dim) => typeof dim === "string"));
      const probe = free ? new Probe(graph, inputs, (name) => placeholder(graph.stored.get(name)!.shape, "float32", name)) : undefined;
      const run = new Run(graph, {
        training: context.training,
        weight,
        key: context.key,
        update: context.update,
        frozen: (name) => !context.trainable || variables.get(context.config)?.get(name)?.frozen === true,
        ...(probe === undefined ? {} : { found: (name: string) => probe.find(name) }),
      });
      return withinAllowance(MAX_NODES, () => run.execute(inputs));
    },
    inside: (layer) => {
      const config = layer.config as OnnxGraphConfig;
      const own = variables.get(config) ?? new Map<string, Variable>();
      const make = (part: OnnxGraphConfig): Layer => {
        const made = new Layer<OnnxGraphConfig, Weights>(definition(new Map(), own), { ...part, name: layer.name, trainable: layer.trainable });
        return made as unknown as Layer;
      };
      return insideOf(layer, graphOf(config, layer.where), own, make);
    },
  };
}

/** Gives the stored elements, and then forgets them: the variable has them. */
function firstValue(name: string, values: Map<string, Float32Array>): Initializer {
  return {
    name: "Stored",
    config: {},
    init: (shape) => {
      const value = values.get(name) ?? new Float32Array(shape.reduce((product, dim) => product * dim, 1));
      values.delete(name);
      return value;
    },
  };
}

/** An imported graph as a layer, its variables with the given first values. */
export function onnxGraph(config: OnnxGraphConfig, name: string, values: Map<string, Float32Array>): Layer {
  return new Layer<OnnxGraphConfig, Weights>(definition(values), { ...config, name }) as unknown as Layer;
}

// What files are read with: there the values come with the model's other weights.
defineLayer(definition(new Map()));
