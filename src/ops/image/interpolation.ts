/** Which places of two lattices agree; see `ResizeOptions`. */
export type Coordinates = "halfPixel" | "alignCorners" | "asymmetric";

/** How much an element counts at a distance: in a straight line, by Keys's cubic with a = −1/2, or by Lanczos's window of that radius. */
export type Kernel = "bilinear" | "bicubic" | "lanczos3" | "lanczos5";

const KERNELS: Record<Kernel, { readonly radius: number; readonly at: (distance: number) => number }> = {
  bilinear: { radius: 1, at: (d) => Math.max(0, 1 - d) },
  bicubic: {
    radius: 2,
    at: (d) => (d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0),
  },
  lanczos3: { radius: 3, at: (d) => sinc(d) * sinc(d / 3) },
  lanczos5: { radius: 5, at: (d) => sinc(d) * sinc(d / 5) },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** TensorFlow looks its cubic up in a table of so many steps from element to element. */
const CUBIC_STEPS = 1024;

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
 * the outermost elements go on for "bilinear", and nothing counts for the others.
 */
export function interpolationMatrix(kernel: Kernel, from: number, to: number, coordinates: Coordinates, antialias: boolean): Float64Array {
  const { radius, at } = KERNELS[kernel];
  // Shrinking widens the kernel so that no element is left out.
  const scale = antialias ? Math.max(1, from / to) : 1;
  const matrix = new Float64Array(to * from);
  for (let i = 0; i < to; i++) {
    const center = place(i, from, to, coordinates);
    const origin = antialias ? center : adjusted(kernel, center, from);
    const row = matrix.subarray(i * from, (i + 1) * from);
    let total = 0;
    for (let j = 0; j < from; j++) {
      const distance = Math.abs(j - origin) / scale;
      row[j] = distance < radius ? at(distance) : 0;
      total += row[j]!;
    }
    for (let j = 0; j < from; j++) row[j]! /= total;
  }
  return matrix;
}

function adjusted(kernel: Kernel, center: number, from: number): number {
  if (kernel === "bilinear") return Math.min(Math.max(center, 0), from - 1);
  return kernel === "bicubic" ? Math.round(center * CUBIC_STEPS) / CUBIC_STEPS : center;
}
