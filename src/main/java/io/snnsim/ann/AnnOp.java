// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;

/**
 * The operators of an imported network. Immutable; parameters are shared, not copied. All maps are
 * C x H x W for one image; layouts of parameters are PyTorch's (conv OIHW, linear [out,in]).
 */
public sealed interface AnnOp {
  /** The image. */
  record Input(MapShape shape) implements AnnOp {}

  /** Convolution; weight [oc, ic/groups, kh, kw], bias [oc] or null. */
  record Conv2d(Tensor weight, Tensor bias, Window window, int groups) implements AnnOp {}

  /** Batch norm in inference form: gamma * (x - mean) / sqrt(var + eps) + beta, per channel. */
  record BatchNorm(Tensor gamma, Tensor beta, Tensor mean, Tensor var, float eps)
      implements AnnOp {}

  /** Fully connected; weight [out, in], bias [out] or null; input flattened in C,H,W order. */
  record Linear(Tensor weight, Tensor bias) implements AnnOp {}

  /** max(0, x). */
  record Relu() implements AnnOp {}

  /** Average over windows, divisor = number of taps; padding counts as zeros. */
  record AvgPool(Window window) implements AnnOp {}

  /** Average over the whole map. */
  record GlobalAvgPool() implements AnnOp {}

  /** Maximum over windows; padding never wins. */
  record MaxPool(Window window) implements AnnOp {}

  /** C x H x W to (C*H*W) x 1 x 1. */
  record Flatten() implements AnnOp {}

  /** Sum of two or more maps of one shape. */
  record Add() implements AnnOp {}

  /** Option-A shortcut: x[:, ::stride, ::stride], then zero channels before and after. */
  record ZeroPadShortcut(int stride, int channelsBefore, int channelsAfter) implements AnnOp {}

  /** No operation (dropout in inference). */
  record Identity() implements AnnOp {}
}
