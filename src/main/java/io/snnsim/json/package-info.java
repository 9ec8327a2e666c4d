// SPDX-License-Identifier: Apache-2.0
/**
 * The small JSON sections of a model file as plain values, by the streaming half of Jackson: who
 * runs a model needs no more of it than that. Names no other room but the failures.
 */
package io.snnsim.json;
