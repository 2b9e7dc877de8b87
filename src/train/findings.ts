/** What was measured of one step. */
export interface StepRecord {
  readonly step: number;
  readonly loss: number;
  /** Root mean square of the gradient, by the path of the variable. */
  readonly gradients: Readonly<Record<string, number>>;
  /** Norm of the step's change over the norm of the weight, by path; only weights of two axes and more. */
  readonly updates: Readonly<Record<string, number>>;
  /** Share of units that are 0 for a whole batch, by layer. */
  readonly dead: Readonly<Record<string, number>>;
}

/** One thing that is wrong with a training, in words. */
export interface Finding {
  readonly kind:
    | "deadActivations"
    | "explodingGradients"
    | "learningRateTooHigh"
    | "learningRateTooLow"
    | "overfitting"
    | "underfitting"
    | "vanishingGradients";
  /** The step, or for curves the epoch, since which it holds; both from 0. */
  readonly since: number;
  /** The layers or weights that it concerns, in the model's order. */
  readonly where: readonly string[];
  readonly message: string;
  readonly fix: string;
}

type Curves = Readonly<Record<string, readonly number[]>>;

/** A gradient so much smaller than the model's largest trains nothing: float32 sums lose it. */
const VANISHED = 1e-5;
/** Gradients of this root mean square, or grown by this factor since the first look, will soon overflow. */
const EXPLODED = 1e3;
/** One step that changes a weight by half its own size forgets what was learned. */
const WILD_UPDATE = 0.5;
/** At this rate a weight would need a million steps to change by its own size. */
const IDLE_UPDATE = 1e-6;
const MOSTLY = 0.5;

/** What is wrong, from measured steps and the curves of finished epochs; empty when nothing is. */
export function findingsOf(records: readonly StepRecord[], curves: Curves = {}): Finding[] {
  return [
    vanishing(records),
    exploding(records),
    tooHigh(records),
    tooLow(records),
    dying(records),
    overfitting(curves),
    underfitting(curves),
  ].filter((finding) => finding !== undefined);
}

/** The first step from which on a condition held in every record; undefined where it does not hold now. */
function since(records: readonly StepRecord[], holds: (record: StepRecord) => boolean): number | undefined {
  let first: number | undefined;
  for (const record of records) first = holds(record) ? (first ?? record.step) : undefined;
  return first;
}

function vanishing(records: readonly StepRecord[]): Finding | undefined {
  const small = ({ gradients }: StepRecord): string[] => {
    const largest = Math.max(...Object.values(gradients));
    return Object.keys(gradients).filter((path) => isKernel(path) && gradients[path]! < VANISHED * largest);
  };
  const start = since(records, (record) => small(record).length > 0);
  if (start === undefined) return undefined;
  const where = small(records.at(-1)!);
  return {
    kind: "vanishingGradients",
    since: start,
    where,
    message: `The gradients of ${listed(where)} vanish since step ${start}: less than ${VANISHED} of the largest, so these layers do not learn.`,
    fix: "use relu or gelu in place of sigmoid and tanh, add batchNormalization or residual connections, or fewer layers",
  };
}

function exploding(records: readonly StepRecord[]): Finding | undefined {
  const first = records[0]?.gradients ?? {};
  const large = ({ gradients }: StepRecord): string[] =>
    Object.keys(gradients).filter((path) => gradients[path]! > EXPLODED || (first[path]! > 0 && gradients[path]! > EXPLODED * first[path]!));
  const start = since(records, (record) => large(record).length > 0);
  if (start === undefined) return undefined;
  const where = large(records.at(-1)!);
  return {
    kind: "explodingGradients",
    since: start,
    where,
    message: `The gradients of ${listed(where)} explode since step ${start}.`,
    fix: "lower the learning rate, or limit gradients with the optimizer's globalClipnorm",
  };
}

