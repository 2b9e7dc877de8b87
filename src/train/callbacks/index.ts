export { csvLogger } from "./csvLogger.js";
export { earlyStopping } from "./earlyStopping.js";
export { modelCheckpoint } from "./modelCheckpoint.js";
export { progress } from "./progress.js";
export { terminateOnNaN } from "./terminateOnNaN.js";
