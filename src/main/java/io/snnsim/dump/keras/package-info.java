// SPDX-License-Identifier: Apache-2.0
/**
 * Networks as Keras saves them: configurations in JSON, layers by their Keras names, weights laid
 * out channels last. What is opened by a library or lies in a zip is handed to this room.
 */
package io.snnsim.dump.keras;
