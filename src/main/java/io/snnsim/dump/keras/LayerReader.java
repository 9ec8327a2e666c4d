// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.dump.layers.Value;
import java.util.List;

/** Knows which of Keras's layers is read how. Stateless. */
final class LayerReader {
  private LayerReader() {}

  /** Adds a layer to the network; what cannot be imported is an obstacle. */
  static Signal read(Reading to, Layer layer, Call call, List<Signal> in) {
    if (in.size() == 1 && !Arithmetic.operation(layer).isEmpty()) {
      return Arithmetic.read(to, layer, call, in.getFirst());
    }
    return switch (layer.kind()) {
      case "Add" -> Shaping.add(to, layer, in);
      case "Concatenate" -> Shaping.concatenate(to, layer, in);
      default ->
          in.size() == 1
              ? one(to, layer, in.getFirst())
              : unknown(to, layer, in.toArray(Signal[]::new));
    };
  }

  private static Signal unknown(Reading to, Layer layer, Signal... in) {
    String function = layer.config().get("function").asText();
    return to.obstacle(
        layer,
        "found a layer that cannot be imported"
            + (function.isEmpty() ? "" : " (" + function + ")")
            + (in.length > 1 ? " of " + in.length + " inputs" : ""),
        LayerKinds.advice(layer.kind()),
        in);
  }

  private static Signal one(Reading to, Layer layer, Signal in) {
    return switch (layer.kind()) {
      case "Conv2D" -> Convolutions.conv2d(to, layer, in);
      case "Conv1D" -> Convolutions.conv1d(to, layer, in);
      case "DepthwiseConv2D" -> Convolutions.depthwise(to, layer, in);
      case "SeparableConv2D" -> Convolutions.separable(to, layer, in);
      case "Dense" -> Convolutions.dense(to, layer, in);
      case "BatchNormalization",
          "BatchNormalizationV1",
          "BatchNormalizationV2",
          "SyncBatchNormalization" ->
          Scaling.batchNorm(to, layer, in);
      case "Rescaling" -> Scaling.rescaling(to, layer, in);
      case "Normalization" -> Scaling.normalization(to, layer, in);
      case "Activation" -> Activations.alone(to, layer, in);
      case "ReLU", "Relu" -> Activations.relu(to, layer, in);
      case "Softmax" -> softmax(to, layer, in);
      case "MaxPooling2D", "MaxPool2D" -> Pools.max(to, layer, in, Form.MAP);
      case "MaxPooling1D", "MaxPool1D" -> Pools.max(to, layer, in, Form.SEQUENCE);
      case "AveragePooling2D", "AvgPool2D" -> Pools.average(to, layer, in, Form.MAP);
      case "AveragePooling1D", "AvgPool1D" -> Pools.average(to, layer, in, Form.SEQUENCE);
      case "GlobalAveragePooling2D" -> Pools.global(to, layer, in, Form.MAP, true);
      case "GlobalAveragePooling1D" -> Pools.global(to, layer, in, Form.SEQUENCE, true);
      case "GlobalMaxPooling2D" -> Pools.global(to, layer, in, Form.MAP, false);
      case "GlobalMaxPooling1D" -> Pools.global(to, layer, in, Form.SEQUENCE, false);
      case "ZeroPadding2D" -> Shaping.zeros(to, layer, in, Form.MAP);
      case "ZeroPadding1D" -> Shaping.zeros(to, layer, in, Form.SEQUENCE);
      case "UpSampling2D" -> Shaping.upsampled(to, layer, in, Form.MAP);
      case "UpSampling1D" -> Shaping.upsampled(to, layer, in, Form.SEQUENCE);
      case "Flatten" -> Shaping.flatten(to, layer, in);
      case "Reshape" -> Shaping.reshape(to, layer, in);
      case "Identity" -> in;
      default -> LayerKinds.isForTraining(layer.kind()) ? in : unknown(to, layer, in);
    };
  }

  private static Signal softmax(Reading to, Layer layer, Signal in) {
    Value end = to.graph().end(to.name(layer), "softmax", in.value());
    return in.with(end);
  }
}
