// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

/**
 * Off-heap bytes that the planes and tables of a network will take, known before they are
 * allocated. Immutable.
 *
 * @param tableBytes tables of sums, shared by all simulations
 * @param maskBytes masks of the planes' columns, shared likewise
 * @param slotBytes all index planes for one time step, of each simulation
 * @param accumulatorBytes sums of an update for its time, of each thread
 * @param gateBytes by population: counts that a max-pool gate keeps of its sources, of each thread
 */
public record LookupSizes(
    long tableBytes, long maskBytes, long slotBytes, long accumulatorBytes, long[] gateBytes) {}
