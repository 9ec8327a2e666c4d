// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.geometry.MapShape;
import io.snnsim.report.CompareReport;
import java.util.List;

/** Adds the {@link LayerSums} of images, in their order, to a layer of the report. One thread. */
final class LayerTotals {
  private long n;
  private double ann;
  private double annSquares;
  private double rate;
  private double rateSquares;
  private double products;
  private double error;
  private double absoluteError;
  private double squaredError;
  private long clipped;
  private long saturated;
  private double inherited;
  private double cut;
  private double early;
  private double uneven;
  private long firstSpikes;
  private long firstSpikeSteps;
  private long spikes;
  private long negativeSpikes;
  private long saturatedPotentials;
  private LayerSums worst;
  private int worstImage;

  void add(int image, LayerSums s) {
    n += s.n;
    ann += s.ann;
    annSquares += s.annSquares;
    rate += s.rate;
    rateSquares += s.rateSquares;
    products += s.products;
    error += s.error;
    absoluteError += s.absoluteError;
    squaredError += s.squaredError;
    clipped += s.clipped;
    saturated += s.saturated;
    inherited += s.inherited;
    cut += s.cut;
    early += s.early;
    uneven += s.uneven;
    firstSpikes += s.firstSpikes;
    firstSpikeSteps += s.firstSpikeSteps;
    spikes += s.spikes;
    negativeSpikes += s.negativeSpikes;
    saturatedPotentials += s.saturatedPotentials;
    if (worst == null || s.worst > worst.worst) {
      worst = s;
      worstImage = image;
    }
  }

  CompareReport.Layer layer(
      String name, MapShape shape, boolean unrectified, int dead, List<float[]> sample) {
    double count = Math.max(1, n);
    int plane = shape.height() * shape.width();
    int at = worst.worstNeuron;
    return new CompareReport.Layer(
        name,
        shape.size(),
        unrectified ? "input" : "rate",
        correlation(),
        ann / count,
        rate / count,
        absoluteError / count,
        error / count,
        annSquares == 0 ? (squaredError == 0 ? 0 : 1) : Math.sqrt(squaredError / annSquares),
        new CompareReport.Worst(
            Math.max(0, worst.worst),
            worstImage,
            at / plane,
            at % plane / shape.width(),
            at % shape.width(),
            worst.worstAnn,
            worst.worstRate),
        clipped / count,
        saturated / count,
        saturatedPotentials,
        dead,
        firstSpikes == 0 ? null : (double) firstSpikeSteps / firstSpikes,
        spikes == 0 ? 0 : (double) negativeSpikes / spikes,
        inherited / count,
        cut / count,
        early / count,
        uneven / count,
        sample);
  }

  private Double correlation() {
    double x = annSquares - ann * ann / n;
    double y = rateSquares - rate * rate / n;
    // Where one side is constant, rounding leaves a rest of either sign.
    boolean varies = x > 1e-12 * annSquares && y > 1e-12 * rateSquares;
    return varies ? Math.clamp((products - ann * rate / n) / Math.sqrt(x * y), -1, 1) : null;
  }
}
