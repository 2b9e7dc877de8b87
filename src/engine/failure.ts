import { NacreError } from "../error.js";

/** ONNX Runtime may quote a whole graph in its message. */
const MAX_MESSAGE_LENGTH = 500;

/** The error for what ONNX Runtime refuses, in its own words. */
export function engineFailed(message: string, cause?: unknown): NacreError {
  const short = message.length > MAX_MESSAGE_LENGTH ? `${message.slice(0, MAX_MESSAGE_LENGTH)}…` : message;
  return new NacreError({
    code: "ENGINE_FAILED",
    where: "engine",
    expected: "a program that ONNX Runtime accepts",
    received: short.trim().replace(/\.$/, ""),
    cause,
  });
}
