/** Which places of two lattices agree; see `ResizeOptions`. */
export type Coordinates = "halfPixel" | "alignCorners" | "asymmetric";

/** How much an element counts at a distance: in a straight line, or by Keys's cubic with a = −1/2. */
export type Kernel = "bilinear" | "bicubic";

const KERNELS: Record<Kernel, { readonly radius: number; readonly at: (distance: number) => number }> = {
  bilinear: { radius: 1, at: (d) => Math.max(0, 1 - d) },
  bicubic: {
    radius: 2,
    at: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0),
  },
};

/** Where element i of the new lattice lies in the old one, in elements from its first. */
function place(i: number, from: number, to: number, coordinates: Coordinates): number {
  if (coordinates === "halfPixel") return ((i + 0.5) * from) / to - 0.5;
  if (coordinates === "asymmetric") return (i * from) / to;
  return to === 1 ? 0 : (i * (from - 1)) / (to - 1);
}

/** For each element of the new lattice, the old one that it copies. */
export function nearestIndices(from: number, to: number, coordinates: Coordinates): number[] {
  return Array.from({ length: to }, (_, i) => {
    const at = place(i, from, to, coordinates);
    // An element of the old lattice reaches half its width to both sides, or all of it to the right.
    const found = coordinates === "asymmetric" ? Math.floor((i * from) / to) : Math.floor(at + 0.5);
    return Math.min(Math.max(found, 0), from - 1);
  });
}

/**
 * Row i holds how much each old element counts in new element i; rows sum to 1. Beyond the border
 * the outermost elements go on for "bilinear", and nothing counts for "bicubic".
 */
export function interpolationMatrix(kernel: Kernel, from: number, to: number, coordinates: Coordinates, antialias: boolean): Float64Array {
  const { radius, at } = KERNELS[kernel];
  // Shrinking widens the kernel so that no element is left out.
  const scale = antialias ? Math.max(1, from / to) : 1;
  const matrix = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const center = place(i, from, to, coordinates);
    const clamped = kernel === "bilinear" && !antialias ? Math.min(Math.max(center, 0), from - 1) : center;
    const row = matrix.subarray(i * from, (i + 1) * from);
    let total = 0;
    for (let j = 0; j < from; j++) {
      const distance = Math.abs(j - clamped) / scale;
      row[j] = distance < radius ? at(distance) : 0;
      total += row[j]!;
    }
    for (let j = 0; j < from; j++) row[j]! /= total;
  }
  return matrix;
}
