import { Dataset } from "../../data/index.js";
import { checkOptions, isRecord, wrongKind } from "../../error.js";
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
  const { classNames, metadata = {} } = options;
  if (classNames !== undefined && !(Array.isArray(classNames) && classNames.every((name) => typeof name === "string"))) {
    throw badOption(where, "classNames", "a list of names", classNames);
  }
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) throw badOption(where, "metadata", "texts by name", metadata);
  const told = {
    class_names: classNames,
    preprocessing: options.preprocessing,
    metrics,
  };
  const entries = Object.entries(told).flatMap(([key, value]) => (value === undefined ? [] : [[key, JSON.stringify(value)] as const]));
  const fingerprint = trainingData instanceof Dataset ? await trainingData.fingerprint() : trainingData;
  if (fingerprint !== undefined && typeof fingerprint !== "string") throw wrongKind(`${where}, option trainingData`, "a dataset, or a fingerprint as text", fingerprint);
  return {
    ...model,
    ...(producer === undefined ? {} : { producerName: producer.name, producerVersion: producer.version ?? "" }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(description === undefined ? {} : { docString: description }),
    metadata: { ...metadata, ...Object.fromEntries(entries), ...(fingerprint === undefined ? {} : { training_data: fingerprint }) },
  };
}
