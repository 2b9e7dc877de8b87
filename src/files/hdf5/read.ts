import { datasetOf, type Hdf5Dataset } from "./dataset.js";
import { linksOf } from "./group.js";
import { messagesOf } from "./messages.js";
import { badHdf5, unsupportedHdf5 } from "./problems.js";
import { Source } from "./source.js";

const SIGNATURE = "\x89HDF\r\n\x1a\n";

/** Groups within groups; Keras's weights nest by some ten. */
const MAX_DEPTH = 100;

/**
 * All arrays of an HDF5 file by their paths, such as `layers/dense/vars/0`: those of numbers, in
 * one piece and not compressed, as h5py writes them by default. Attributes are not read.
 *
 * The bytes are taken as untrusted: no part may leave the file or be used twice, so that time and
 * memory stay in proportion to its size.
 *
 * @throws BAD_FILE when the bytes are cut short, damaged or no HDF5 file
 * @throws UNSUPPORTED when they hold chunks, compression, links to elsewhere, or other than numbers
 */
export function readHdf5(bytes: Uint8Array): Map<string, Hdf5Dataset> {
  const source = new Source(bytes);
  const arrays = new Map<string, Hdf5Dataset>();
  const open = [{ path: "", header: rootOf(source), depth: 0 }];
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    const { path, depth } = object;
    const messages = messagesOf(source, object.header);
    const links = linksOf(source, messages);
    if (links === undefined) {
      if (arrays.has(path)) throw badHdf5("each name once", `"${path}" twice`);
      arrays.set(path, datasetOf(source, path, messages));
      continue;
    }
    if (depth === MAX_DEPTH) throw badHdf5(`groups nested ${MAX_DEPTH} deep at most`, "deeper ones");
    for (const { name, header } of links) open.push({ path: path === "" ? name : `${path}/${name}`, header, depth: depth + 1 });
  }
  return arrays;
}

/** Where the root group's object header lies. */
function rootOf(source: Source): number {
  source.expect(SIGNATURE, 0);
  const version = source.u8(8);
  source.version("superblock", version, [0, 1, 2, 3]);
  const old = version < 2;
  const sizes = old ? 13 : 9;
  if (source.u8(sizes) !== 8 || source.u8(sizes + 1) !== 8) {
    throw unsupportedHdf5("superblock", "addresses and lengths of 8 bytes", `${source.u8(sizes)} and ${source.u8(sizes + 1)}`);
  }
  const base = [24, 28, 12, 12][version]!;
  if (source.u64(base) !== 0) throw unsupportedHdf5("superblock", "a file that begins at byte 0", `${source.u64(base)}`);
  const end = source.u64(base + 16);
  if (end > source.bytes.length) throw badHdf5(`${end} bytes`, `${source.bytes.length}`);
  return source.u64(old ? base + 40 : base + 24);
}
