// SPDX-License-Identifier: Apache-2.0
/**
 * ONNX files as networks: the protobuf that they are, tensors inside and beside them, and the
 * layers that operators stand for. Files are hostile; nothing in them is executed.
 */
package io.snnsim.dump.onnx;
