const image = (): Promise<unknown> => import("../image/index.js");

/**
 * Layers that are not there from the start, by class name: files that hold one load its room.
 * A line here is all that a room needs.
 */
const ROOMS: Readonly<Record<string, () => Promise<unknown>>> = {
  AutoContrast: image,
  CategoryEncoding: () => import("../text/index.js"),
  CutMix: image,
  KerasOperation: () => import("./interop/operations/layer.js"),
  MelSpectrogram: () => import("../audio/index.js"),
  MixUp: image,
  OnnxGraph: () => import("./interop/onnxLayer.js"),
  RandomBrightness: image,
  RandomColorDegeneration: image,
  RandomColorJitter: image,
  RandomContrast: image,
  RandomCrop: image,
  RandomErasing: image,
  RandomFlip: image,
  RandomGrayscale: image,
  RandomHue: image,
  RandomInvert: image,
  RandomPerspective: image,
  RandomPosterization: image,
  RandomRotation: image,
  RandomSaturation: image,
  RandomSharpness: image,
  RandomShear: image,
  RandomTranslation: image,
  RandomZoom: image,
  STFTSpectrogram: () => import("../audio/index.js"),
  Solarization: image,
};

/** The classes of layers that are not there from the start. */
export const ROOM_CLASSES: ReadonlySet<string> = new Set(Object.keys(ROOMS));

/** Loads the rooms of the layers that a model's stored configuration names, in Nacre's words or Keras's. */
export async function loadRooms(config: Uint8Array): Promise<void> {
  const names = new TextDecoder().decode(config).matchAll(/"class(?:N|_n)ame"\s*:\s*"(\w+)"/g);
  const rooms = [...names].flatMap(([, name]) => (Object.hasOwn(ROOMS, name!) ? [ROOMS[name!]!] : []));
  await Promise.all([...new Set(rooms)].map((room) => room()));
}
