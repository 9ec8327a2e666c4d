// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
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
 * The layers of a network of a known family as they are found in a dump; remembers which tensors
 * were used. Used once, by one thread.
 */
final class FamilyLayers {
  /** PyTorch's default, which no dump carries. */
  static final float EPS = 1e-5f;

  private final WeightDump dump;
  private final String family;
  private final Set<String> used = new LinkedHashSet<>();
  private final List<AnnNode> nodes = new ArrayList<>();

  /**
   * No layers yet.
   *
   * @param family for messages
   */
  FamilyLayers(WeightDump dump, String family) {
    this.dump = dump;
    this.family = family;
  }

  String input(MapShape image) {
    return add("input", new Input(image));
  }

  /** Adds a node; its name. */
  String add(String name, AnnOp op, String... inputs) {
    nodes.add(AnnNode.of(name, op, inputs));
    return name;
  }

  String relu(String name, String x) {
    return add(name, new Relu(), x);
  }

  /** A convolution with batch norm. */
  String convBn(String x, String conv, String bn, Conv2d op) {
    add(conv, op, x);
    return add(bn, batchNorm(bn, op.weight().shape()[0]), conv);
  }

  /**
   * A convolution whose weight must have this shape, and a bias if there is one.
   *
   * @param in channels that it reads
   */
  Conv2d conv(String name, int out, int in, Window window, int groups) {
    Tensor w = require(name + ".weight", 4);
    expect(name + ".weight", w, out, in / groups, window.kernelH(), window.kernelW());
    return new Conv2d(w, bias(name, out), window, groups);
  }

  BatchNorm batchNorm(String name, int channels) {
    return new BatchNorm(
        vector(name + ".weight", channels),
        vector(name + ".bias", channels),
        vector(name + ".running_mean", channels),
        vector(name + ".running_var", channels),
        EPS);
  }

  /** A fully connected layer over so many values, with a bias. */
  Linear linear(String name, int in) {
    Tensor w = require(name + ".weight", 2);
    expect(name + ".weight", w, w.shape()[0], in);
    return new Linear(w, vector(name + ".bias", w.shape()[0]));
  }

  /**
   * The mean of each channel's map and a layer of classes over them, {@code fc} or {@code linear}.
   */
  Linear classifier(String x, int channels) {
    String head = has("fc.weight") ? "fc" : "linear";
    String flat = flatten(add("avgpool", new GlobalAvgPool(), x));
    Linear last = linear(head, channels);
    add(head, last, flat);
    return last;
  }

  String flatten(String x) {
    return add("flatten", new Flatten(), x);
  }

  private Tensor bias(String layer, int out) {
    return has(layer + ".bias") ? vector(layer + ".bias", out) : null;
  }

  boolean has(String tensor) {
    return dump.tensors().containsKey(tensor);
  }

  /** True if the name of a tensor begins so. */
  boolean hasAny(String prefix) {
    return dump.tensors().keySet().stream().anyMatch(t -> t.startsWith(prefix));
  }

  Map<String, Tensor> tensors() {
    return dump.tensors();
  }

  /** One more than the largest number that follows the prefix in a name; 0 if none does. */
  int count(String prefix) {
    int n = 0;
    for (String name : dump.tensors().keySet()) {
      if (name.startsWith(prefix)) {
        String number = name.substring(prefix.length()).split("\\.", 2)[0];
        if (number.matches("\\d{1,4}")) {
          n = Math.max(n, Integer.parseInt(number) + 1);
        }
      }
    }
    return n;
  }

  Tensor vector(String name, int length) {
    Tensor t = require(name, 1);
    expect(name, t, length);
    return t;
  }

  Tensor require(String name, int rank) {
    Tensor t = dump.tensors().get(name);
    if (t == null) {
      throw bad(
          ": found no tensor "
              + name
              + ", expected one in "
              + family
              + "; dump the whole state_dict, or give another --arch");
    }
    if (t.rank() != rank) {
      throw misshapen(name, t, rank + " dimensions");
    }
    used.add(name);
    return t;
  }

  void expect(String name, Tensor t, int... shape) {
    if (!Arrays.equals(t.shape(), shape)) {
      throw misshapen(name, t, Arrays.toString(shape));
    }
  }

  private SnnsimException misshapen(String name, Tensor t, String expected) {
    return bad(
        "["
            + name
            + "]: found shape "
            + Arrays.toString(t.shape())
            + ", expected "
            + expected
            + " in "
            + family
            + "; give another --arch if this is another network");
  }

  SnnsimException bad(String what) {
    return SnnsimException.badData(dump.file() + what);
  }

  /** The network; refused if it has left tensors over. */
  AnnGraph finish(String network) {
    List<String> extra = dump.tensors().keySet().stream().filter(k -> !used.contains(k)).toList();
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
    try {
      return new AnnGraph(network, nodes);
    } catch (SnnsimException e) {
      throw new SnnsimException(e.category(), dump.file() + ": " + e.getMessage(), e);
    }
  }
}
