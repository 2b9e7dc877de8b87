import type { Rule } from "./call.js";
import { activations } from "./ops/activations.js";
import { attentions } from "./ops/attention.js";
import { control } from "./ops/control.js";
import { convolution } from "./ops/convolution.js";
import { elementwise } from "./ops/elementwise.js";
import { indexing } from "./ops/indexing.js";
import { lossFunctions } from "./ops/losses.js";
import { matrix } from "./ops/matrix.js";
import { normalization } from "./ops/normalization.js";
import { pooling } from "./ops/pooling.js";
import { quantization } from "./ops/quantization.js";
import { recurrent } from "./ops/recurrent.js";
import { reductions } from "./ops/reductions.js";
import { resizing } from "./ops/resize.js";
import { sampling } from "./ops/sampling.js";
import { sequences } from "./ops/sequences.js";
import { shapes } from "./ops/shapes.js";

/** What each operator means, by domain and name; the standard domain is empty. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  [
    activations,
    attentions,
    control,
    convolution,
    elementwise,
    indexing,
    lossFunctions,
    matrix,
    normalization,
    pooling,
    quantization,
    recurrent,
    reductions,
    resizing,
    sampling,
    sequences,
    shapes,
  ].flatMap((family) => Object.entries(family).map(([name, rule]): [string, Rule] => [name.includes(".") ? name : `.${name}`, rule])),
);