function tooHigh(records: readonly StepRecord[]): Finding | undefined {
  const wild = ({ updates }: StepRecord): string[] => Object.keys(updates).filter((path) => updates[path]! > WILD_UPDATE);
  const most = (record: StepRecord): boolean => wild(record).length > MOSTLY * Object.keys(record.updates).length;
  const first = records.find(most);
  if (first === undefined) return undefined;
  const where = wild(first);
  const largest = Math.max(...where.map((path) => first.updates[path]!));
  return {
    kind: "learningRateTooHigh",
    since: first.step,
    where,
    message: `The learning rate is too high: at step ${first.step} one update changed ${listed(where)} by up to ${percent(largest)} of their size.`,
    fix: "divide the learning rate by 10 until updates are below a tenth of the weights",
  };
}

function tooLow(records: readonly StepRecord[]): Finding | undefined {
  const start = since(records, ({ updates }) => Object.values(updates).length > 0 && Object.values(updates).every((ratio) => ratio < IDLE_UPDATE));
  if (start === undefined || records.length < 2) return undefined;
  return {
    kind: "learningRateTooLow",
    since: start,
    where: Object.keys(records.at(-1)!.updates),
    message: `The learning rate is too low: since step ${start} no update changed a weight by more than a millionth of its size.`,
    fix: "multiply the learning rate by 10 until updates are about a thousandth of the weights",
  };
}

function dying(records: readonly StepRecord[]): Finding | undefined {
  const silent = ({ dead }: StepRecord): string[] => Object.keys(dead).filter((layer) => dead[layer]! > MOSTLY);
  const start = since(records, (record) => silent(record).length > 0);
  if (start === undefined || records.length < 2) return undefined;
  const where = silent(records.at(-1)!);
  const share = Math.max(...where.map((layer) => records.at(-1)!.dead[layer]!));
  return {
    kind: "deadActivations",
    since: start,
    where,
    message: `Units of ${listed(where)} are dead since step ${start}: up to ${percent(share)} of them give 0 for every sample.`,
    fix: "lower the learning rate, use leakyReLU or gelu, or another initializer",
  };
}

/** Epochs that a curve must have before its form says anything. */
const LEAST_EPOCHS = 5;

function overfitting(curves: Curves): Finding | undefined {
  const [train, validation] = [curves["loss"] ?? [], curves["val_loss"] ?? []];
  if (validation.length < LEAST_EPOCHS) return undefined;
  const best = validation.indexOf(Math.min(...validation));
  const [lowest, last] = [validation[best]!, validation.at(-1)!];
  const risen = validation.length - 1 - best >= 3 && last > lowest + 0.1 * Math.abs(lowest) && train.at(-1)! < train[best]!;
  if (!risen) return undefined;
  return {
    kind: "overfitting",
    since: best,
    where: [],
    message: `The model overfits since epoch ${best}: the validation loss rose from ${lowest.toPrecision(3)} to ${last.toPrecision(3)} while the training loss went on falling.`,
    fix: "stop there with earlyStopping({ restoreBestWeights: true }), add dropout, weight decay or augmentation, or more data",
  };
}

function underfitting(curves: Curves): Finding | undefined {
  const train = curves["loss"] ?? [];
  if (train.length < LEAST_EPOCHS) return undefined;
  const [first, last] = [train[0]!, train.at(-1)!];
  const third = train.at(-Math.ceil(train.length / 3) - 1)!;
  if (!(first > 0 && last > 0.7 * first && last > 0.99 * third)) return undefined;
  return {
    kind: "underfitting",
    since: 0,
    where: [],
    message: `The model underfits: after ${train.length} epochs the training loss is ${last.toPrecision(3)}, hardly below the first epoch's ${first.toPrecision(3)}, and no longer falls.`,
    fix: "give the model more units or layers, another learning rate (findLearningRate), or better inputs; check with overfitOneBatch that it can learn at all",
  };
}

function isKernel(path: string): boolean {
  return !/bias|beta|gamma/.test(path);
}

function listed(names: readonly string[]): string {
  return names.length <= 4 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
