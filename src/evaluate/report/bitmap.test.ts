import { expect, test } from "vitest";
import { bitmapUrl } from "./bitmap.js";

function bytesOf(url: string): Uint8Array {
  return Uint8Array.from(atob(url.replace("data:image/bmp;base64,", "")), (character) => character.charCodeAt(0));
}

test("a colour picture is laid out as BMP wants: blue first, rows padded to 4 bytes, from the top", () => {
  const bytes = bytesOf(bitmapUrl({ width: 1, height: 2, channels: 3, pixels: [1, 0.5, 0, 0, 0, 1] }));
  const view = new DataView(bytes.buffer);
  expect(String.fromCharCode(...bytes.subarray(0, 2))).toBe("BM");
  expect(view.getUint32(2, true)).toBe(bytes.length);
  expect([view.getInt32(18, true), view.getInt32(22, true), view.getUint16(28, true)]).toEqual([1, -2, 24]);
  expect([...bytes.subarray(view.getUint32(10, true))]).toEqual([0, 128, 255, 0, 255, 0, 0, 0]);
});

test("grey fills all three colours, and values are held to 0 to 1", () => {
  const bytes = bytesOf(bitmapUrl({ width: 4, height: 1, channels: 1, pixels: [-1, 0.2, 7, NaN] }));
  expect([...bytes.subarray(54)]).toEqual([0, 0, 0, 51, 51, 51, 255, 255, 255, 0, 0, 0]);
});
