// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

/**
 * Sums over the neurons of one population for one image: the ANN's activation x, in units of
 * lambda, against the spike rate r. Confined to one thread until it is filled.
 *
 * <p>z is the input of a neuron, summed over the steps and divided by them and by theta. Since
 * theta * N + V - V(0) is that sum, the way from x to r has two parts that add up exactly: max(z,
 * 0) - x came in with the spikes of other populations (and the rounding of weights), and r - max(z,
 * 0) arose in the neuron itself.
 */
final class LayerSums {
  int n;
  double ann;
  double annSquares;
  double rate;
  double rateSquares;
  double products;
  double error;
  double absoluteError;
  double squaredError;
  int clipped;
  int saturated;
  double inherited;
  double cut;
  double early;
  double uneven;
  long firstSpikes;
  long firstSpikeSteps;
  long spikes;
  long negativeSpikes;
  int saturatedPotentials;
  double worst = -1;
  int worstNeuron;
  double worstAnn;
  double worstRate;

  /**
   * Adds a neuron.
   *
   * @param x activation / lambda
   * @param r spikes / steps, or what stands for it
   * @param z input, or NaN if the neuron has no potential
   * @param signedValue r may be below 0, as an output that no ReLU follows
   */
  void add(int neuron, double x, double r, double z, boolean signedValue) {
    double e = r - x;
    n++;
    ann += x;
    annSquares += x * x;
    rate += r;
    rateSquares += r * r;
    products += x * r;
    error += e;
    absoluteError += Math.abs(e);
    squaredError += e * e;
    clipped += x > 1 ? 1 : 0;
    saturated += r >= 1 ? 1 : 0;
    double arrived = Double.isNaN(z) ? r : signedValue ? z : Math.max(z, 0);
    inherited += Math.abs(arrived - x);
    double own = Math.abs(r - arrived);
    if (arrived > 1) {
      cut += own;
    } else if (z < 0) {
      early += own;
    } else {
      uneven += own;
    }
    if (Math.abs(e) > worst) {
      worst = Math.abs(e);
      worstNeuron = neuron;
      worstAnn = x;
      worstRate = r;
    }
  }

  /** Adds a neuron's first spike, in step {@code step} (from 1). */
  void addFirstSpike(int step) {
    firstSpikes++;
    firstSpikeSteps += step;
  }
}
