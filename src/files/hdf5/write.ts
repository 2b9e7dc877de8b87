import { NacreError } from "../../error.js";
import { bytesPerElement, type DType, type TypedArray } from "../../tensor/dtype.js";
import { lookup3 } from "./checksum.js";
import { MESSAGE } from "./messages.js";

/** An array to be written. */
export interface Hdf5Array {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const SUPERBLOCK_BYTES = 48;
const UNDEFINED = 0xffffffffffffffffn;

/** "OHDR", version, flags, length of the messages; behind them their checksum. */
const HEADER_BYTES = 14;

/** Kinds of messages that only writing needs. */
const FILL_VALUE = 5;
const GROUP_INFO = 10;
const ATTRIBUTE = 12;

/** A group: what lies in it by name, and its attribute `name`. */
class Group {
  readonly children = new Map<string, Group | Hdf5Array>();
  name: string | undefined;
}

/**
 * An HDF5 file of arrays by their paths, such as `layers/dense/vars/0`, as one piece each. `names`
 * gives groups an attribute `name`, and makes those that hold nothing.
 *
 * @throws BAD_ARGUMENT when a path is both an array and a group
 */
export function writeHdf5(arrays: ReadonlyMap<string, Hdf5Array>, names: ReadonlyMap<string, string> = new Map()): Uint8Array {
  const root = new Group();
  for (const [path, name] of names) groupAt(root, path.split("/")).name = name;
  for (const [path, array] of arrays) {
    const parents = path.split("/");
    const own = parents.pop()!;
    const group = groupAt(root, parents);
    if (group.children.has(own)) throw twice(path);
    group.children.set(own, array);
  }
  return new Writer(root).bytes;
}

function groupAt(root: Group, path: readonly string[]): Group {
  let group = root;
  for (const name of path) {
    const below = group.children.get(name) ?? new Group();
    if (!(below instanceof Group)) throw twice(path.join("/"));
    group.children.set(name, below);
    group = below;
  }
  return group;
}

/** Writes objects after those that they hold, so that each header knows where its children lie. */
class Writer {
  readonly bytes: Uint8Array;
  #at = SUPERBLOCK_BYTES;

  constructor(root: Group) {
    this.bytes = new Uint8Array(SUPERBLOCK_BYTES + sizeOf(root));
    const header = this.#group(root);
    this.bytes.set(SIGNATURE);
    this.bytes.set([2, 8, 8, 0], 8);
    const view = new DataView(this.bytes.buffer);
    [0n, UNDEFINED, BigInt(this.bytes.length), BigInt(header)].forEach((address, i) => view.setBigUint64(12 + 8 * i, address, true));
    view.setUint32(44, lookup3(this.bytes.subarray(0, 44)), true);
  }

  #group(group: Group): number {
    const places = [...group.children].map(([name, child]) => [name, child instanceof Group ? this.#group(child) : this.#array(child)] as const);
    return this.#header(groupMessages(group, places));
  }

  #array(array: Hdf5Array): number {
    const { data } = array;
    const begin = this.#at;
    this.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), begin);
    this.#at += padded(data.byteLength);
    return this.#header(arrayMessages(array, begin));
  }

  #header(messages: readonly Message[]): number {
    const begin = this.#at;
    const length = messages.reduce((sum, { data }) => sum + 4 + data.length, 0);
    const view = new DataView(this.bytes.buffer, begin);
    this.bytes.set([0x4f, 0x48, 0x44, 0x52, 2, 2], begin);
    view.setUint32(6, length, true);
    let at = 10;
    for (const { type, data } of messages) {
      view.setUint8(at, type);
      view.setUint16(at + 1, data.length, true);
      this.bytes.set(data, begin + at + 4);
      at += 4 + data.length;
    }
    view.setUint32(at, lookup3(this.bytes.subarray(begin, begin + at)), true);
    this.#at += padded(HEADER_BYTES + length);
    return begin;
  }
}

/** Bytes that a group, or an array with its elements, takes. */
function sizeOf(object: Group | Hdf5Array): number {
  const inside = object instanceof Group ? [...object.children.values()].reduce((sum, child) => sum + sizeOf(child), 0) : padded(object.data.byteLength);
  const messages = object instanceof Group ? groupMessages(object, [...object.children.keys()].map((name) => [name, 0])) : arrayMessages(object, 0);
  return inside + padded(HEADER_BYTES + messages.reduce((sum, { data }) => sum + 4 + data.length, 0));
}

