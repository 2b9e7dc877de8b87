/** Rotates the bits of a 32-bit word to the left. */
function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Steps of mixing twelve bytes into the state: which word takes which, rotated by how much. */
const MIX = [4, 6, 8, 16, 19, 4] as const;
const FINAL = [14, 11, 25, 16, 4, 14, 24] as const;

/** Bob Jenkins's lookup3, by which HDF5 checks its structures. */
export function lookup3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = (0xdeadbeef + bytes.length) | 0;
  const state: [number, number, number] = [start, start, start];
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    for (let i = 0; i < 3; i++) state[i] = (state[i]! + view.getUint32(at + 4 * i, true)) | 0;
    mix(state);
  }
  if (at === bytes.length) return state[2] >>> 0;
  const last = new DataView(new ArrayBuffer(12));
  for (let i = 0; at + i < bytes.length; i++) last.setUint8(i, bytes[at + i]!);
  for (let i = 0; i < 3; i++) state[i] = (state[i]! + last.getUint32(4 * i, true)) | 0;
  // c, a, b, c, … each less the one before it, rotated.
  FINAL.forEach((by, i) => {
    const [to, from] = [(i + 2) % 3, (i + 1) % 3];
    state[to] = ((state[to]! ^ state[from]!) - rotate(state[from]!, by)) | 0;
  });
  return state[2] >>> 0;
}

function mix(state: [number, number, number]): void {
  MIX.forEach((by, i) => {
    const [to, from, next] = [i % 3, (i + 2) % 3, (i + 1) % 3];
    state[to] = ((state[to]! - state[from]!) ^ rotate(state[from]!, by)) | 0;
    state[from] = (state[from]! + state[next]!) | 0;
  });
}
