// SPDX-License-Identifier: Apache-2.0
/**
 * The operators of an imported network and the dense arithmetic that they share. Each operator is a
 * record that answers for itself what it checks, computes, costs and is called in files.
 */
package io.snnsim.ann.op;
