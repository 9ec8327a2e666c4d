package io.snnsim.convert;

import io.snnsim.network.Precision;

/**
 * What a conversion is asked for. Immutable.
 *
 * @param v0 membrane potential before the first step as a share of theta (0.5 in the paper)
 * @param compensation kappa &gt;= 1, on synaptic weights and shortcut scales of spiking
 *     projections, never on biases or on what the image drives directly
 * @param precision grid
 * @param mean per image channel
 * @param std per image channel, &gt; 0
 */
public record ConvertOptions(
    double v0, double compensation, Precision precision, float[] mean, float[] std) {}
