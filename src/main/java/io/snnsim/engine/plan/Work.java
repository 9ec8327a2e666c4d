// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

/**
 * What one population does in one time step. Operations are counted; bytes are an estimate from the
 * sizes of what the kernels walk over, of all that they load and store, wherever it lies.
 * Immutable.
 *
 * @param method how the population is updated
 * @param synapticOps spikes that reached it, one a synapse
 * @param lookups vectors looked up and added; 0 by events and of max-pool gates
 * @param rows by events: rows of weights added, a row being what a spike at one tap of a window
 *     adds to a channel block; by patterns: rows of sums, one for each pattern at a tap; of
 *     max-pool gates: rows or vectors of spike counts compared; else 0
 * @param laneOps lanes added, which is what lookups or rows amount to, padding included
 * @param operandBytes bytes of a weight (by events) or a sum of weights (else) as it is loaded
 * @param bytes loaded and stored
 * @param loopBytes bytes that the innermost loop goes over again and again, which tell the cache
 *     that it runs from: a table block's table and the spikes it is indexed by, a channel block's
 *     weights, or a projection's tables of patterns
 */
public record Work(
    UpdateMethod method,
    double synapticOps,
    double lookups,
    double rows,
    double laneOps,
    int operandBytes,
    double bytes,
    long loopBytes) {}
