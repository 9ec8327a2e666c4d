// SPDX-License-Identifier: Apache-2.0
/**
 * A network while a reader builds it of a file's layers: what formats that hold their own graph
 * have in common, whatever the layers are called there.
 */
package io.snnsim.dump.layers;
