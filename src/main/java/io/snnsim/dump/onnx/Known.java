// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

/** What is known of a value of the graph: that it is constant, or computed from the image. */
sealed interface Known permits Activation, Constant {}
