import { NacreError } from "../error.js";
import { getCompiler } from "../graph/compiler.js";
import { graphOf, placeholder } from "../graph/graph.js";
import type { Tensor } from "../tensor/tensor.js";
import type { StepData } from "./feeds.js";
import { ModelTrace } from "./trace.js";
import type { Trainable } from "./trainable.js";

/** Says in which step, and where it can be found in which layer, the engine failed; other errors as they are. */
export async function failedStep(model: Trainable, data: StepData, cause: unknown, step?: number): Promise<unknown> {
  if (!(cause instanceof NacreError) || cause.code !== "ENGINE_FAILED") return cause;
  const layer = await firstFailing(model, data);
  return new NacreError({
    code: cause.code,
    where: `${layer ?? model.where}${step === undefined ? "" : `, step ${step}`}`,
    expected: cause.expected,
    received: cause.received,
    fix: cause.fix ?? `check the values that the data feed into it${step === undefined ? "" : "; the weights are those before this step"}`,
    cause,
  });
}

/** The first layer whose output cannot be computed; undefined when the forward pass succeeds or cannot be asked. */
async function firstFailing(model: Trainable, data: StepData): Promise<string | undefined> {
  const watched: { readonly where: string; readonly value: Tensor }[] = [];
  const trace = new ModelTrace({ training: false, watch: ({ where }, value) => watched.push({ where, value }) });
  const inputs = data.inputs.map(({ shape, dtype }, i) => placeholder(shape, dtype, `input ${i}`));
  model.call(trace, inputs.map((value) => ({ value })));
  const variables = [...trace.values.keys()];
  const feeds = [...(await Promise.all(variables.map((v) => v.read()))), ...data.inputs.map((column) => column.data)];
  const failsBy = async (count: number): Promise<boolean> => {
    const graph = graphOf(
      [...variables.map((variable) => trace.valueOf(variable)), ...inputs],
      watched.slice(0, count).map(({ value }) => value),
    );
    try {
      const compiled = await getCompiler().compile(graph);
      for (const output of await compiled.run(feeds)) getCompiler().release(output);
      return false;
    } catch (error) {
      if (error instanceof NacreError && error.code === "ENGINE_FAILED") return true;
      throw error;
    }
  };
  if (watched.length === 0 || !(await failsBy(watched.length))) return undefined;
  // The first `fine` layers run; the first `failing` do not.
  let [fine, failing] = [0, watched.length];
  while (failing - fine > 1) {
    const middle = (fine + failing) >> 1;
    if (await failsBy(middle)) failing = middle;
    else fine = middle;
  }
  return watched[fine]!.where;
}
