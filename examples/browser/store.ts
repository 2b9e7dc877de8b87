const FILE = "digits.nacre";

/** The network that this browser remembers, in the site's own file system; undefined when there is none. */
export async function recall(): Promise<Uint8Array | undefined> {
  try {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle(FILE)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    // Without such a file or file system the page begins with the network that it came with.
    return undefined;
  }
}

/** Keeps a network for the next visit. */
export async function remember(bytes: Uint8Array): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  const stream = await (await folder.getFileHandle(FILE, { create: true })).createWritable();
  await stream.write(bytes as Uint8Array<ArrayBuffer>);
  await stream.close();
}

/** Forgets what {@link remember} kept. */
export async function forget(): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  await folder.removeEntry(FILE).catch(() => undefined);
}

/** Offers a network as a file. */
export function download(bytes: Uint8Array): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A file that lies beside the page. */
export async function beside(name: string): Promise<Uint8Array> {
  const response = await fetch(new URL(name, document.baseURI));
  if (!response.ok) throw new Error(`${name} could not be loaded: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
