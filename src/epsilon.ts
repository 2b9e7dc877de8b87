/** Keeps quotients and logarithms finite: Keras's `backend.epsilon()`. */
export const EPSILON = 1e-7;
