// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.RealTerm;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The terms of a population as a fit needs them, in units of its activation. Stateless. */
final class SourceTerms {
  private SourceTerms() {}

  /** Of what the sources' activations are. */
  static List<RealTerm> ofActivations(Lowering.Draft draft, List<ConvertedPopulation> sources) {
    return scaled(draft, sources, null);
  }

  /** Of spikes that arrive, each of which stands for its source's unit. */
  static List<RealTerm> ofSpikes(Lowering.Draft draft, List<ConvertedPopulation> sources) {
    return scaled(draft, sources, sources.stream().map(ConvertedPopulation::unit).toList());
  }

  private static List<RealTerm> scaled(
      Lowering.Draft draft, List<ConvertedPopulation> sources, List<double[]> units) {
    double[] post = new double[draft.shape().channels()];
    Arrays.fill(post, 1);
    List<RealTerm> result = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      Lowering.Term t = draft.terms().get(i);
      MapShape from = sources.get(i).shape();
      double[] pre = new double[from.channels()];
      Arrays.fill(pre, 1);
      RealTerm.Scale scale = new RealTerm.Scale(units == null ? pre : units.get(i), post, 1);
      result.add(
          draft.kind() == Lowering.Kind.AVERAGE
              ? RealTerm.average("", t, from, draft.shape(), draft.window(), scale)
              : RealTerm.of("", t, from, draft.shape(), scale));
    }
    return result;
  }
}
