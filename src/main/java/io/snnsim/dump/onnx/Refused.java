// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import java.util.Set;

/** What is said of operators that cannot be imported. Stateless. */
final class Refused {
  private static final Set<String> ACTIVATIONS =
      Set.of(
          "LeakyRelu",
          "PRelu",
          "Elu",
          "Selu",
          "Celu",
          "ThresholdedRelu",
          "HardSwish",
          "HardSigmoid",
          "Softplus",
          "Softsign",
          "Tanh",
          "Gelu",
          "Mish",
          "Swish",
          "Erf",
          "Shrink",
          "BiasGelu",
          "FastGelu",
          "QuickGelu");

  private static final Set<String> NORMS =
      Set.of(
          "LayerNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "LRN",
          "LpNormalization",
          "MeanVarianceNormalization",
          "RMSNormalization",
          "SimplifiedLayerNormalization",
          "SkipLayerNormalization");

  private static final Set<String> CONTROL =
      Set.of("If", "Loop", "Scan", "LSTM", "GRU", "RNN", "SequenceMap");

  private static final Set<String> QUANTISED =
      Set.of(
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "ConvInteger",
          "MatMulInteger",
          "QGemm",
          "QAttention",
          "MatMulNBits",
          "DynamicQuantizeMatMul");

  private Refused() {}

  /** True for operators of networks that were rounded to integers before the export. */
  static boolean isQuantised(String op) {
    return op.startsWith("QLinear") || QUANTISED.contains(op);
  }

  static NoLayer activation(String op) {
    return NoLayer.ever(
        "found the activation function "
            + (op.equals("Erf") ? "GELU (Erf)" : op)
            + ", expected ReLU or ReLU6",
        "train the network with ReLU in its place");
  }

  /** A sigmoid whose value multiplies others. */
  static NoLayer gate(boolean ofItself) {
    return ofItself
        ? activation("SiLU (Sigmoid and Mul)")
        : NoLayer.ever(
            "found a gate (a sigmoid that multiplies other values), expected none",
            "train the network without squeeze-and-excitation");
  }

  /** Any other operator. */
  static NoLayer operator(OnnxNode node) {
    String op = Text.oneLine(node.op());
    boolean usual = isUsual(node.domain());
    if (!usual) {
      return NoLayer.ever(
          "found the operator "
              + op
              + " of the domain "
              + Text.oneLine(node.domain())
              + ", expected those of ONNX itself",
          "export without fused or custom operators (functions: onnx.inliner)");
    }
    if (ACTIVATIONS.contains(op)) {
      return activation(op);
    }
    if (NORMS.contains(op)) {
      return NoLayer.ever(
          "found the normalisation " + op + ", expected batch norm",
          "train the network with batch norm in its place");
    }
    if (CONTROL.contains(op)) {
      boolean branch = op.equals("If");
      return NoLayer.ever(
          "found " + op + ", expected a network without " + (branch ? "branches" : "recurrence"),
          branch
              ? "export with fixed sizes, from which branches fold away (onnxsim)"
              : "train convolutions over time (Conv1d) with ReLU instead; recurrent spiking"
                  + " networks run from NIR ('snnsim simulate')");
    }
    return NoLayer.ever(
        "found the operator "
            + op
            + ", expected convolutions, linear layers, batch norm, ReLU, pools, sums and what"
            + " moves values about",
        "replace it and train again, or leave it off before the export");
  }

  /** True for the domain of ONNX itself. */
  static boolean isUsual(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }
}
