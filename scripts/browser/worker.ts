import { type DigitsTask, trainDigits } from "./digits.js";

// The DOM's types know the page only; here `self` is a worker.
const port = self as unknown as { onmessage: unknown; postMessage(message: unknown): void };

port.onmessage = ({ data }: MessageEvent<DigitsTask>): void => {
  trainDigits(data).then(
    (result) => port.postMessage({ result }),
    (error: unknown) => port.postMessage({ error: String(error) }),
  );
};
