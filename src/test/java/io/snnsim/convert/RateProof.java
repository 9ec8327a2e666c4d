// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;

/**
 * What firing rates of a converted network must be, with proven bounds, worked out from the
 * network's integers and the ANN's activations of one image. For tests only; immutable once made.
 *
 * <p>Let a neuron of a population with lambda and theta have the ANN input sum z (in units of
 * lambda), a = max(0, z) and N(t) spikes after t steps. The claim is
 *
 * <pre>|N(t) - a * t| &lt;= constant + drift * t   at every t.</pre>
 *
 * Suppose it holds for the sources. The integrated input X(t), in units of theta, then satisfies
 * |X(t) - v0 - z * t| &lt;= E(t) with
 *
 * <pre>E(t) = sum |w| * (constant + drift * t) of the sources + residual * t,
 * residual = |sum w * a + bias - z|: what rounding the weights changes at the ANN's own rates.
 * </pre>
 *
 * <ul>
 *   <li>Above: at the last spike, at step s &lt;= t, V reached theta: X(s) &gt;= N(s), so N(t) =
 *       N(s) &lt;= v0 + z * s + E(s) &lt;= v0 + a * t + E(t).
 *   <li>Below: after the last step s &lt;= t without a spike V was under theta: N(s) &gt; X(s) - 1
 *       &gt;= v0 + z * s - E(s) - 1, and each step since had a spike, so N(t) = N(s) + t - s &gt;=
 *       v0 + z * t - E(t) - 1 as long as z &lt;= 1, which lambda = the largest activation grants.
 *       N(t) &gt;= 0 = a * t where z &lt; 0.
 * </ul>
 *
 * So constant = sum |w| * constant + max(v0, 1 - v0), drift = sum |w| * drift + residual (+ z - 1
 * where float rounding lets z exceed 1). V never saturates upwards (V &lt;= 2 E + 1), and a
 * saturation at -L hides charge only from neurons with z &lt; 0, which stay silent as long as 2 E
 * &lt; L. A max-pool gate's count is the largest count of its window at every step.
 */
final class RateProof {
  /** Relative error granted to float32 sums of the input stage and of calibration. */
  private static final double FLOAT = 2e-5;

  private final Network network;
  private final double[][] a;
  private final double[][] z;
  private final double[][] constant;
  private final double[][] drift;
  private final double[][] residual;
  private final double[][] granted;
  private int clampedCurrents;

  /**
   * Works out all bounds.
   *
   * @param folded the ANN that populations are named after
   * @param ann value of each of its nodes
   * @param image the normalised image
   */
  RateProof(Network network, AnnGraph folded, double[][] ann, double[] image) {
    this.network = network;
    int n = network.populations().size();
    a = new double[n][];
    z = new double[n][];
    constant = new double[n][];
    drift = new double[n][];
    residual = new double[n][];
    granted = new double[n][];
    for (int p = 0; p < n; p++) {
      Population population = network.populations().get(p);
      AnnNode node = folded.node(population.name());
      String sum = node.op() instanceof AnnOp.Relu ? node.inputs().getFirst() : population.name();
      int neurons = population.shape().size();
      int plane = population.shape().height() * population.shape().width();
      a[p] = new double[neurons];
      z[p] = new double[neurons];
      constant[p] = new double[neurons];
      drift[p] = new double[neurons];
      residual[p] = new double[neurons];
      granted[p] = new double[neurons];
      for (int i = 0; i < neurons; i++) {
        z[p][i] = ann[folded.indexOf(sum)][i] / population.lambda()[i / plane];
        a[p][i] = Math.max(0, z[p][i]);
      }
      if (population.model() == NeuronModel.MAX_GATE) {
        gate(p);
      } else {
        integrate(p, population, plane, image);
      }
    }
  }

  private void gate(int p) {
    double[] largest = new double[a[p].length];
    GateProjection g = (GateProjection) network.into(p).getFirst();
    forEachSynapse(
        g.geometry(),
        true,
        0,
        (target, source, weight) -> {
          largest[target] = Math.max(largest[target], a[g.source()][source]);
          constant[p][target] = Math.max(constant[p][target], constant[g.source()][source]);
          drift[p][target] = Math.max(drift[p][target], drift[g.source()][source]);
        });
    for (int i = 0; i < largest.length; i++) {
      residual[p][i] = Math.abs(largest[i] - a[p][i]);
      granted[p][i] = FLOAT * (1 + a[p][i]);
      drift[p][i] += residual[p][i];
    }
  }

