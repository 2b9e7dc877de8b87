import { badHdf5, unsupportedHdf5 } from "./problems.js";
import type { Source } from "./source.js";

/** What a message says; the numbers are those of the format. */
export const MESSAGE = { dataspace: 1, linkInfo: 2, datatype: 3, link: 6, layout: 8, filters: 11, continuation: 16, symbolTable: 17 } as const;

const SHARED = 0x02;

/** One message of an object header: its kind, and where its contents lie. */
export interface Message {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

interface Block {
  readonly at: number;
  readonly end: number;
}

/** The messages of the object header at `at`. @throws BAD_FILE when it is damaged */
export function messagesOf(source: Source, at: number): Message[] {
  source.visit("object header", at);
  return source.says("OHDR", at) ? newMessages(source, at) : oldMessages(source, at);
}

/** The one message of a kind; undefined where there is none. */
export function messageOf(messages: readonly Message[], type: number): Message | undefined {
  return messages.find((message) => message.type === type);
}

function oldMessages(source: Source, at: number): Message[] {
  source.version("object header", source.u8(at), [1]);
  const count = source.u16(at + 2);
  const messages: Message[] = [];
  const blocks: Block[] = [block(source, at + 16, source.u32(at + 8))];
  for (let next = blocks.shift(); next !== undefined; next = blocks.shift()) {
    for (let place = next.at; place + 8 <= next.end && messages.length < count; ) {
      const message = read(source, source.u16(place), source.u16(place + 2), source.u8(place + 4), place + 8, next);
      messages.push(message);
      if (message.type === MESSAGE.continuation) blocks.push(continued(source, message));
      place = message.at + message.size;
    }
  }
  return messages;
}

function newMessages(source: Source, at: number): Message[] {
  source.version("object header", source.u8(at + 4), [2]);
  const flags = source.u8(at + 5);
  const sizeAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const head = flags & 4 ? 6 : 4;
  const messages: Message[] = [];
  const blocks: Block[] = [block(source, sizeAt + width, source.unsigned(sizeAt, width))];
  for (let next = blocks.shift(); next !== undefined; next = blocks.shift()) {
    for (let place = next.at; place + head <= next.end; ) {
      const message = read(source, source.u8(place), source.u16(place + 1), source.u8(place + 3), place + head, next);
      messages.push(message);
      if (message.type === MESSAGE.continuation) {
        const { at: begin, end } = continued(source, message);
        source.expect("OCHK", begin);
        // Between the signature and the checksum.
        blocks.push({ at: begin + 4, end: end - 4 });
      }
      place = message.at + message.size;
    }
  }
  return messages;
}

function read(source: Source, type: number, size: number, flags: number, at: number, { end }: Block): Message {
  if (at + size > end) throw badHdf5("messages within their object header", `one of ${size} bytes that leaves it`);
  source.spend(size);
  const used = type !== 0 && Object.values(MESSAGE).includes(type as never);
  if (used && (flags & SHARED) !== 0) throw unsupportedHdf5("object header", "messages of its own", "shared ones");
  return { type, at, size };
}

function continued(source: Source, { at }: Message): Block {
  const begin = source.u64(at);
  source.visit("header continuation", begin);
  return block(source, begin, source.u64(at + 8));
}

function block(source: Source, at: number, length: number): Block {
  source.slice(at, length);
  source.spend(length);
  return { at, end: at + length };
}
