// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

/**
 * A matrix times what is read. Immutable, shared by all threads; allocates nothing once made.
 *
 * <p>Weights lie input by input, so that the inner loop runs over outputs, each of which adds its
 * products in the order of the inputs. Inputs of 0 are left out, which changes no bit: a sum that
 * does not start at -0 never becomes -0, and weights are finite.
 */
final class ProductStep implements Step {
  private final float[] weight;
  private final float[] start;
  private final Operation.Rounding rounding;

  ProductStep(Operation.Product p) {
    int out = p.out();
    weight = new float[p.weight().length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < p.in(); i++) {
        weight[i * out + o] = p.weight()[o * p.in() + i];
      }
    }
    start = Step.start(p.bias(), out);
    rounding = p.rounding();
  }

  @Override
  public void run(float[] read, float[] sent) {
    int out = start.length;
    System.arraycopy(start, 0, sent, 0, out);
    for (int i = 0; i < read.length; i++) {
      float x = read[i];
      if (x != 0) {
        add(x, i * out, sent);
      }
    }
    if (rounding != null) {
      rounding.round(sent);
    }
  }

  private void add(float x, int at, float[] sent) {
    for (int o = 0; o < sent.length; o++) {
      sent[o] += weight[at + o] * x;
    }
  }
}
