export * from "./all.js";
export {
  type Activation,
  type ActivationFunction,
  type ActivationLike,
  type ActivationName,
  deserialize,
  get,
  has,
  names,
  register,
  serialize,
} from "./activation.js";
