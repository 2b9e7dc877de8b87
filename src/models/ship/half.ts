const view = new DataView(new ArrayBuffer(4));

/** The largest number that a half float holds. */
export const LARGEST_HALF = 65_504;

/** ONNX's number of half floats. */
export const FLOAT16 = 10;

/** The bits of the half float nearest to a number, ties going to the even one; infinity beyond its range. */
export function halfBits(value: number): number {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const size = Math.abs(Math.fround(value));
  if (Number.isNaN(size)) return sign | 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const rest = bits & 0x7fffffff;
  // The exponent moves from a bias of 127 to one of 15; rounding up may carry into it, which is right.
  const half = (rest - (112 << 23)) >>> 13;
  const lost = rest & 0x1fff;
  return sign | (half + (lost > 0x1000 || (lost === 0x1000 && (half & 1) === 1) ? 1 : 0));
}

function roundToEven(value: number): number {
  const whole = Math.floor(value);
  const lost = value - whole;
  return whole + (lost > 0.5 || (lost === 0.5 && whole % 2 === 1) ? 1 : 0);
}

/** Floats as the bytes of half floats. */
export function halfBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const out = new DataView(bytes.buffer);
  values.forEach((value, i) => out.setUint16(i * 2, halfBits(value), true));
  return bytes;
}
