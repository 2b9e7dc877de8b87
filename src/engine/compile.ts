import { NacreError } from "../error.js";
import { type CompiledGraph, type Compiler, type FrozenGraph, setCompiler } from "../graph/compiler.js";
import { type Graph, graphOf, leavesOf } from "../graph/graph.js";
import type { Rule, RuleName } from "../lower/rule.js";
import type { DType, TypedArray } from "../tensor/dtype.js";
import { type DeviceTensor, type Runtime, setRuntime } from "../tensor/runtime.js";
import { concreteShape } from "../tensor/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Engine } from "./engine.js";
import { TurnTaker } from "./turns.js";

/** Rewrites and the writer of ONNX programs wait for the first program: a page is there before it computes. */
const lowering = () => import("./lowering.js");

const rulesFor = async (engine: Engine): Promise<readonly Rule[]> => (await lowering()).rulesFor(engine);

/** Compiles graphs for one engine; captured data becomes further inputs of the program. */
export class EngineCompiler implements Compiler, Runtime {
  readonly #engine: () => Promise<Engine>;
  readonly #rules: (engine: Engine) => Promise<readonly Rule[]>;
  readonly #scopes: boolean;

  /** `rules` gives the rewrites to apply, by default those of the engine; `scopes` names nodes after layers. */
  constructor(engine: () => Promise<Engine>, rules = rulesFor, scopes = false) {
    this.#engine = engine;
    this.#rules = rules;
    this.#scopes = scopes;
  }

  async compile(graph: Graph, rows: readonly Tensor[] = []): Promise<CompiledGraph> {
    const engine = await this.#engine();
    const { halvesRule, lowerGraph, programOf, shareRows, sharedProgramOf, tailRule } = await lowering();
    const turns = new TurnTaker();
    const rules = await this.#rules(engine);
    const options = { scopes: this.#scopes, kernels: rules.includes(tailRule) };
    const shared = rules.includes(halvesRule) ? shareRows(graph, rows) : undefined;
    const graphs: Graph[] = [];
    for (const each of shared === undefined ? [graph] : [shared.part, shared.rest]) graphs.push(await lowerGraph(each, rules, turns));
    const captured = [...new Set([...(shared === undefined ? [] : [shared.numbers]), ...graphs.flatMap(leavesOf)])];
    await turns.turnWhenDue();
    const [first, rest] = graphs;
    const executable = await engine.load(
      shared === undefined
        ? programOf({ ...first!, inputs: [...graph.inputs, ...captured] }, options)
        : sharedProgramOf({ ...graph, inputs: [...graph.inputs, ...captured] }, { ...shared, part: first!, rest: rest! }, options),
    );
    // Held by the engine from the start, so that no run copies them.
    const constants = captured.map((leaf) => {
      const value = valueOf(leaf);
      return ArrayBuffer.isView(value) ? engine.upload(value, leaf.dtype, concreteShape(leaf.shape, "captured data")) : value;
    });
    return { run: (feeds, given) => executable.run([...feeds, ...constants], given) };
  }

  async freeze(graph: Graph, values: ReadonlyMap<Tensor, TypedArray>, symbol: string): Promise<FrozenGraph | undefined> {
    const engine = await this.#engine();
    // There shapes that only running tells are computed on the CPU, which costs more than constants gain.
    if (engine.name === "webgpu") return undefined;
    const { freezeGraph } = await lowering();
    return freezeGraph(engine, graph, values, symbol);
  }

  async upload(data: TypedArray, dtype: DType, shape: readonly number[]): Promise<DeviceTensor> {
    return (await this.#engine()).upload(data, dtype, shape);
  }

  release(value: DeviceTensor): void {
    void this.#engine().then((engine) => engine.release(value));
  }

  /** Gives expressions their values, all in one program. */
  async evaluate(tensors: readonly Tensor[]): Promise<void> {
    const compiled = await this.compile(graphOf([], tensors));
    const values = await compiled.run([]);
    tensors.forEach((tensor, i) => tensor.resolve(values[i]!));
  }
}

/** Makes an engine the one that runs tensors and compiles functions, with all rules but those that `without` names. */
export function installEngine(engine: () => Promise<Engine>, without: () => readonly RuleName[] = () => []): void {
  const compiler = new EngineCompiler(engine, rulesWithout(without));
  setRuntime(compiler);
  setCompiler(compiler);
}

/** The rules of an engine but some. */
export function rulesWithout(without: () => readonly RuleName[]): (engine: Engine) => Promise<readonly Rule[]> {
  return async (engine) => (await rulesFor(engine)).filter(({ name }) => !without().includes(name));
}

function valueOf(leaf: Tensor): TypedArray | DeviceTensor {
  if (leaf.value !== undefined) return leaf.value;
  throw new NacreError({
    code: "TRACED_VALUE",
    where: "program",
    expected: "tensors with values, inputs of the program, or expressions of them",
    received: leaf.toString(),
    fix: "a tensor from inside one traced function cannot be used in another; return it instead",
  });
}
