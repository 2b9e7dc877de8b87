import { NacreError } from "../../error.js";

/** The error for bytes that are no sound HDF5 file. */
export function badHdf5(expected: string, received: string): NacreError {
  return new NacreError({
    code: "BAD_FILE",
    where: "HDF5 file",
    expected,
    received,
    fix: "the file is cut short, damaged or no HDF5 file; take another copy, or save the weights again",
  });
}

/** The error for a part of HDF5 that weights as Keras writes them do not need. */
export function unsupportedHdf5(where: string, expected: string, received: string): NacreError {
  return new NacreError({
    code: "UNSUPPORTED",
    where: `HDF5 file, ${where}`,
    expected,
    received,
    fix: "save the model again with Keras 3, whose default options write what can be read",
  });
}
