// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.keras.KerasWeights.Place;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Guesses the network of Keras's weights alone: convolutions, then dense layers, in the order of
 * the numbers that Keras gave them, a ReLU after each but the last. What weights do not show
 * (pools, strides, shortcuts) is refused where it shows in shapes that do not fit. Used once, by
 * one thread.
 */
public final class PlainChain {
  private static final Pattern NUMBERED =
      Pattern.compile("(conv2d|dense|batch_normalization)(?:_(\\d{1,8}))?");

  /** Of images that networks of convolutions without pools are trained on. */
  private static final List<Integer> USUAL_SIDES = List.of(28, 32, 48, 64, 96, 128, 224);

  private static final String SAVE =
      "; save the whole model in Keras: model.save('net.keras'), or describe the network in a JSON"
          + " graph file and give it to --arch";

  private final String where;
  private final int[] size;

  /** By the class of layers and their number their tensors. */
  private final Map<String, TreeMap<Integer, Map<String, Tensor>>> layers = new LinkedHashMap<>();

  private LayerGraph graph;

  private PlainChain(String where, int[] size) {
    this.where = where;
    this.size = size;
  }

  /**
   * Guesses.
   *
   * @param tensors by name, turned as operators have them
   * @param where the file, for messages
   * @param size height and width of the images, or null if not known
   * @throws SnnsimException (bad data) if it is no plain chain
   */
  public static LayerGraph of(Map<String, Tensor> tensors, String where, int[] size) {
    return new PlainChain(where, size).read(tensors);
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(
        where + ": found weights of Keras without the model, and " + what + SAVE);
  }

  private LayerGraph read(Map<String, Tensor> tensors) {
    tensors.forEach(this::sort);
    List<Map<String, Tensor>> convolutions = all("conv2d");
    List<Map<String, Tensor>> dense = all("dense");
    List<Map<String, Tensor>> norms = all("batch_normalization");
    if (dense.isEmpty()) {
      throw bad("no layer named dense, expected one at the end");
    }
    boolean normed = !norms.isEmpty();
    boolean denseNormed = norms.size() == convolutions.size() + dense.size() - 1;
    if (normed && norms.size() != convolutions.size() && !denseNormed) {
      throw bad(
          norms.size()
              + " batch norms for "
              + convolutions.size()
              + " convolutions, expected as many");
    }
    graph = new LayerGraph(where);
    int in = kernel(dense.getFirst(), 2).shape()[1];
    Value at =
        convolutions.isEmpty() ? graph.input(new MapShape(in, 1, 1)) : image(convolutions, in);
    int side = at.shape().width();
    boolean same = side == mapSide(convolutions, in);
    int n = 0;
    for (Map<String, Tensor> layer : convolutions) {
      Tensor kernel = kernel(layer, 4);
      int pad = same ? kernel.shape()[2] / 2 : 0;
      Window window = Window.square(kernel.shape()[2], 1, pad);
      at = graph.add("conv2d", new Conv2d(kernel, bias(layer), window, 1), at);
      at = rectified(normed ? norms.get(n++) : null, at);
    }
    MapShape map = at.shape();
    if (!convolutions.isEmpty()) {
      at = graph.add("flatten", new Flatten(), at);
    }
    for (int i = 0; i < dense.size(); i++) {
      Linear op = new Linear(kernel(dense.get(i), 2), bias(dense.get(i)));
      boolean turn = i == 0 && map.plane() > 1 && op.weight().shape()[1] == map.size();
      at = graph.add("dense", turn ? KerasWeights.reordered(op, map) : op, at);
      if (i < dense.size() - 1) {
        at = rectified(denseNormed ? norms.get(n++) : null, at);
      }
    }
    graph.output(at);
    graph.note(
        "no model in the file: taken for "
            + convolutions.size()
            + " convolutions"
            + (convolutions.isEmpty() ? "" : " (padding '" + (same ? "same" : "valid") + "')")
            + " and "
            + dense.size()
            + " dense layers one after another, "
            + (normed ? "batch norm and " : "")
            + "ReLU between them; if that is wrong, save the whole model: model.save('net.keras')");
    return graph;
  }

