// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import java.util.Set;

/** What is known of Keras's classes of layers before any is read. Stateless. */
final class LayerKinds {
  private static final Set<String> WEIGHTED =
      Set.of(
          "Conv1D",
          "Conv2D",
          "DepthwiseConv2D",
          "SeparableConv2D",
          "Dense",
          "BatchNormalization",
          "BatchNormalizationV1",
          "BatchNormalizationV2",
          "SyncBatchNormalization");

  private LayerKinds() {}

  /** True if a layer that can be imported has tensors in the file. */
  static boolean hasWeights(Layer layer) {
    if (layer.nested() != null) {
      return layer.nested().layers().values().stream().anyMatch(LayerKinds::hasWeights);
    }
    return WEIGHTED.contains(layer.kind())
        || (layer.kind().equals("Normalization") && !layer.has("mean"));
  }

  /** True if a layer does nothing but in training. */
  static boolean isForTraining(String kind) {
    return switch (kind) {
      case "Dropout",
          "SpatialDropout1D",
          "SpatialDropout2D",
          "AlphaDropout",
          "GaussianDropout",
          "GaussianNoise",
          "ActivityRegularization" ->
          true;
      default -> kind.startsWith("Random");
    };
  }

  /** What a user can do about a layer that cannot be imported. */
  static String advice(String kind) {
    return switch (kind) {
      case "LeakyReLU", "PReLU", "ELU", "ThresholdedReLU" ->
          "train the network with ReLU in its place";
      case "Lambda", "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer" ->
          "no code of a file is run; write it with layers of Keras, such as Rescaling";
      case "Conv1DTranspose", "Conv2DTranspose" ->
          "use UpSampling2D (nearest) and a convolution in its place, and train again";
      case "LayerNormalization", "GroupNormalization" ->
          "train the network with BatchNormalization in its place";
      case "LSTM", "GRU", "SimpleRNN", "Attention", "MultiHeadAttention", "Embedding" ->
          "only networks of convolutions, dense layers and pools can be converted";
      default -> "leave it out or replace it, and train the network again";
    };
  }
}
