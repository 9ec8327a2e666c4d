// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Tensor;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * VGG networks with and without batch norm, named as torchvision does: {@code features.N} are
 * convolutions, whose numbers say where batch norms, ReLUs and 2 x 2 max pools stand between them,
 * {@code classifier} one or several fully connected layers. Used once, by one thread.
 */
final class Vgg implements Family {
  static final String NAME = "vgg";

  private static final String FEATURES = "features.";

  private final FamilyLayers layers;
  private final int[] size;
  private int pools;
  private int convolutions;
  private String description;

  /**
   * A network to be built.
   *
   * @param size height and width of the images, or null for the usual ones
   */
  Vgg(WeightDump dump, int[] size) {
    layers = new FamilyLayers(dump, NAME);
    this.size = size;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public AnnGraph build() {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < layers.count(FEATURES); i++) {
      Tensor w = layers.tensors().get(FEATURES + i + ".weight");
      if (w != null && w.rank() == 4) {
        places.add(i);
      }
    }
    if (places.isEmpty()) {
      throw layers.bad(": found no convolution features.N.weight, expected those of " + NAME);
    }
    boolean[] pooled = pools(places);
    List<String> heads = heads();
    int[] firstHead = layers.require(heads.getFirst() + ".weight", 2).shape();
    int channels = layers.tensors().get(FEATURES + places.getLast() + ".weight").shape()[0];
    int side = side(firstHead[1], channels);
    int in = layers.tensors().get(FEATURES + places.getFirst() + ".weight").shape()[1];
    int usual = side << pools;
    MapShape image =
        new MapShape(in, size == null ? usual : size[0], size == null ? usual : size[1]);
    String x = layers.input(image);
    for (int k = 0; k < places.size(); k++) {
      x = layer(x, places.get(k), in);
      in = layers.tensors().get(FEATURES + places.get(k) + ".weight").shape()[0];
      if (pooled[k]) {
        x = layers.add("pool" + (k + 1), new MaxPool(Window.square(2, 2, 0)), x);
      }
    }
    x = layers.flatten(shrunk(x, image, side));
    int width = firstHead[1];
    for (int k = 0; k < heads.size(); k++) {
      Linear head = layers.linear(heads.get(k), width);
      x = layers.add(heads.get(k), head, x);
      width = head.weight().shape()[0];
      if (k < heads.size() - 1) {
        x = layers.relu(heads.get(k) + ".relu", x);
      }
    }
    String name = "VGG-" + (convolutions + heads.size());
    description =
        NAME
            + ": "
            + name
            + ", "
            + pools
            + " max pools of 2x2, images "
            + image
            + ", "
            + width
            + " classes; ReLU behind every layer but the last, a pool behind the last convolution";
    return layers.finish(name);
  }

  private String layer(String x, int place, int in) {
    String conv = FEATURES + place;
    int[] s = layers.require(conv + ".weight", 4).shape();
    Window window = new Window(s[2], s[3], 1, 1, s[2] / 2, s[3] / 2, 1, 1);
    convolutions++;
    String bn = FEATURES + (place + 1);
    String sum =
        layers.has(bn + ".running_mean")
            ? layers.convBn(x, conv, bn, layers.conv(conv, s[0], in, window, 1))
            : layers.add(conv, layers.conv(conv, s[0], in, window, 1), x);
    return layers.relu(conv + ".relu", sum);
  }

  /** Behind which convolutions the numbers leave room for a pool. */
  private boolean[] pools(List<Integer> places) {
    boolean[] pooled = new boolean[places.size()];
    for (int k = 0; k < pooled.length; k++) {
      int place = places.get(k);
      int next = place + (layers.has(FEATURES + (place + 1) + ".running_mean") ? 3 : 2);
      boolean last = k == pooled.length - 1;
      int gap = last ? 1 : places.get(k + 1) - next;
      if (gap != 0 && gap != 1) {
        throw layers.bad(
            ": found features."
                + place
                + " and features."
                + places.get(k + 1)
                + " one after the other, expected a ReLU and at most a max pool between them; give"
                + " a graph file to --arch, or export the network to ONNX");
      }
      pooled[k] = gap == 1;
      pools += gap;
    }
    return pooled;
  }

  private List<String> heads() {
    if (layers.has("classifier.weight")) {
      return List.of("classifier");
    }
    List<String> heads = new ArrayList<>();
    for (int i = 0; i < layers.count("classifier."); i++) {
      if (layers.has("classifier." + i + ".weight")) {
        heads.add("classifier." + i);
      }
    }
    if (heads.isEmpty()) {
      layers.require("classifier.weight", 2);
    }
    return heads;
  }

  /** Height and width of the map that the first fully connected layer reads. */
  private int side(int values, int channels) {
    int side = (int) Math.round(Math.sqrt((double) values / channels));
    if (side < 1 || (long) side * side * channels != values) {
      throw layers.bad(
          ": found a classifier over "
              + values
              + " values behind "
              + channels
              + " channels, expected a square map of each; give a graph file to --arch");
    }
    return side;
  }

  /** The last map as the classifier reads it: torchvision averages larger ones to 7 x 7. */
  private String shrunk(String x, MapShape image, int side) {
    int h = image.height() >> pools;
    int w = image.width() >> pools;
    if (h == side && w == side) {
      return x;
    }
    if (h < side || w < side || h % side != 0 || w % side != 0) {
      throw layers.bad(
          ": found images of "
              + image
              + ", whose last map is "
              + h
              + "x"
              + w
              + ", expected one of a multiple of "
              + side
              + "x"
              + side
              + ": images of "
              + (side << pools)
              + "x"
              + (side << pools));
    }
    Window window = new Window(h / side, w / side, h / side, w / side, 0, 0, 1, 1);
    return layers.add("avgpool", new AvgPool(window), x);
  }
}
