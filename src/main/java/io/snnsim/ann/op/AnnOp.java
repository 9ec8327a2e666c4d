// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.List;
import java.util.Map;

/**
 * An operator of an imported network. Immutable; parameters are shared, not copied. All maps are C
 * x H x W for one image; layouts of parameters are PyTorch's (conv OIHW, linear [out,in]).
 *
 * <p>An operator answers everything about itself here but what it becomes in a spiking network,
 * which conversion says in one exhaustive switch. A new one is a record of its own, its name in
 * {@code permits} and in {@link #kinds()}, and its case in that switch.
 */
public sealed interface AnnOp permits AnnOp.Unweighted, BatchNorm, Weighted {
  /**
   * An operator without tensors: it multiplies nothing by a weight, and what it makes of
   * activations is no less rectified than they are, unless it says otherwise.
   */
  sealed interface Unweighted extends AnnOp
      permits Add,
          AvgPool,
          Concat,
          Flatten,
          GlobalAvgPool,
          Identity,
          Input,
          MaxPool,
          Relu,
          Upsample,
          ZeroPadShortcut {
    @Override
    default Map<String, Tensor> parameters() {
      return Map.of();
    }

    @Override
    default long macs(MapShape out) {
      return 0;
    }

    @Override
    default boolean unrectified() {
      return false;
    }
  }

  /** Every operator that a graph description may name, in the order of messages. */
  static List<OpKind> kinds() {
    return List.of(
        Conv2d.KIND,
        Linear.KIND,
        BatchNorm.KIND,
        Relu.KIND,
        Relu.KIND_6,
        AvgPool.KIND,
        MaxPool.KIND,
        GlobalAvgPool.KIND,
        Flatten.KIND,
        Add.KIND,
        Concat.KIND,
        Identity.KIND,
        Upsample.KIND,
        ZeroPadShortcut.KIND);
  }

  /** Its name in a graph description. */
  String label();

  /** Writes what {@link OpKind#reader()} reads, but for the tensors. */
  void describe(OpWriter to);

  /** Tensors by the last part of their canonical names, such as {@code weight}, in order. */
  Map<String, Tensor> parameters();

  /**
   * Shape of the output.
   *
   * @param in shapes of the inputs
   * @throws SnnsimException (bad data) without the place, if inputs or parameters do not fit
   */
  MapShape shape(List<MapShape> in);

  /** Multiply-adds that it takes to make a map of {@code out}; padding counts as input. */
  long macs(MapShape out);

  /** True if it computes sums that nothing makes non-negative, as logits are. */
  boolean unrectified();

  /** Computes the first {@code images} images of its place in a workspace. */
  void forward(OpRun run, int images);
}
