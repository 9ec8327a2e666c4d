// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ResNets of He et al. for small images: 6n+2 layers in three stages of n basic blocks, shortcuts
 * of option A (strided, zero-padded) or B (projection with batch norm). Tensor names are those of
 * the usual PyTorch code; n, widths, options and classes are read off the tensors. Used once, by
 * one thread.
 */
final class SmallImageResNet {
  /** PyTorch's default, which no dump carries. */
  private static final float EPS = 1e-5f;

  private static final int STAGES = 3;

  private final WeightDump dump;
  private final Map<String, Tensor> tensors;
  private final Set<String> used = new LinkedHashSet<>();
  private final List<AnnNode> nodes = new ArrayList<>();
  private final List<String> widths = new ArrayList<>();
  private final Set<String> options = new LinkedHashSet<>();
  private final String family;
  private final int channels;
  private String description;

  /**
   * @param channels of the image: 3 (32x32) or 1 (28x28)
   */
  SmallImageResNet(WeightDump dump, String family, int channels) {
    this.dump = dump;
    this.tensors = dump.tensors();
    this.family = family;
    this.channels = channels;
  }

  /** One line that says what was read off the tensors; only after {@link #build}. */
  String description() {
    return description;
  }

  AnnGraph build() {
    int side = channels == 1 ? 28 : 32;
    nodes.add(AnnNode.of("input", new Input(new MapShape(channels, side, side))));
    int width = require("conv1.weight", 4).shape()[0];
    String x = convBnRelu("input", "conv1", "bn1", "relu1", width, channels, 3, 1);
    int n = blocks(1);
    for (int stage = 1; stage <= STAGES; stage++) {
      if (blocks(stage) != n) {
        throw bad(
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
        int out = require(block + "conv1.weight", 4).shape()[0];
        x = block(x, block, width, out, stage > 1 && k == 0 ? 2 : 1);
        width = out;
      }
      widths.add(String.valueOf(width));
    }
    nodes.add(AnnNode.of("avgpool", new GlobalAvgPool(), x));
    nodes.add(AnnNode.of("flatten", new Flatten(), "avgpool"));
    String head = tensors.containsKey("fc.weight") ? "fc" : "linear";
    Tensor w = require(head + ".weight", 2);
    int classes = w.shape()[0];
    expect(head + ".weight", w, classes, width);
    nodes.add(AnnNode.of(head, new Linear(w, vector(head + ".bias", classes)), "flatten"));
    refuseExtra();
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
            EPS);
    try {
      return new AnnGraph(name, nodes);
    } catch (SnnsimException e) {
      throw new SnnsimException(e.category(), dump.file() + ": " + e.getMessage(), e);
    }
  }

  /** Blocks of a stage, counted by any of their tensors, so that a missing one is asked for. */
  private int blocks(int stage) {
    int n = 0;
    for (String name : tensors.keySet()) {
      String[] part = name.split("\\.");
      if (part.length > 2 && part[0].equals("layer" + stage) && part[1].matches("\\d{1,4}")) {
        n = Math.max(n, Integer.parseInt(part[1]) + 1);
      }
    }
    if (n == 0) {
      require("layer" + stage + ".0.conv1.weight", 4);
    }
    return n;
  }

  private String block(String x, String b, int in, int out, int stride) {
    String y = convBnRelu(x, b + "conv1", b + "bn1", b + "relu1", out, in, 3, stride);
    String z = convBn(y, b + "conv2", b + "bn2", out, out, 3, 1);
    nodes.add(AnnNode.of(b + "add", new Add(), z, shortcut(x, b, in, out, stride)));
    nodes.add(AnnNode.of(b + "relu2", new Relu(), b + "add"));
    return b + "relu2";
  }

  private String shortcut(String x, String b, int in, int out, int stride) {
    for (String name : List.of("shortcut.", "downsample.")) {
      if (tensors.keySet().stream().anyMatch(t -> t.startsWith(b + name))) {
        options.add("B");
        return convBn(x, b + name + "0", b + name + "1", out, in, 1, stride);
      }
    }
    if (in == out && stride == 1) {
      return x;
    }
    // Option A is only defined where a stage halves the map and doubles the width.
    if (stride != 2 || out != 2 * in) {
      throw bad(
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
    nodes.add(AnnNode.of(b + "shortcut", new ZeroPadShortcut(2, before, in - before), x));
    return b + "shortcut";
  }

  private String convBnRelu(
      String x, String conv, String bn, String relu, int out, int in, int kernel, int stride) {
    nodes.add(AnnNode.of(relu, new Relu(), convBn(x, conv, bn, out, in, kernel, stride)));
    return relu;
  }

  private String convBn(String x, String conv, String bn, int out, int in, int kernel, int stride) {
    Tensor w = require(conv + ".weight", 4);
    expect(conv + ".weight", w, out, in, kernel, kernel);
    Tensor bias = tensors.containsKey(conv + ".bias") ? vector(conv + ".bias", out) : null;
    nodes.add(
        AnnNode.of(conv, new Conv2d(w, bias, Window.square(kernel, stride, kernel / 2), 1), x));
    nodes.add(
        AnnNode.of(
            bn,
            new BatchNorm(
                vector(bn + ".weight", out),
                vector(bn + ".bias", out),
                vector(bn + ".running_mean", out),
                vector(bn + ".running_var", out),
                EPS),
            conv));
    return bn;
  }

  private Tensor vector(String name, int length) {
    Tensor t = require(name, 1);
    expect(name, t, length);
    return t;
  }

  private Tensor require(String name, int rank) {
    Tensor t = tensors.get(name);
    if (t == null) {
      throw bad(
          ": found no tensor "
              + name
              + ", expected one in "
              + family
              + "; dump the whole state_dict, or give another --arch");
    }
    if (t.rank() != rank) {
      throw bad(
          "["
              + name
              + "]: found shape "
              + Arrays.toString(t.shape())
              + ", expected "
              + rank
              + " dimensions in "
              + family
              + "; give another --arch if this is another network");
    }
    used.add(name);
    return t;
  }

  private void expect(String name, Tensor t, int... shape) {
    if (!Arrays.equals(t.shape(), shape)) {
      throw bad(
          "["
              + name
              + "]: found shape "
              + Arrays.toString(t.shape())
              + ", expected "
              + Arrays.toString(shape)
              + " in "
              + family
              + "; give another --arch if this is another network");
    }
  }

  private void refuseExtra() {
    List<String> extra = tensors.keySet().stream().filter(k -> !used.contains(k)).toList();
    if (!extra.isEmpty()) {
      throw bad(
          ": found "
              + extra.size()
              + " tensors that "
              + family
              + " has no place for ("
              + Text.some(extra, 3)
              + "), expected none; leave them out of the dump or give another --arch");
    }
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(dump.file() + what);
  }
}
