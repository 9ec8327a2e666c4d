// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.MapShape;

/**
 * Neurons of one model on a C x H x W grid. Immutable; the arrays (one entry a channel) are not
 * copied and must not be changed.
 *
 * @param name unique within the network
 * @param shape channels, height, width
 * @param model neuron model
 * @param wide membrane potential in 32 bits (else 16)
 * @param theta threshold per channel, in grid units, &gt;= 1
 * @param v0 membrane potential before the first step, per channel, in grid units
 * @param bias constant current per step and channel, in grid units (zero where the input stage
 *     supplies the current)
 * @param lambda ANN activation that corresponds to a firing rate of 1, per channel
 * @param boundLow proven lower bound of one step's input sum (currents included) over all neurons
 * @param boundHigh the upper bound
 */
public record Population(
    String name,
    MapShape shape,
    NeuronModel model,
    boolean wide,
    int[] theta,
    int[] v0,
    int[] bias,
    float[] lambda,
    long boundLow,
    long boundHigh) {}
