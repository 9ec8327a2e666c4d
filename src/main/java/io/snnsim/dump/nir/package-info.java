// SPDX-License-Identifier: Apache-2.0
/** Graphs of the Neuromorphic Intermediate Representation, whose integrators are read as rates. */
package io.snnsim.dump.nir;
