// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/**
 * What a warm-up reached. Immutable.
 *
 * @param compiled compiled code is in place: calls were steady, the JVM compiled nothing meanwhile,
 *     and there were so many since (8,000) that what runs once a call is compiled too. Seldom the
 *     JVM still changes code once or twice, and the call that it does so in allocates some hundred
 *     bytes, a thousand at most that was seen. False if any of this is not known, as in a JVM in
 *     which other threads' code is always being compiled
 * @param steady calls allocated nothing and had stopped becoming faster: the kernels are compiled.
 *     If that is all ({@code compiled} is false), a later call may allocate a few hundred bytes,
 *     once, or become faster still
 * @param calls images classified
 * @param nanos time used
 * @param nanosPerStep time of a step in the fastest call
 * @param bytesPerCall heap bytes that the last calls allocated, the mean rounded up
 */
public record WarmUp(
    boolean compiled,
    boolean steady,
    long calls,
    long nanos,
    long nanosPerStep,
    long bytesPerCall) {}
