// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.MapShape;

/**
 * Neurons of one model on a C x H x W grid. Immutable.
 *
 * @param name unique within the network
 * @param shape channels, height, width
 * @param model neuron model
 * @param wide membrane potential in 32 bits (else 16)
 * @param channels what differs from channel to channel
 * @param inputRange proven bounds of one step's input sum (currents included) over all neurons
 */
public record Population(
    String name,
    MapShape shape,
    NeuronModel model,
    boolean wide,
    Channels channels,
    NeuronModel.InputRange inputRange) {
  /**
   * Values of each channel. Immutable; the arrays are not copied and must not be changed.
   *
   * @param theta threshold, in grid units, &gt;= 1
   * @param v0 membrane potential before the first step, in grid units
   * @param bias constant current per step, in grid units (zero where the input stage supplies the
   *     current)
   * @param lambda ANN activation that corresponds to a firing rate of 1
   */
  public record Channels(int[] theta, int[] v0, int[] bias, float[] lambda) {}

  /** See {@link Channels#theta}. */
  public int[] theta() {
    return channels.theta();
  }

  /** See {@link Channels#v0}. */
  public int[] v0() {
    return channels.v0();
  }

  /** See {@link Channels#bias}. */
  public int[] bias() {
    return channels.bias();
  }

  /** See {@link Channels#lambda}. */
  public float[] lambda() {
    return channels.lambda();
  }

  /** Proven lower bound of one step's input sum. */
  public long boundLow() {
    return inputRange.low();
  }

  /** Proven upper bound of one step's input sum. */
  public long boundHigh() {
    return inputRange.high();
  }
}
