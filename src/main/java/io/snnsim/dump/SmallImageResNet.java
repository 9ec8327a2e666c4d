// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * ResNets of He et al. for small images: 6n+2 layers in three stages of n basic blocks, shortcuts
 * of option A (strided, zero-padded) or B (projection with batch norm). Tensor names are those of
 * the usual PyTorch code; n, widths, options and classes are read off the tensors. Used once, by
 * one thread.
 */
final class SmallImageResNet implements Family {
  private static final int STAGES = 3;

  private final FamilyLayers layers;
  private final List<String> widths = new ArrayList<>();
  private final Set<String> options = new LinkedHashSet<>();
  private final String family;
  private final int channels;
  private String description;

  /**
   * @param channels of the image: 3 (32x32) or 1 (28x28)
   */
  SmallImageResNet(WeightDump dump, String family, int channels) {
    layers = new FamilyLayers(dump, family);
    this.family = family;
    this.channels = channels;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public AnnGraph build() {
    int side = channels == 1 ? 28 : 32;
    layers.input(new MapShape(channels, side, side));
    int width = layers.require("conv1.weight", 4).shape()[0];
    String x = convBnRelu("input", "conv1", "bn1", "relu1", width, channels, 3, 1);
    int n = blocks(1);
    for (int stage = 1; stage <= STAGES; stage++) {
      if (blocks(stage) != n) {
        throw layers.bad(
            ": found "
                + blocks(stage)
                + " blocks in layer"
                + stage
                + " and "
                + n
                + " in layer1, expected the same number in every stage (6n+2 layers); the dump is"
                + " incomplete, or give a graph file to --arch");
      }
      for (int k = 0; k < n; k++) {
        String block = "layer" + stage + "." + k + ".";
        int out = layers.require(block + "conv1.weight", 4).shape()[0];
        x = block(x, block, width, out, stage > 1 && k == 0 ? 2 : 1);
        width = out;
      }
      widths.add(String.valueOf(width));
    }
    Linear last = layers.classifier(x, width);
    int classes = last.weight().shape()[0];
    String name = "ResNet-" + (2 * STAGES * n + 2);
    description =
        String.format(
            "%s: %s, widths %s, %s shortcuts, images %dx%dx%d, %d classes, batch norm eps %s",
            family,
            name,
            String.join("-", widths),
            options.isEmpty() ? "identity" : "option " + String.join(" and ", options),
            channels,
            side,
            side,
            classes,
            FamilyLayers.EPS);
    return layers.finish(name);
  }

  /** Blocks of a stage, counted by any of their tensors, so that a missing one is asked for. */
  private int blocks(int stage) {
    int n = layers.count("layer" + stage + ".");
    if (n == 0) {
      layers.require("layer" + stage + ".0.conv1.weight", 4);
    }
    return n;
  }

  private String block(String x, String b, int in, int out, int stride) {
    String y = convBnRelu(x, b + "conv1", b + "bn1", b + "relu1", out, in, 3, stride);
    String z = convBn(y, b + "conv2", b + "bn2", out, out, 3, 1);
    String sum = layers.add(b + "add", new Add(), z, shortcut(x, b, in, out, stride));
    return layers.relu(b + "relu2", sum);
  }

  private String shortcut(String x, String b, int in, int out, int stride) {
    for (String name : List.of("shortcut.", "downsample.")) {
      if (layers.hasAny(b + name)) {
        options.add("B");
        return convBn(x, b + name + "0", b + name + "1", out, in, 1, stride);
      }
    }
    if (in == out && stride == 1) {
      return x;
    }
    // Option A is only defined where a stage halves the map and doubles the width.
    if (stride != 2 || out != 2 * in) {
      throw layers.bad(
          ": found "
              + in
              + " channels before and "
              + out
              + " in "
              + b
              + "conv1, expected a projection "
              + b
              + "shortcut.0.weight, or twice the width for an option-A shortcut");
    }
    options.add("A");
    int before = in / 2;
    return layers.add(b + "shortcut", new ZeroPadShortcut(2, before, in - before), x);
  }

  private String convBnRelu(
      String x, String conv, String bn, String relu, int out, int in, int kernel, int stride) {
    return layers.relu(relu, convBn(x, conv, bn, out, in, kernel, stride));
  }

  private String convBn(String x, String conv, String bn, int out, int in, int kernel, int stride) {
    Window window = Window.square(kernel, stride, kernel / 2);
    return layers.convBn(x, conv, bn, layers.conv(conv, out, in, window, 1));
  }
}
