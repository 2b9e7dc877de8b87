import { type Message, MESSAGE, messageOf } from "./messages.js";
import { badHdf5, unsupportedHdf5 } from "./problems.js";
import type { Source } from "./source.js";

/** A name in a group, and where the object header of what it names lies. */
export interface Link {
  readonly name: string;
  readonly header: number;
}

/** Bytes of an entry in a symbol table. */
const ENTRY = 40;

/** The links of a group, old or new; undefined where the messages are not those of a group. */
export function linksOf(source: Source, messages: readonly Message[]): Link[] | undefined {
  const table = messageOf(messages, MESSAGE.symbolTable);
  if (table !== undefined) return tableLinks(source, table);
  const info = messageOf(messages, MESSAGE.linkInfo);
  const links = messages.filter(({ type }) => type === MESSAGE.link);
  if (info === undefined && links.length === 0) return undefined;
  if (info !== undefined) {
    const heap = source.address(info.at + (source.u8(info.at + 1) & 1 ? 10 : 2));
    if (heap !== undefined) throw unsupportedHdf5("group", "links in a symbol table or in the group's header", "links in a fractal heap");
  }
  return links.map((link) => newLink(source, link));
}

/** The links of a symbol table: a tree of nodes, with names in a heap. */
function tableLinks(source: Source, message: Message): Link[] {
  const heap = source.u64(message.at + 8);
  source.visit("heap", heap);
  source.expect("HEAP", heap);
  const names = { at: source.u64(heap + 24), length: source.u64(heap + 8) };
  source.slice(names.at, names.length);
  const links: Link[] = [];
  const nodes: { readonly at: number; readonly level: number | undefined }[] = [{ at: source.u64(message.at), level: undefined }];
  for (let node = nodes.shift(); node !== undefined; node = nodes.shift()) {
    const { at } = node;
    if (node.level === -1) {
      links.push(...tableEntries(source, at, names));
      continue;
    }
    source.visit("tree node", at);
    source.expect("TREE", at);
    const [type, level, count] = [source.u8(at + 4), source.u8(at + 5), source.u16(at + 6)];
    if (type !== 0 || (node.level !== undefined && level !== node.level)) throw badHdf5("a tree of groups", `a node of type ${type}, level ${level}`);
    source.spend(16 * count);
    for (let i = 0; i < count; i++) nodes.push({ at: source.u64(at + 32 + 16 * i), level: level - 1 });
  }
  return links;
}

function tableEntries(source: Source, at: number, names: { readonly at: number; readonly length: number }): Link[] {
  source.visit("symbol table", at);
  source.expect("SNOD", at);
  const count = source.u16(at + 6);
  source.slice(at + 8, count * ENTRY);
  source.spend(count * ENTRY);
  return Array.from({ length: count }, (_, i) => {
    const entry = at + 8 + i * ENTRY;
    const offset = source.u64(entry);
    if (offset >= names.length) throw badHdf5(`names within ${names.length} bytes`, `one at ${offset}`);
    const name = source.text(names.at + offset, names.at + names.length);
    if (source.u32(entry + 16) === 2) throw symbolic(name);
    return { name, header: source.u64(entry + 8) };
  });
}

function newLink(source: Source, { at, size }: Message): Link {
  source.version("link", source.u8(at), [1]);
  const flags = source.u8(at + 1);
  let place = at + 2;
  const kind = flags & 8 ? source.u8(place++) : 0;
  place += (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
  const width = 1 << (flags & 3);
  const length = source.unsigned(place, width);
  if (place + width + length > at + size) throw badHdf5("a name within its link", `one of ${length} bytes`);
  const name = new TextDecoder().decode(source.slice(place + width, length));
  if (kind !== 0) throw symbolic(name);
  return { name, header: source.u64(place + width + length) };
}

function symbolic(name: string): Error {
  return unsupportedHdf5(`link "${name}"`, "an object of this file", "a link to a path or another file");
}
