// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.Images;
import java.util.List;

/**
 * The largest activations that one thread saw. Confined to it.
 *
 * @param all by population; null where nothing is summed up
 * @param byChannel by population and channel; null where all channels share a lambda
 */
record LargestActivations(LargestValues[] all, LargestValues[][] byChannel)
    implements ActivationPass.Collector {
  static LargestActivations of(
      List<Lowering.Draft> drafts,
      long[] ranks,
      boolean[] apart,
      double percentile,
      Images images) {
    LargestValues[] all = new LargestValues[drafts.size()];
    LargestValues[][] byChannel = new LargestValues[drafts.size()][];
    for (int p = 0; p < all.length; p++) {
      all[p] = drafts.get(p).kind() == Lowering.Kind.SUM ? new LargestValues(ranks[p]) : null;
      byChannel[p] = apart[p] ? perChannel(drafts.get(p), percentile, images) : null;
    }
    return new LargestActivations(all, byChannel);
  }

  @Override
  public void add(int p, float[][] planes, int size) {
    for (int c = 0; c < planes.length; c++) {
      all[p].add(planes[c], size);
      if (byChannel[p] != null) {
        byChannel[p][c].add(planes[c], size);
      }
    }
  }

  static LargestValues[] perChannel(Lowering.Draft draft, double percentile, Images images) {
    LargestValues[] result = new LargestValues[draft.shape().channels()];
    long total = (long) draft.shape().height() * draft.shape().width() * images.count();
    for (int c = 0; c < result.length; c++) {
      result[c] = new LargestValues(Calibration.rank(percentile, total));
    }
    return result;
  }
}
