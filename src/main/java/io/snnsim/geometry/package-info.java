// SPDX-License-Identifier: Apache-2.0
/**
 * Shapes of maps and the windows that slide over them: the one place where sizes are computed.
 *
 * <p>Names nothing else of the program, and every other package may name it.
 */
package io.snnsim.geometry;
