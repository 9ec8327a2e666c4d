// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/**
 * What a warm-up reached. Immutable.
 *
 * @param compiled compiled code is in place: calls allocated nothing and had stopped becoming
 *     faster before the budget was used up
 * @param calls images classified
 * @param nanos time used
 * @param nanosPerStep the fastest call's time by its steps
 * @param bytesPerCall heap bytes that the last calls allocated, the mean rounded up
 */
public record WarmUp(
    boolean compiled, long calls, long nanos, long nanosPerStep, long bytesPerCall) {}
