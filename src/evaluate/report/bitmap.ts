/** Raw pixels: rows from the top, channels innermost, values from 0 to 1. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for red, green, blue. */
  readonly channels: number;
  readonly pixels: ArrayLike<number>;
}

const HEADER_BYTES = 54;

/** The picture as a `data:` address that every browser shows: an uncompressed 24-bit BMP. */
export function bitmapUrl({ width, height, channels, pixels }: Pixels): string {
  const stride = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(HEADER_BYTES + stride * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, HEADER_BYTES, true);
  view.setUint32(14, 40, true); // size of the second header
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true); // negative: rows from the top
  view.setUint16(26, 1, true); // planes
  view.setUint16(28, 24, true); // bits a pixel
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      for (let i = 0; i < 3; i++) {
        const channel = channels === 1 ? 0 : 2 - i; // blue comes first
        const value = pixels[(row * width + column) * channels + channel]!;
        bytes[HEADER_BYTES + row * stride + 3 * column + i] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
    }
  }
  return `data:image/bmp;base64,${base64(bytes)}`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
