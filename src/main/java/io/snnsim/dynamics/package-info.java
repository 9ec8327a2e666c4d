// SPDX-License-Identifier: Apache-2.0
/**
 * Graphs of leaky and other neurons as they stand in a file, and their simulation in float32 with
 * one order of additions. The equations are those of the Neuromorphic Intermediate Representation
 * (Pedersen et al., "Neuromorphic intermediate representation: A unified instruction set for
 * interoperable brain-inspired computing", Nature Communications 15, 2024).
 */
package io.snnsim.dynamics;
