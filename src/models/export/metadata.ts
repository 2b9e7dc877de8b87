import { checkOptions } from "../../error.js";
import type { ModelProto } from "../../onnx/proto.js";
import { badOption } from "../../options.js";
import type { GraphOptions } from "./options.js";

/** The model with all that the options tell of it. */
export async function described(where: string, model: ModelProto, options: GraphOptions): Promise<ModelProto> {
  const { producer, modelVersion, description, metrics, trainingData } = options;
  if (producer !== undefined) checkOptions(`${where}, option producer`, producer, ["name", "version"]);
  if (modelVersion !== undefined && !(Number.isSafeInteger(modelVersion) && modelVersion >= 0)) {
    throw badOption(where, "modelVersion", "a whole number from 0", modelVersion);
  }
  const wrong = Object.entries(metrics ?? {}).find(([, value]) => !Number.isFinite(value));
  if (wrong !== undefined) throw badOption(where, "metrics", "numbers by name", { [wrong[0]]: wrong[1] });
  const told = {
    class_names: options.classNames,
    preprocessing: options.preprocessing,
    metrics,
  };
  const entries = Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [[key, JSON.stringify(value)] as const]));
  const fingerprint = trainingData === undefined || typeof trainingData === "string" ? trainingData : await trainingData.fingerprint();
  return {
    ...model,
    ...(producer === undefined ? {} : { producerName: producer.name, producerVersion: producer.version ?? "" }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(description === undefined ? {} : { docString: description }),
    metadata: { ...options.metadata, ...Object.fromEntries(entries), ...(fingerprint === undefined ? {} : { training_data: fingerprint }) },
  };
}
