import "./ops/methods.js";

export {
  checkpoint,
  customGradient,
  grad,
  type Gradient,
  hessian,
  jacobian,
  jit,
  type JitOptions,
  valueAndGrad,
  vmap,
  type VmapOptions,
} from "./autodiff/index.js";
export { setEngine } from "./engine/choice.js";
export type { EngineOptions } from "./engine/engineOptions.js";
export { type ErrorCode, NacreError } from "./error.js";
export { tensor } from "./tensor/convert.js";
export { Tensor } from "./tensor/tensor.js";
export type { DType, TypedArray } from "./tensor/dtype.js";
export type { Shape } from "./tensor/shape.js";
export type { TensorLike } from "./graph/literal.js";
export type { ArraySet } from "./models/fitData.js";
export { findLearningRate, type FindLearningRateOptions, type LearningRateCurve } from "./models/findLearningRate.js";
export { overfitOneBatch, type OverfitOptions, type OverfitResult } from "./models/overfitOneBatch.js";
export { importOnnx, type ImportOnnxOptions } from "./models/importOnnx.js";
export { fromBytes, load, type LoadOptions } from "./models/load.js";
export { Model } from "./models/model.js";
export type { CompileOptions, FitOptions, MetricKey, MetricKeys, MetricsOption, ModelOptions, PredictData, Results } from "./models/options.js";
export type { ExportOptions, LabelOptions, OnnxOptions, Preparation } from "./models/export/options.js";
export type { ReplaceHeadOptions } from "./models/head.js";
export type { GraphReport, InspectOptions } from "./models/inspect.js";
export type { LoraOptions } from "./models/lora.js";
export type { PlotOptions } from "./models/plot/plotModel.js";
export type { ProfileOptions } from "./models/profile.js";
export { sequential, type SequentialOptions } from "./models/sequential.js";
export type { LoadWeightsOptions, WeightsReport } from "./models/weights.js";
export type { SummaryColumn, SummaryOptions } from "./models/summary.js";
export { defineLayer, type LayerFactory, required } from "./layers/define.js";
export type { CallContext, LayerDefinition } from "./layers/definition.js";
export { Layer } from "./layers/layer.js";
export { knownDim, wholeNumber } from "./layers/options.js";
export { type CellDefinition, defineCell, type Flow, type Sequence, type Step } from "./layers/recurrent/cell.js";
export { SymbolicTensor } from "./layers/symbolic.js";
export { Variable } from "./layers/variable.js";
export type { GroupOptions } from "./train/groups.js";
export type { PathPattern } from "./train/pattern.js";
export type { Profile } from "./train/profileReport.js";
export type { Callback, CallbackState, FitContext, History } from "./train/callback.js";
export * as activations from "./activations/index.js";
export * as callbacks from "./train/callbacks/index.js";
export * as constraints from "./constraints/index.js";
export * as initializers from "./initializers/index.js";
export * as layers from "./layers/index.js";
export * as losses from "./losses/index.js";
export * as metrics from "./metrics/index.js";
export * as ops from "./ops/index.js";
export * as optimizers from "./optimizers/index.js";
export * as random from "./random/index.js";
export * as regularizers from "./regularizers/index.js";
export * as schedules from "./schedules/index.js";
