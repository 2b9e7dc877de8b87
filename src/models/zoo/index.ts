// The models train on the engine that the main entry brings.
import "nacre";

export { alexNet } from "./alexNet.js";
export type { Autoencoder } from "./autoencoder.js";
export { biLstmClassifier, type BiLstmClassifierOptions } from "./biLstmClassifier.js";
export {
  convolutionalAutoencoder,
  type ConvolutionalAutoencoderOptions,
  denoisingAutoencoder,
  type DenoisingAutoencoderOptions,
} from "./convolutionalAutoencoder.js";
export { denseAutoencoder, type DenseAutoencoderOptions } from "./denseAutoencoder.js";
export { type Gan, gan, type GanOptions } from "./gan.js";
export { gpt, type GptOptions } from "./gpt.js";
export type { ImageClassifierOptions } from "./imageOptions.js";
export { inceptionV1, type InceptionV1Options } from "./inceptionV1.js";
export { leNet5 } from "./leNet5.js";
export { mlp, type MlpOptions } from "./mlp.js";
export { mobileNetV2 } from "./mobileNetV2.js";
export { resNet18, resNet34, resNet50 } from "./resNet.js";
export { seq2seq, type Seq2seqOptions } from "./seq2seq.js";
export { type Siamese, siamese, type SiameseOptions } from "./siamese.js";
export { type GanLogs, trainGan, type TrainGanOptions } from "./trainGan.js";
export { transformer, type TransformerModelOptions } from "./transformer.js";
export { transformerClassifier, type TransformerClassifierOptions } from "./transformerClassifier.js";
export { uNet, type UNetOptions } from "./uNet.js";
export { variationalAutoencoder, type VariationalAutoencoderOptions } from "./variationalAutoencoder.js";
export { vgg16 } from "./vgg16.js";
export { xception } from "./xception.js";
