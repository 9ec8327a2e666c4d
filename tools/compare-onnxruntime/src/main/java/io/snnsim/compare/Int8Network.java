// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.Weighted;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a folded ANN, rewritten by {@link AsConvolutions}, as ONNX in 8 bits, statically
 * quantised: unsigned activations of one range a tensor, signed weights symmetric about 0 with a
 * scale a channel, 32-bit biases. Confined to one thread; one network each.
 *
 * <p>Every operator that computes stands between DequantizeLinear and QuantizeLinear, the form that
 * ONNX Runtime's optimiser makes its integer operators from. Those that only move values or compare
 * them work on the bytes. A ReLU costs nothing where its range holds nothing that it takes away.
 */
final class Int8Network {
  private final AnnGraph graph;
  private final List<Range> ranges;
  private final int largestWeight;
  private final OnnxFile file = new OnnxFile();
  private final OnnxOperators operators = new OnnxOperators(file);

  /** The tensor of bytes of each node that has one, and what they stand for. */
  private final Map<String, Bytes> tensors = new HashMap<>();

  private record Bytes(String name, Range range) {}

  private Int8Network(AnnGraph graph, List<Range> ranges, int largestWeight) {
    this.graph = graph;
    this.ranges = ranges;
    this.largestWeight = largestWeight;
  }

  /**
   * Writes the network.
   *
   * @param ranges one a node
   * @param largestWeight 127, or less where the processor's 8-bit products saturate
   */
  static byte[] write(AnnGraph graph, List<Range> ranges, int largestWeight) {
    return new Int8Network(graph, ranges, largestWeight).write();
  }

  private byte[] write() {
    List<List<Integer>> consumers = graph.consumers();
    int last = graph.nodes().size() - 1;
    tensors.put(graph.nodes().getFirst().name(), quantised(OnnxFile.INPUT, ranges.getFirst()));
    for (int i = 1; i <= last; i++) {
      AnnNode node = graph.nodes().get(i);
      if (tensors.containsKey(node.name())) {
        continue; // A ReLU that went with what it reads.
      }
      if (!computes(node.op()) && i != last) {
        moved(node);
        continue;
      }
      int end = i;
      Relu rectified = null;
      if (i != last
          && consumers.get(i).size() == 1
          && graph.nodes().get(consumers.get(i).getFirst()).op() instanceof Relu relu) {
        end = consumers.get(i).getFirst();
        rectified = relu;
      }
      if (end == last) {
        String output =
            rectified != null ? file.fresh(node.name()) : operators.lastOutput(node.op());
        computed(node, output);
        if (rectified != null) {
          output = operators.relu(rectified, output, file.fresh(output));
        }
        operators.end(output, graph.outputShape().size());
        break;
      }
      String output = computed(node, file.fresh(node.name()));
      Range range = ranges.get(end);
      if (rectified != null && !range.within(rectified.most())) {
        output = operators.relu(rectified, output, file.fresh(output));
      }
      tensors.put(graph.nodes().get(end).name(), quantised(output, range));
    }
    return file.toBytes(graph.name(), graph.inputShape(), graph.outputShape().size());
  }

  /** False of those whose outputs are some of their inputs, or 0. */
  private static boolean computes(AnnOp op) {
    return switch (op) {
      case Weighted w -> true;
      case Add a -> true;
      case Concat c -> true; // Its inputs have ranges of their own.
      case AvgPool p -> true;
      case GlobalAvgPool p -> true;
      case BatchNorm n -> true;
      case Relu r -> true;
      case MaxPool p -> false;
      case Flatten f -> false;
      case Identity i -> false;
      case Upsample u -> false;
      case ZeroPadShortcut s -> false;
      case Input i -> false;
    };
  }

  private MapShape from(AnnNode node) {
    return graph.shape(graph.indexOf(node.inputs().getFirst()));
  }

  private void moved(AnnNode node) {
    Bytes in = tensors.get(node.inputs().getFirst());
    String output =
        operators.add(node.op(), from(node), List.of(in.name()), file.fresh(node.name()));
    tensors.put(node.name(), new Bytes(output, in.range()));
  }

  private String computed(AnnNode node, String output) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      Bytes in = tensors.get(input);
      String bytes = node.op() instanceof Linear ? operators.row(in.name(), from(node)) : in.name();
      inputs.add(dequantised(bytes, in.range()));
    }
    if (node.op() instanceof Weighted w) {
      weights(node.name(), w, tensors.get(node.inputs().getFirst()).range().scale(), inputs);
    }
    return operators.add(node.op(), from(node), inputs, output);
  }

  private String dequantised(String bytes, Range range) {
    return file.node("DequantizeLinear", pointed(bytes, range), file.fresh(bytes));
  }

  private Bytes quantised(String tensor, Range range) {
    return new Bytes(
        file.node("QuantizeLinear", pointed(tensor, range), file.fresh(tensor)), range);
  }

  private List<String> pointed(String tensor, Range range) {
    return List.of(
        tensor,
        file.floats(file.fresh(tensor), new float[] {range.scale()}),
        file.uint8(file.fresh(tensor), range.zeroPoint()));
  }

  /** Adds weights and bias to an operator's inputs. */
  private void weights(String name, Weighted op, float inputScale, List<String> inputs) {
    Tensor weight = op.weight();
    int channels = weight.shape()[0];
    int each = weight.size() / channels;
    float[] scales = new float[channels];
    byte[] integers = new byte[weight.size()];
    float[] biasScales = new float[channels];
    int[] biases = new int[channels];
    for (int c = 0; c < channels; c++) {
      float largest = 0;
      for (int k = 0; k < each; k++) {
        largest = Math.max(largest, Math.abs(weight.data()[c * each + k]));
      }
      scales[c] = largest > Float.MIN_NORMAL ? largest / largestWeight : 1;
      for (int k = 0; k < each; k++) {
        integers[c * each + k] = (byte) Math.rint(weight.data()[c * each + k] / scales[c]);
      }
      biasScales[c] = inputScale * scales[c];
      if (op.bias() != null) {
        // The cast saturates.
        biases[c] = (int) Math.rint((double) op.bias().data()[c] / biasScales[c]);
      }
    }
    inputs.add(channelwise(file.int8(file.fresh(name), integers, weight.shape()), scales, name));
    if (op.bias() != null) {
      inputs.add(channelwise(file.int32(file.fresh(name), biases), biasScales, name));
    }
  }

  private String channelwise(String integers, float[] scales, String name) {
    return file.node(
        "DequantizeLinear",
        List.of(integers, file.floats(file.fresh(name), scales, scales.length)),
        file.fresh(name),
        Map.of("axis", new long[] {0}));
  }
}
