// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What each operator of a folded ANN is in ONNX, whatever type its tensors have. Every tensor is
 * [1, channels, height, width], of features [1, features, 1, 1]. Stateless but for the file that it
 * writes to.
 *
 * @param file that nodes are added to
 */
record OnnxOperators(OnnxFile file) {
  /**
   * Adds the nodes of an operator.
   *
   * @param inputs its tensors (of a linear layer {@link #row}), then of a convolution or linear
   *     layer its weights and, if it has one, its bias
   * @return {@code output}
   */
  String add(AnnOp op, MapShape from, List<String> inputs, String output) {
    return switch (op) {
      case Conv2d conv -> {
        Map<String, long[]> attributes = dilated(conv.window());
        attributes.put("group", new long[] {conv.groups()});
        yield file.node("Conv", inputs, output, attributes);
      }
      case Linear linear -> linear(linear, inputs, output);
      case Relu relu -> relu(relu, inputs.getFirst(), output);
      case Add add -> sum(inputs, output);
      case Concat concat -> file.node("Concat", inputs, output, Map.of("axis", new long[] {1}));
      case Upsample upsample -> repeated(upsample, from, inputs.getFirst(), output);
      case AvgPool pool -> {
        Map<String, long[]> attributes = window(pool.window());
        attributes.put("count_include_pad", new long[] {1});
        yield file.node("AveragePool", inputs, output, attributes);
      }
      case MaxPool pool -> file.node("MaxPool", inputs, output, dilated(pool.window()));
      case GlobalAvgPool pool -> file.node("GlobalAveragePool", inputs, output);
      case Flatten flatten -> reshape(inputs.getFirst(), output, 1, from.size(), 1, 1);
      case Identity identity -> file.node("Identity", inputs, output);
      case ZeroPadShortcut shortcut ->
          throw new IllegalStateException(
              "expected a convolution in its place, see AsConvolutions");
      case Input input -> throw new IllegalStateException("the input is no operator");
      case BatchNorm norm ->
          throw SnnsimException.badData(
              "found a batch norm in the model's ANN, expected it folded; convert the dump again");
    };
  }

  /** Adds a ReLU, clipped or not. */
  String relu(Relu op, String input, String output) {
    if (!op.clipped()) {
      return file.node("Relu", List.of(input), output);
    }
    String least = file.floats(file.fresh(output), new float[] {0});
    String most = file.floats(file.fresh(output), new float[] {op.most()});
    return file.node("Clip", List.of(input, least, most), output);
  }

  /** The tensor as a linear layer reads it. */
  String row(String tensor, MapShape shape) {
    return reshape(tensor, file.fresh(tensor), 1, shape.size());
  }

  /** The tensor that an operator writes to which is the last of the network. */
  String lastOutput(AnnOp op) {
    return op instanceof Linear ? OnnxFile.OUTPUT : file.fresh(OnnxFile.OUTPUT);
  }

  /** Makes a last operator's output the file's, if it is not. */
  void end(String output, int classes) {
    if (!output.equals(OnnxFile.OUTPUT)) {
      reshape(output, OnnxFile.OUTPUT, 1, classes);
    }
  }

  private String linear(Linear linear, List<String> inputs, String output) {
    boolean last = output.equals(OnnxFile.OUTPUT);
    String row = last ? output : file.fresh(output);
    file.node("Gemm", inputs, row, Map.of("transB", new long[] {1}));
    return last ? row : reshape(row, output, 1, linear.weight().shape()[0], 1, 1);
  }

  private String sum(List<String> inputs, String output) {
    String sum = inputs.getFirst();
    for (int i = 1; i < inputs.size(); i++) {
      String next = i == inputs.size() - 1 ? output : file.fresh(output);
      sum = file.node("Add", List.of(sum, inputs.get(i)), next);
    }
    return sum;
  }

  /** Every row and column several times: axes of length 1 behind them, made longer. */
  private String repeated(Upsample op, MapShape from, String input, String output) {
    int c = from.channels();
    int h = from.height();
    int w = from.width();
    String apart = reshape(input, file.fresh(output), 1, c, h, 1, w, 1);
    long[] longer = {1, c, h, op.factorH(), w, op.factorW()};
    List<String> expanded = List.of(apart, file.int64(file.fresh(output), longer));
    String blocks = file.node("Expand", expanded, file.fresh(output));
    return reshape(blocks, output, 1, c, (long) h * op.factorH(), (long) w * op.factorW());
  }

  private String reshape(String input, String output, long... shape) {
    return file.node("Reshape", List.of(input, file.int64(file.fresh(output), shape)), output);
  }

  private static Map<String, long[]> dilated(Window w) {
    Map<String, long[]> result = window(w);
    result.put("dilations", new long[] {w.dilationH(), w.dilationW()});
    return result;
  }

  private static Map<String, long[]> window(Window w) {
    Map<String, long[]> result = new LinkedHashMap<>();
    result.put("kernel_shape", new long[] {w.kernelH(), w.kernelW()});
    result.put("strides", new long[] {w.strideH(), w.strideW()});
    result.put("pads", new long[] {w.padH(), w.padW(), w.padBottom(), w.padRight()});
    return result;
  }
}
