// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import io.snnsim.work.Execution;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How far 8-bit weights of converted networks go from 0. */
class LargestWeightTest {
  private static final int NETWORKS = 40;
  private static final int STEPS = 4;

  private static Network convert(long seed, SchemeOptions scheme, Precision precision) {
    RandomAnns.Case ann = RandomAnns.of(seed);
    Lowering plain = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
    Lowering lowering = scheme.foldAverages() ? plain.foldAverages() : plain;
    ConvertOptions options = new ConvertOptions(0.5, 1, precision, ann.normalisation(), scheme);
    if (scheme.layerwise()) {
      return LayerwiseConversion.run(
              lowering, new FitImages(ann.images(), 0), null, options, List.of(), Execution.on(1))
          .conversion()
          .network();
    }
    Calibration.Result lambdas =
        Calibration.run(lowering, ann.images(), ann.normalisation(), 100, scheme, Execution.on(1));
    return Converter.convert(lambdas, options, List.of()).network();
  }

  /** Over all weights that are stored in 8 bits. */
  private static int largest(Network network) {
    int largest = 0;
    for (Projection p : network.projections()) {
      if (p instanceof ConvProjection c && c.type() == WeightType.I8) {
        for (long i = 0; i < c.weightCount(); i++) {
          largest = Math.max(largest, Math.abs(c.stored(i)));
        }
      }
    }
    return largest;
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Preset.class)
  void weightsStayWithinWhatIsAskedForAndUseIt(Preset preset) {
    SchemeOptions scheme = preset.scheme(STEPS);
    int used = 0;
    for (long seed = 1; seed <= NETWORKS; seed++) {
      int all = largest(convert(seed, scheme, Precision.I8));
      int half = largest(convert(seed, scheme.withLargestWeight(63), Precision.I8));
      String where = "seed=" + seed + " " + preset + " largest " + all + " and " + half;
      assertTrue(all <= 127 && half <= 63, where);
      used += all > 120 && half > 60 ? 1 : 0;
    }
    assertTrue(used > NETWORKS / 4, used + " of " + NETWORKS + " networks go as far as they may");
  }

  @Test
  void widerWeightsKeepAllTheirBits() {
    SchemeOptions half = SchemeOptions.PLAIN.withLargestWeight(63);
    for (Precision precision : new Precision[] {Precision.I16, Precision.I32}) {
      Network a = convert(3, SchemeOptions.PLAIN, precision);
      Network b = convert(3, half, precision);
      assertArrayEquals(Models.fileBytes(a), Models.fileBytes(b), precision.name());
    }
  }

  @Test
  void onlyTwoAreOffered() {
    for (int other : new int[] {0, 62, 64, 128, -63}) {
      SnnsimException e =
          assertThrows(SnnsimException.class, () -> SchemeOptions.PLAIN.withLargestWeight(other));
      assertEquals(Category.USAGE, e.category());
      assertEquals("largest weight " + other + ": expected 127 or 63", e.getMessage());
    }
    SchemeOptions half = Preset.FEW_SPIKE.scheme(4).withLargestWeight(63);
    assertEquals(
        63, half.withCode(3).withoutFits().with(SchemeOptions.Fit.DEFAULT).largestWeight());
    assertTrue(half.text().endsWith("K = 4, weights within 63"), half.text());
    assertEquals("", SchemeOptions.PLAIN.text());
  }
}
