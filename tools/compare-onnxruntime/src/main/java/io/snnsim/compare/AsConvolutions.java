// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rewrites as convolutions what ONNX Runtime serves better so; the function stays the same.
 * Stateless.
 *
 * <p>Option-A shortcuts become 1x1 convolutions whose weights are 0 and 1: ONNX Runtime keeps its
 * layout of channels through a convolution and fuses it with the sum, where a Slice and a Pad made
 * ResNet-20 slower. Dilated average pools, for which it has no 8-bit operator, become depthwise
 * convolutions.
 */
final class AsConvolutions {
  private AsConvolutions() {}

  /** The network with such operators rewritten; nodes keep their places. */
  static AnnGraph of(AnnGraph graph) {
    List<AnnNode> nodes = new ArrayList<>();
    for (AnnNode node : graph.nodes()) {
      AnnOp op = node.op();
      if (op instanceof ZeroPadShortcut shortcut) {
        op = convolution(shortcut, channels(graph, node));
      } else if (op instanceof AvgPool(Window w) && (w.dilationH() > 1 || w.dilationW() > 1)) {
        op = depthwise(w, channels(graph, node));
      }
      nodes.add(new AnnNode(node.name(), op, node.inputs()));
    }
    return new AnnGraph(graph.name(), nodes);
  }

  private static int channels(AnnGraph graph, AnnNode node) {
    return graph.shape(graph.indexOf(node.inputs().getFirst())).channels();
  }

  private static Conv2d depthwise(Window window, int channels) {
    float[] weights = new float[channels * window.taps()];
    Arrays.fill(weights, 1f / window.taps());
    Tensor weight = Tensor.of(weights, channels, 1, window.kernelH(), window.kernelW());
    return new Conv2d(weight, null, window, channels);
  }

  private static Conv2d convolution(ZeroPadShortcut op, int channels) {
    int outputs = channels + op.channelsBefore() + op.channelsAfter();
    float[] weights = new float[outputs * channels];
    for (int c = 0; c < channels; c++) {
      weights[(c + op.channelsBefore()) * channels + c] = 1;
    }
    Tensor weight = Tensor.of(weights, outputs, channels, 1, 1);
    return new Conv2d(weight, null, Window.square(1, op.stride(), 0), 1);
  }
}
