// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import java.util.Map;

/**
 * A model as a configuration has it, of one input and one output. Immutable.
 *
 * @param where file and model, for messages
 * @param layers by name, in the order of the file
 * @param input the layer that stands for its input
 * @param output whose result is its own
 */
record Model(String where, Map<String, Layer> layers, String input, Ref output) {}