  private void integrate(int p, Population population, int plane, double[] image) {
    double[] sum = new double[a[p].length];
    for (int i = 0; i < sum.length; i++) {
      double theta = population.theta()[i / plane];
      sum[i] = population.bias()[i / plane] / theta;
      double v0 = population.v0()[i / plane] / theta;
      constant[p][i] = Math.max(v0, 1 - v0);
      granted[p][i] = 0.5 / theta + FLOAT * (1 + Math.abs(z[p][i]));
    }
    for (Projection j : network.into(p)) {
      boolean dense = j instanceof ConvProjection;
      int offset = j instanceof ChannelwiseProjection c ? c.channelOffset() : 0;
      int[] weights = dense ? Oihw.of((ConvProjection) j) : ((ChannelwiseProjection) j).weights();
      forEachSynapse(
          j.geometry(),
          !dense,
          offset,
          (target, source, weight) -> {
            double theta = population.theta()[target / plane];
            double w = weights[weight] / theta;
            sum[target] += w * a[j.source()][source];
            constant[p][target] += Math.abs(w) * constant[j.source()][source];
            drift[p][target] += Math.abs(w) * drift[j.source()][source];
            granted[p][target] += (0.5 / theta + FLOAT * Math.abs(w)) * a[j.source()][source];
          });
    }
    analog(p, population, plane, image, sum);
    for (int i = 0; i < sum.length; i++) {
      residual[p][i] = Math.abs(sum[i] - z[p][i]);
      drift[p][i] += residual[p][i] + Math.max(0, z[p][i] - 1);
    }
  }

  private void analog(int p, Population population, int plane, double[] image, double[] sum) {
    for (InputStage.AnalogProjection j : network.input().projections()) {
      if (j.target() != p) {
        continue;
      }
      double[] current = new double[sum.length];
      double[] magnitude = new double[sum.length];
      for (int i = 0; i < current.length; i++) {
        current[i] = j.bias()[i / plane];
        magnitude[i] = Math.abs(current[i]);
      }
      forEachSynapse(
          j.geometry(),
          false,
          0,
          (target, source, weight) -> {
            double x = j.weights()[weight] * image[source];
            current[target] += x;
            magnitude[target] += Math.abs(x);
          });
      for (int i = 0; i < current.length; i++) {
        double theta = population.theta()[i / plane];
        clampedCurrents += current[i] < j.low() || current[i] > j.high() ? 1 : 0;
        sum[i] += Math.clamp(current[i], j.low(), j.high()) / theta;
        granted[p][i] += (0.5 + FLOAT * magnitude[i]) / theta;
        // The engine rounds the current itself.
        drift[p][i] += (0.5 + FLOAT * magnitude[i]) / theta;
      }
    }
  }

  /** Values of neurons or synapses by the position of their parts. */
  private interface Synapse {
    void seen(int target, int source, int weight);
  }

  /** Every synapse within the map; weights lie as OIHW, or [channel][ky][kx] if channelwise. */
  private static void forEachSynapse(ConvGeometry g, boolean channelwise, int offset, Synapse to) {
    for (int oc = 0; oc < g.outChannels(); oc++) {
      int first = channelwise ? oc - offset : oc / g.outPerGroup() * g.inPerGroup();
      if (channelwise && (first < 0 || first >= g.inChannels())) {
        continue;
      }
      int per = channelwise ? 1 : g.inPerGroup();
      for (int i = 0; i < per; i++) {
        for (int oy = 0; oy < g.outHeight(); oy++) {
          for (int ox = 0; ox < g.outWidth(); ox++) {
            for (int ky = 0; ky < g.kernelH(); ky++) {
              for (int kx = 0; kx < g.kernelW(); kx++) {
                int y = oy * g.window().strideH() - g.window().padH() + ky * g.window().dilationH();
                int x = ox * g.window().strideW() - g.window().padW() + kx * g.window().dilationW();
                if (y >= 0 && y < g.inHeight() && x >= 0 && x < g.inWidth()) {
                  int target = (oc * g.outHeight() + oy) * g.outWidth() + ox;
                  int source = ((first + i) * g.inHeight() + y) * g.inWidth() + x;
                  int row = channelwise ? first : oc * per + i;
                  to.seen(target, source, (row * g.kernelH() + ky) * g.kernelW() + kx);
                }
              }
            }
          }
        }
      }
    }
  }

  /** The ANN's activation in units of lambda: the rate to approach. */
  double rate(int population, int neuron) {
    return a[population][neuron];
  }

  /** Largest |N(t) - rate * t|. */
  double bound(int population, int neuron, long t) {
    return constant[population][neuron] + drift[population][neuron] * t;
  }

  /** Error of the input sum at the ANN's own rates, in units of theta a step. */
  double residual(int population, int neuron) {
    return residual[population][neuron];
  }

  /** What rounding each weight, bias and current by half a grid unit can make of it. */
  double granted(int population, int neuron) {
    return granted[population][neuron];
  }

  /** Currents of the image that the input stage cuts off; the proof needs none. */
  int clampedCurrents() {
    return clampedCurrents;
  }

  /** Share of 2 E(t) in the depth of V, of the neuron where it is largest; the proof needs < 1. */
  double depthUsed(long t) {
    double most = 0;
    for (int p = 0; p < a.length; p++) {
      Population population = network.populations().get(p);
      int plane = population.shape().height() * population.shape().width();
      for (int i = 0; i < a[p].length; i++) {
        double depth = (population.wide() ? 0x1p31 : 0x1p15) / population.theta()[i / plane];
        most = Math.max(most, 2 * bound(p, i, t) / depth);
      }
    }
    return most;
  }

  /** Largest bound on the error of a rate after {@code t} steps. */
  double worstRateError(long t) {
    double most = 0;
    for (int p = 0; p < a.length; p++) {
      for (int i = 0; i < a[p].length; i++) {
        most = Math.max(most, bound(p, i, t) / t);
      }
    }
    return most;
  }
}
