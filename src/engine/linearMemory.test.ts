import fc from "fast-check";
import { expect, test } from "vitest";
import { LinearMemory } from "./linearMemory.js";

test("blocks never overlap, and what is freed is used again", () => {
  const plan = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 300_000 }), free: fc.nat(5) }), { maxLength: 60 });
  fc.assert(
    fc.property(plan, (steps) => {
      const memory = LinearMemory.create(() => 0n)!;
      const used: { offset: number; bytes: number }[] = [];
      for (const { bytes, free } of steps) {
        const offset = memory.allocate(bytes)!;
        expect(offset % 64).toBe(0);
        for (const other of used) expect(offset + bytes <= other.offset || other.offset + other.bytes <= offset).toBe(true);
        used.push({ offset, bytes: Math.max(1, bytes) });
        if (free < used.length) {
          const [gone] = used.splice(free, 1);
          memory.free(gone!.offset, gone!.bytes);
        }
      }
      const before = memory.memory.buffer.byteLength;
      for (const { offset, bytes } of used) memory.free(offset, bytes);
      // All is one gap again, so that a block of all of it needs no more memory.
      expect(memory.allocate(before)).toBe(0);
      expect(memory.memory.buffer.byteLength).toBe(before);
    }),
    { numRuns: 30 },
  );
});

test("says where the limit is", () => {
  const memory = LinearMemory.create(() => 0n)!;
  expect(memory.allocate(2 ** 33)).toBeUndefined();
  expect(memory.allocate(1000)).toBeDefined();
});
