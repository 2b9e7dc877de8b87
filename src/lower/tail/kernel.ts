import type { LaneInstruction } from "../../graph/op.js";

/** Elementwise work on arrays of one size. Plain data: it is part of what programs are known by. */
export interface Kernel {
  /** How many arrays it reads, and how many single numbers. */
  readonly arrays: number;
  readonly scalars: number;
  /** Numbers by the bits of their float32. */
  readonly constants: readonly number[];
  /** What is computed, in order, from values numbered so: arrays, scalars, constants, results of steps. */
  readonly steps: readonly KernelStep[];
  /** Which values are written to arrays. */
  readonly outputs: readonly number[];
}

/** One instruction on values. */
export interface KernelStep {
  readonly instruction: LaneInstruction;
  readonly operands: readonly number[];
}

/** Bytes that a kernel handles at once: arrays end at a multiple of them, whatever their size. */
export const LANE_BYTES = 16;

/**
 * A kernel as a WebAssembly module: it imports the memory `m.m`, and exports the function `k`, which takes the
 * addresses of arrays, of scalars and of outputs, and the first byte and the end of the part to do.
 */
export function moduleOf({ arrays, scalars, constants, steps, outputs }: Kernel, maximumPages: number): Uint8Array<ArrayBuffer> {
  const inputs = arrays + scalars;
  const begin = inputs + outputs.length;
  const end = begin + 1;
  /** The local that holds a value. */
  const local = (value: number): number => end + 1 + value;
  const code: number[] = [1, ...leb(inputs + constants.length + steps.length), VECTOR];
  const get = (index: number): void => void code.push(LOCAL_GET, ...leb(index));
  const set = (index: number): void => void code.push(LOCAL_SET, ...leb(index));
  const simd = (instruction: number, ...immediates: readonly number[]): void => void code.push(SIMD, ...leb(instruction), ...immediates);
  for (let i = arrays; i < inputs; i++) {
    get(i);
    simd(LOAD_SPLAT, 2, 0);
    set(local(i));
  }
  constants.forEach((bits, i) => {
    code.push(F32_CONST, ...new Uint8Array(Uint32Array.of(bits).buffer));
    simd(SPLAT);
    set(local(inputs + i));
  });
  code.push(LOOP, NO_RESULT);
  for (let i = 0; i < arrays; i++) {
    get(i);
    get(begin);
    code.push(I32_ADD);
    simd(LOAD, 4, 0);
    set(local(i));
  }
  steps.forEach(({ instruction, operands }, i) => {
    for (const operand of operands) get(local(operand));
    simd(INSTRUCTIONS[instruction]);
    set(local(inputs + constants.length + i));
  });
  outputs.forEach((value, i) => {
    get(inputs + i);
    get(begin);
    code.push(I32_ADD);
    get(local(value));
    simd(STORE, 4, 0);
  });
  get(begin);
  code.push(I32_CONST, LANE_BYTES, I32_ADD, LOCAL_TEE, ...leb(begin));
  get(end);
  code.push(I32_LT_U, BR_IF, 0, END, END);
  const parameters = end + 1;
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, FUNCTION, ...leb(parameters), ...Array.from({ length: parameters }, () => I32), 0]),
    ...section(2, [1, 1, 0x6d, 1, 0x6d, MEMORY, SHARED, 1, ...leb(maximumPages)]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x6b, 0, 0]),
    ...section(10, [1, ...sized(code)]),
  ]);
}

const [I32, VECTOR, FUNCTION, NO_RESULT] = [0x7f, 0x7b, 0x60, 0x40];
const [MEMORY, SHARED] = [2, 3];
const [LOOP, END, BR_IF, LOCAL_GET, LOCAL_SET, LOCAL_TEE] = [0x03, 0x0b, 0x0d, 0x20, 0x21, 0x22];
const [I32_CONST, F32_CONST, I32_LT_U, I32_ADD] = [0x41, 0x43, 0x49, 0x6a];
const [SIMD, LOAD, LOAD_SPLAT, STORE, SPLAT] = [0xfd, 0x00, 0x09, 0x0b, 0x13];

/** Codes of the instructions f32x4.abs and so on. */
const INSTRUCTIONS: Readonly<Record<LaneInstruction, number>> = {
  abs: 0xe0,
  neg: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  min: 0xe8,
  max: 0xe9,
};

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function sized(content: readonly number[]): number[] {
  return [...leb(content.length), ...content];
}

/** An unsigned number in WebAssembly's variable-length form. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
