export * from "./all.js";
export {
  type Activation,
  type ActivationFunction,
  type ActivationLike,
  type ActivationName,
  deserialize,
  get,
  names,
  register,
  serialize,
} from "./activation.js";