  private void sort(String name, Tensor tensor) {
    Place place = Place.of(name);
    Matcher m = place == null ? null : NUMBERED.matcher(place.layer());
    if (m == null || !m.matches()) {
      throw bad(
          "a tensor "
              + Text.oneLine(name)
              + ", expected layers named conv2d, batch_normalization and dense with their numbers");
    }
    int number = m.group(2) == null ? 0 : Integer.parseInt(m.group(2));
    String tensorName = place.tensor();
    if (Character.isDigit(tensorName.charAt(0))) {
      List<String> names =
          m.group(1).equals("batch_normalization")
              ? List.of("gamma", "beta", "moving_mean", "moving_variance")
              : List.of("kernel", "bias");
      int index = Integer.parseInt(tensorName);
      tensorName = index < names.size() ? names.get(index) : tensorName;
    }
    layers
        .computeIfAbsent(m.group(1), k -> new TreeMap<>())
        .computeIfAbsent(number, k -> new LinkedHashMap<>())
        .put(tensorName, tensor);
  }

  private List<Map<String, Tensor>> all(String kind) {
    return new ArrayList<>(layers.getOrDefault(kind, new TreeMap<>()).values());
  }

  private Tensor kernel(Map<String, Tensor> layer, int rank) {
    Tensor kernel = layer.get("kernel");
    if (kernel == null || kernel.rank() != rank || kernel.size() == 0) {
      throw bad("a layer without a kernel of " + rank + " dimensions, expected one");
    }
    return kernel;
  }

  private static Tensor bias(Map<String, Tensor> layer) {
    return layer.get("bias");
  }

  /** Rows of the square map that the first dense layer reads, or 0. */
  private int mapSide(List<Map<String, Tensor>> convolutions, int in) {
    if (convolutions.isEmpty()) {
      return 1;
    }
    int channels = kernel(convolutions.getLast(), 4).shape()[0];
    int side = (int) Math.round(Math.sqrt((double) in / channels));
    return (long) side * side * channels == in ? side : 0;
  }

  /** The image of which convolutions without strides and pools make the map that is read. */
  private Value image(List<Map<String, Tensor>> convolutions, int in) {
    int side = mapSide(convolutions, in);
    int lost = 0;
    for (Map<String, Tensor> layer : convolutions) {
      int[] k = kernel(layer, 4).shape();
      lost += k[2] - 1;
      if (k[2] != k[3] || k[2] % 2 == 0) {
        throw bad("a kernel of " + k[2] + "x" + k[3] + ", expected square ones of odd size");
      }
    }
    int channels = kernel(convolutions.getFirst(), 4).shape()[1];
    boolean same = isImage(side);
    boolean valid = lost > 0 && isImage(side + lost);
    if (same == valid) {
      throw bad(
          "a dense layer of "
              + in
              + " inputs, which is no map that convolutions alone make of images"
              + (size == null ? "" : " of " + size[0] + "x" + size[1])
              + "; pools and strides are not among weights");
    }
    int image = same ? side : side + lost;
    return graph.input(new MapShape(channels, image, image));
  }

  private boolean isImage(int side) {
    return size == null ? USUAL_SIDES.contains(side) : size[0] == side && size[1] == side;
  }

  private Value rectified(Map<String, Tensor> norm, Value in) {
    Value at = in;
    if (norm != null) {
      int n = in.shape().channels();
      float[] ones = new float[n];
      Arrays.fill(ones, 1);
      Tensor mean = norm.get("moving_mean");
      Tensor variance = norm.get("moving_variance");
      if (mean == null || variance == null) {
        throw bad("a batch norm without moving_mean or moving_variance, expected both");
      }
      AnnOp op =
          new BatchNorm(
              norm.getOrDefault("gamma", Tensor.of(ones, n)),
              norm.getOrDefault("beta", Tensor.of(new float[n], n)),
              mean,
              variance,
              1e-3f);
      at = graph.add("batch_normalization", op, in);
    }
    return graph.add("relu", new Relu(), at);
  }
}
