// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import java.util.List;

/**
 * One operator's place in a workspace: what it reads and where it writes, fixed when the workspace
 * is made. Maps are [channel][image * height * width + y * width + x]. Confined to one thread.
 *
 * @param in maps that it reads
 * @param from their shapes
 * @param out map that it writes
 * @param to its shape
 * @param geometry of a weighted operator; null of others
 * @param product scratch memory of dense products, which all operators of a workspace share
 */
public record OpRun(
    List<float[][]> in,
    List<MapShape> from,
    float[][] out,
    MapShape to,
    ConvGeometry geometry,
    DenseProduct product) {
  /** The place of {@code op}. */
  public static OpRun of(
      AnnOp op,
      List<float[][]> in,
      List<MapShape> from,
      float[][] out,
      MapShape to,
      DenseProduct product) {
    ConvGeometry geometry =
        op instanceof Weighted w
            ? new ConvGeometry(from.getFirst(), to, w.windowOver(from.getFirst()), w.groups())
            : null;
    return new OpRun(in, from, out, to, geometry, product);
  }

  /** The first of the maps that it reads. */
  float[][] x() {
    return in.getFirst();
  }

  /** Shape of the first of the maps that it reads. */
  MapShape read() {
    return from.getFirst();
  }
}
