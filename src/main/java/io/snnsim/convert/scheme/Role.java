// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.Weighted;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;

/**
 * What an operator of a folded network becomes in a spiking one. The one place where lowering looks
 * at operators. Immutable.
 */
sealed interface Role {
  /** The image, which is a constant current. */
  record Image() implements Role {}

  /**
   * A population of what flows into its input, never below 0.
   *
   * @param clipped true if it cuts off large values too
   */
  record Rectifier(boolean clipped) implements Role {}

  /** A population over windows of another one. */
  record Pool(Lowering.Kind kind, Window window) implements Role {}

  /** Its input in another order, which windows undo. */
  record Reshape() implements Role {}

  /** All that flows into its inputs. */
  record Sum() implements Role {}

  /** What stands between a source and the sum that reads it. */
  record Between(Link link) implements Role {}

  /** Nothing: folding takes it away. */
  record Folded() implements Role {}

  /**
   * The role of {@code op}.
   *
   * @param in shape of its first input; null if it has none
   */
  static Role of(AnnOp op, MapShape in) {
    return switch (op) {
      case Input _ -> new Image();
      case Relu r -> new Rectifier(r.clipped());
      case AvgPool p -> new Pool(Lowering.Kind.AVERAGE, p.window());
      case GlobalAvgPool _ -> new Pool(Lowering.Kind.AVERAGE, Window.whole(in));
      case MaxPool p -> new Pool(Lowering.Kind.GATE, p.window());
      case Flatten _ -> new Reshape();
      case Add _ -> new Sum();
      case Weighted w -> new Between(new Link.Weights(w));
      case ZeroPadShortcut z -> new Between(new Link.Shortcut(z.stride(), z.channelsBefore(), 1));
      case BatchNorm _, Concat _, Identity _, Upsample _ -> new Folded();
    };
  }
}
