export { type Key, foldIn, keyOf } from "./key.js";
export { normals, permutation, randomBits, shuffled, truncatedNormals, uniforms } from "./stream.js";
