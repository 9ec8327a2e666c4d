// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * ResNets of basic or bottleneck blocks with projection shortcuts, in any number of stages: those
 * of torchvision (18 to 152, wide ones, ResNeXt) and their relatives for small images. Names are
 * those of the usual PyTorch code; blocks, widths and groups are read off the tensors. What no
 * tensor says is as torchvision has it: the first block of every stage but the first halves the
 * map, in its (first) 3 x 3 convolution. Used once, by one thread.
 */
final class ResNet implements Family {
  static final String NAME = "resnet";

  private static final int MOST_STAGES = 6;

  private final FamilyLayers layers;
  private final int[] size;
  private final List<String> widths = new ArrayList<>();
  private boolean bottleneck;
  private int groups = 1;
  private String description;

  /**
   * A network to be built.
   *
   * @param size height and width of the images, or null for the usual ones
   */
  ResNet(WeightDump dump, int[] size) {
    layers = new FamilyLayers(dump, NAME);
    this.size = size;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public AnnGraph build() {
    int[] stem = layers.require("conv1.weight", 4).shape();
    boolean large = stem[2] > 3;
    int side = large ? 224 : 32;
    MapShape image =
        new MapShape(stem[1], size == null ? side : size[0], size == null ? side : size[1]);
    layers.input(image);
    Window first = Window.square(stem[2], large ? 2 : 1, stem[2] / 2);
    String x =
        layers.convBn("input", "conv1", "bn1", layers.conv("conv1", stem[0], stem[1], first, 1));
    x = layers.relu("relu1", x);
    if (large) {
      x = layers.add("maxpool", new MaxPool(Window.square(3, 2, 1)), x);
    }
    bottleneck = layers.has("layer1.0.conv3.weight");
    int width = stem[0];
    int depth = 2;
    for (int stage = 1; stage <= MOST_STAGES && layers.hasAny("layer" + stage + "."); stage++) {
      int blocks = layers.count("layer" + stage + ".");
      for (int k = 0; k < blocks; k++) {
        String block = "layer" + stage + "." + k + ".";
        int stride = stage > 1 && k == 0 ? 2 : 1;
        int out =
            layers.require(block + (bottleneck ? "conv3" : "conv2") + ".weight", 4).shape()[0];
        x = block(x, block, width, out, stride);
        width = out;
      }
      depth += (bottleneck ? 3 : 2) * blocks;
      widths.add(String.valueOf(width));
    }
    Linear last = layers.classifier(x, width);
    String name = (groups > 1 ? "ResNeXt-" : "ResNet-") + depth;
    description =
        NAME
            + ": "
            + name
            + (bottleneck ? ", bottlenecks" : ", basic blocks")
            + (groups > 1 ? " of " + groups + " groups" : "")
            + ", widths "
            + String.join("-", widths)
            + ", images "
            + image
            + (size == null ? " (the usual ones)" : "")
            + ", "
            + last.weight().shape()[0]
            + " classes; stride 2 where torchvision has it, batch norm eps "
            + FamilyLayers.EPS;
    return layers.finish(name);
  }

  private String block(String x, String b, int in, int out, int stride) {
    String y = x;
    if (bottleneck) {
      int middle = layers.require(b + "conv1.weight", 4).shape()[0];
      int[] spatial = layers.require(b + "conv2.weight", 4).shape();
      int own = spatial[1] == 0 || middle % spatial[1] != 0 ? 1 : middle / spatial[1];
      groups = Math.max(groups, own);
      Window point = Window.square(1, 1, 0);
      y = layers.convBn(y, b + "conv1", b + "bn1", layers.conv(b + "conv1", middle, in, point, 1));
      y = layers.relu(b + "relu1", y);
      Conv2d wide = layers.conv(b + "conv2", spatial[0], middle, Window.square(3, stride, 1), own);
      y = layers.relu(b + "relu2", layers.convBn(y, b + "conv2", b + "bn2", wide));
      y =
          layers.convBn(
              y, b + "conv3", b + "bn3", layers.conv(b + "conv3", out, spatial[0], point, 1));
    } else {
      int middle = layers.require(b + "conv1.weight", 4).shape()[0];
      Window strided = Window.square(3, stride, 1);
      y =
          layers.convBn(
              y, b + "conv1", b + "bn1", layers.conv(b + "conv1", middle, in, strided, 1));
      y = layers.relu(b + "relu1", y);
      Conv2d second = layers.conv(b + "conv2", out, middle, Window.square(3, 1, 1), 1);
      y = layers.convBn(y, b + "conv2", b + "bn2", second);
    }
    String sum = layers.add(b + "add", new Add(), y, shortcut(x, b, in, out, stride));
    return layers.relu(b + "relu", sum);
  }

  private String shortcut(String x, String b, int in, int out, int stride) {
    for (String name : List.of("downsample.", "shortcut.")) {
      if (layers.hasAny(b + name)) {
        Conv2d op = layers.conv(b + name + "0", out, in, Window.square(1, stride, 0), 1);
        return layers.convBn(x, b + name + "0", b + name + "1", op);
      }
    }
    if (in != out || stride != 1) {
      throw layers.bad(
          ": found no shortcut where "
              + b
              + "conv1 changes the map, expected the projection "
              + b
              + "downsample.0.weight; dump the whole state_dict, or give a graph file to --arch");
    }
    return x;
  }
}