/** All begins at a multiple of 8. */
function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

interface Message {
  readonly type: number;
  readonly data: Uint8Array;
}

function groupMessages({ name }: Group, places: readonly (readonly [name: string, header: number])[]): Message[] {
  return [
    { type: MESSAGE.linkInfo, data: packed(18, (view) => [2, 10].forEach((at) => view.setBigUint64(at, UNDEFINED, true))) },
    { type: GROUP_INFO, data: new Uint8Array(2) },
    ...(name === undefined ? [] : [{ type: ATTRIBUTE, data: textAttribute("name", name) }]),
    ...places.map(([child, header]) => ({ type: MESSAGE.link, data: link(child, header) })),
  ];
}

/** Version 1, with a charset (UTF-8) and a name whose length takes two bytes. */
function link(name: string, header: number): Uint8Array {
  const text = new TextEncoder().encode(name);
  return packed(13 + text.length, (view, bytes) => {
    bytes.set([1, 0x11, 1]);
    view.setUint16(3, text.length, true);
    bytes.set(text, 5);
    view.setBigUint64(5 + text.length, BigInt(header), true);
  });
}

/** A text of fixed length in UTF-8. */
function textAttribute(name: string, value: string): Uint8Array {
  const [label, text] = [new TextEncoder().encode(`${name}\0`), new TextEncoder().encode(value === "" ? "\0" : value)];
  return packed(9 + label.length + 8 + 4 + text.length, (view, bytes) => {
    bytes.set([3, 0]);
    [label.length, 8, 4].forEach((length, i) => view.setUint16(2 + 2 * i, length, true));
    bytes.set([1], 8);
    bytes.set(label, 9);
    const type = 9 + label.length;
    bytes.set([0x13, 0x11], type);
    view.setUint32(type + 4, text.length, true);
    bytes.set([2, 0, 0, 0], type + 8);
    bytes.set(text, type + 12);
  });
}

function arrayMessages({ dtype, shape, data }: Hdf5Array, begin: number): Message[] {
  const dataspace = packed(4 + 8 * shape.length, (view, bytes) => {
    bytes.set([2, shape.length, 0, shape.length === 0 ? 0 : 1]);
    shape.forEach((dim, i) => view.setBigUint64(4 + 8 * i, BigInt(dim), true));
  });
  const layout = packed(18, (view, bytes) => {
    bytes.set([3, 1]);
    view.setBigUint64(2, data.byteLength === 0 ? UNDEFINED : BigInt(begin), true);
    view.setBigUint64(10, BigInt(data.byteLength), true);
  });
  return [
    { type: MESSAGE.dataspace, data: dataspace },
    { type: MESSAGE.datatype, data: datatype(dtype) },
    // Space is taken late, and no value fills it.
    { type: FILL_VALUE, data: Uint8Array.of(3, 0x0a) },
    { type: MESSAGE.layout, data: layout },
  ];
}

/** How many bits of an IEEE float of so many bytes are exponent and fraction. */
const FLOAT_BITS: Readonly<Record<string, readonly [exponent: number, fraction: number]>> = { float32: [8, 23], float64: [11, 52] };

function datatype(dtype: DType): Uint8Array {
  const size = bytesPerElement(dtype);
  const float = FLOAT_BITS[dtype];
  return packed(float === undefined ? 12 : 20, (view, bytes) => {
    bytes.set(float === undefined ? [0x10, dtype.startsWith("int") ? 8 : 0] : [0x11, 0x20, 8 * size - 1]);
    view.setUint32(4, size, true);
    view.setUint16(10, 8 * size, true);
    if (float === undefined) return;
    const [exponent, fraction] = float;
    bytes.set([fraction, exponent, 0, fraction], 12);
    view.setUint32(16, 2 ** (exponent - 1) - 1, true);
  });
}

function packed(length: number, fill: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(new DataView(bytes.buffer), bytes);
  return bytes;
}

function twice(path: string): NacreError {
  return new NacreError({ code: "BAD_ARGUMENT", where: "HDF5 file", expected: "each path once", received: `"${path}" twice` });
}
