// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Networks of the kind of MobileNet v1 under any names: a convolution, then blocks of a depthwise
 * and a 1x1 convolution, each with a batch norm and a ReLU, the mean of each channel and one fully
 * connected layer. Used once, by one thread.
 *
 * <p>Strides cannot be seen in weights. They are those of the paper's table, which holds for nets
 * of other widths and depths too: 2 in blocks that make more channels than they read, but for the
 * first; and 2 in the first convolution unless images are small.
 */
final class MobileNet implements Family {
  static final String NAME = "mobilenet-v1";

  private static final String WEIGHT = ".weight";
  private static final String MEAN = ".running_mean";

  /** Usual images of ImageNet. */
  private static final int LARGE = 224;

  /** Images below this size are not halved by the first convolution. */
  private static final int SMALL = 64;

  private final FamilyLayers layers;
  private final WeightDump dump;
  private final int[] size;
  private String description;

  /**
   * A network to be built.
   *
   * @param size height and width of the images, or null for the usual ones
   */
  MobileNet(WeightDump dump, int[] size) {
    this.dump = dump;
    this.size = size;
    layers = new FamilyLayers(dump, NAME);
  }

  /** True if names are those of usual code, whatever the shapes. */
  static boolean isNamed(Set<String> names) {
    return names.contains("layers.0.conv1.weight")
        || (names.contains("model.0.0.weight") && names.contains("fc.weight"));
  }

  /** True if a dump looks like one. */
  static boolean fits(WeightDump dump) {
    return order(dump) != null;
  }

  /** Layers in order. */
  private record Order(List<String> convolutions, List<String> norms, String head) {}

  private static Order order(WeightDump dump) {
    List<String> convolutions = new ArrayList<>();
    List<String> norms = new ArrayList<>();
    List<String> heads = new ArrayList<>();
    dump.tensors()
        .forEach(
            (name, t) -> {
              if (name.endsWith(WEIGHT) && t.rank() == 4) {
                convolutions.add(cut(name, WEIGHT));
              } else if (name.endsWith(WEIGHT) && t.rank() == 2) {
                heads.add(cut(name, WEIGHT));
              } else if (name.endsWith(MEAN)) {
                norms.add(cut(name, MEAN));
              }
            });
    if (heads.size() != 1) {
      return null;
    }
    Order stored = new Order(convolutions, norms, heads.getFirst());
    if (chains(dump, stored)) {
      return stored;
    }
    // HDF5 sorts names, 10 before 2.
    Order byNumber =
        new Order(
            convolutions.stream().sorted(Comparator.comparing(MobileNet::sortable)).toList(),
            norms.stream().sorted(Comparator.comparing(MobileNet::sortable)).toList(),
            heads.getFirst());
    return chains(dump, byNumber) ? byNumber : null;
  }

  private static String cut(String name, String end) {
    return name.substring(0, name.length() - end.length());
  }

  /** A name whose numbers sort by their size. */
  private static String sortable(String name) {
    StringBuilder result = new StringBuilder();
    for (String part : name.split("(?<=\\D)(?=\\d)|(?<=\\d)(?=\\D)", -1)) {
      boolean number = !part.isEmpty() && Character.isDigit(part.charAt(0)) && part.length() < 9;
      result.append(number ? "0".repeat(9 - part.length()) : "").append(part);
    }
    return result.toString();
  }

  /** True if each layer reads as many channels as the one before makes. */
  private static boolean chains(WeightDump dump, Order order) {
    Map<String, Tensor> t = dump.tensors();
    int n = order.convolutions().size();
    if (n < 3 || n % 2 == 0 || order.norms().size() != n) {
      return false;
    }
    int channels = 0;
    for (int k = 0; k < n; k++) {
      int[] s = t.get(order.convolutions().get(k) + WEIGHT).shape();
      boolean depthwise = k % 2 == 1;
      boolean fits =
          k == 0
              ? s[2] > 1 && s[3] > 1
              : depthwise
                  ? s[0] == channels && s[1] == 1 && s[2] > 1 && s[3] > 1
                  : s[1] == channels && s[2] == 1 && s[3] == 1;
      if (!fits || t.get(order.norms().get(k) + MEAN).size() != s[0]) {
        return false;
      }
      channels = s[0];
    }
    return t.get(order.head() + WEIGHT).shape()[1] == channels;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public AnnGraph build() {
    Order order = order(dump);
    if (order == null) {
      throw layers.bad(
          ": found no chain of a convolution, pairs of a depthwise and a 1x1 convolution with a"
              + " batch norm each, and one fully connected layer, expected that of "
              + NAME
              + "; give another --arch, a graph file, or export the network to ONNX");
    }
    int[] stem = layers.require(order.convolutions().getFirst() + WEIGHT, 4).shape();
    MapShape image = image(order, stem[1]);
    boolean halves = Math.min(image.height(), image.width()) >= SMALL;
    String x = layers.input(image);
    x = layer(x, order, 0, stem[1], halves ? 2 : 1);
    int channels = stem[0];
    List<String> widths = new ArrayList<>(List.of(String.valueOf(channels)));
    List<String> halving = new ArrayList<>();
    for (int k = 1; k < order.convolutions().size(); k += 2) {
      int made = layers.require(order.convolutions().get(k + 1) + WEIGHT, 4).shape()[0];
      int stride = k > 1 && made > channels ? 2 : 1;
      if (stride == 2) {
        halving.add(String.valueOf(k / 2 + 1));
      }
      x = layer(x, order, k, channels, stride);
      x = layer(x, order, k + 1, channels, 1);
      channels = made;
      widths.add(String.valueOf(channels));
    }
    x = layers.flatten(layers.add("avgpool", new GlobalAvgPool(), x));
    Tensor head = layers.require(order.head() + WEIGHT, 2);
    int classes = head.shape()[0];
    boolean biased = layers.has(order.head() + ".bias");
    Tensor bias = biased ? layers.vector(order.head() + ".bias", classes) : null;
    layers.add(order.head(), new Linear(head, bias), x);
    description =
        NAME
            + ": "
            + order.convolutions().size() / 2
            + " blocks, widths "
            + String.join("-", widths)
            + ", images "
            + image
            + ", "
            + classes
            + " classes, batch norm eps "
            + FamilyLayers.EPS
            + "; assumed, since weights do not tell: stride "
            + (halves ? 2 : 1)
            + " in the first convolution, 2 in the blocks "
            + String.join(", ", halving)
            + " and 1 in others, padding that keeps the size, ReLU and not ReLU6 (export to ONNX if"
            + " it is another)";
    return layers.finish("MobileNet-" + (order.convolutions().size() + 1));
  }

  private MapShape image(Order order, int channels) {
    // Code that is named so is for images of 32x32.
    boolean small = order.convolutions().contains("layers.0.conv1");
    int side = small ? SMALL / 2 : LARGE;
    return new MapShape(channels, size == null ? side : size[0], size == null ? side : size[1]);
  }

  /** A convolution with its batch norm and ReLU. */
  private String layer(String x, Order order, int k, int in, int stride) {
    String conv = order.convolutions().get(k);
    String norm = order.norms().get(k);
    int[] s = layers.require(conv + WEIGHT, 4).shape();
    Window window = new Window(s[2], s[3], stride, stride, s[2] / 2, s[3] / 2, 1, 1);
    Conv2d op = layers.conv(conv, s[0], in, window, k % 2 == 1 ? in : 1);
    return layers.relu(conv + ".relu", layers.convBn(x, conv, norm, op));
  }
}
