// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Upsample;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.dump.layers.Zeros;
import io.snnsim.geometry.MapShape;
import io.snnsim.json.JsonValue;
import java.util.List;

/** Reads layers that give values other places, and those that join several. Stateless. */
final class Shaping {
  private Shaping() {}

  /** One dimension of all; in Keras channels are last then, even of maps that have them first. */
  static Signal flatten(Reading to, Layer layer, Signal in) {
    if (in.form() == Form.FLAT) {
      return in;
    }
    boolean asItLies =
        in.form() == Form.MAP
            && to.channelsFirst()
            && !layer.word("data_format", "channels_last").equals("channels_first");
    return flat(to, layer, in, asItLies);
  }

  private static Signal flat(Reading to, Layer layer, Signal in, boolean channelsFirst) {
    MapShape map = in.value().shape();
    if (map.plane() == 1) {
      return Signal.flat(in.value());
    }
    Signal flat = to.add(layer, new Flatten(), in);
    MapShape part = channelsFirst ? new MapShape(map.size(), 1, 1) : map;
    return new Signal(flat.value(), Form.FLAT, List.of(part));
  }

  /** Other dimensions for the same values in the same order, where that needs no new order. */
  static Signal reshape(Reading to, Layer layer, Signal in) {
    int[] target = target(layer, in.value().shape().size());
    MapShape s = in.value().shape();
    if (target.length == 1) {
      return in.form() == Form.FLAT
          ? in
          : flat(to, layer, in, in.form() == Form.MAP && to.channelsFirst());
    }
    if (in.form() == Form.GREY && target.length == 2 && target[0] == s.height()) {
      return in;
    }
    // Channels are last in the order of both, so that equal maps are equal values.
    if (target.length <= 3 && shape(to, target).equals(s) && !in.shuffled()) {
      return Signal.of(in.value(), target.length == 3 ? Form.MAP : Form.SEQUENCE);
    }
    return to.misfit(
        layer,
        "found a reshape of "
            + s
            + " (channels, height, width) to "
            + Texts.of(layer.config().get("target_shape"))
            + ", expected one to a single dimension or one that moves no value to another channel",
        "use Flatten, or build the model without it",
        in);
  }

  /** The map that dimensions of an image mean. */
  static MapShape shape(Reading to, int[] dims) {
    return switch (dims.length) {
      case 1 -> new MapShape(dims[0], 1, 1);
      case 2 -> new MapShape(dims[1], 1, dims[0]);
      default ->
          to.channelsFirst()
              ? new MapShape(dims[0], dims[1], dims[2])
              : new MapShape(dims[2], dims[0], dims[1]);
    };
  }

  /** The dimensions that a Reshape gives, -1 among them computed. */
  static int[] target(Layer layer, int size) {
    List<JsonValue> items = layer.config().get("target_shape").items();
    int[] target = new int[items.size()];
    long known = 1;
    int open = -1;
    for (int d = 0; d < target.length; d++) {
      target[d] = items.get(d).asInt(0);
      if (target[d] == -1 && open < 0) {
        open = d;
      } else if (target[d] < 1 || known > size) {
        throw layer.bad("target_shape", "sizes, of which one may be -1, of " + size + " values");
      } else {
        known *= target[d];
      }
    }
    if (target.length == 0 || size % known != 0 || (open < 0 && known != size)) {
      throw layer.bad("target_shape", "sizes, of which one may be -1, of " + size + " values");
    }
    if (open >= 0) {
      target[open] = (int) (size / known);
    }
    return target;
  }

  /** Zeros around a map or at the ends of a sequence. */
  static Signal zeros(Reading to, Layer layer, Signal in, Form form) {
    if (in.form() != form) {
      return to.wrongForm(layer, in, "it on a map, or its 1D form on a sequence");
    }
    Zeros zeros;
    if (form == Form.SEQUENCE) {
      int[] ends = layer.paddings(1)[0];
      zeros = new Zeros(0, ends[0], 0, ends[1]);
    } else {
      int[][] ends = layer.paddings(2);
      zeros = new Zeros(ends[0][0], ends[1][0], ends[0][1], ends[1][1]);
    }
    return in.with(to.graph().pad(in.value(), zeros));
  }

  /** A map or sequence enlarged by repeating its values. */
  static Signal upsampled(Reading to, Layer layer, Signal in, Form form) {
    if (in.form() != form) {
      return to.wrongForm(layer, in, "it on a map, or its 1D form on a sequence");
    }
    String way = layer.word("interpolation", "nearest");
    if (!way.equals("nearest")) {
      return to.obstacle(
          layer,
          "found interpolation '" + Text.oneLine(way) + "', expected nearest",
          "train the network with interpolation='nearest'",
          in);
    }
    if (!in.value().zeros().equals(Zeros.NONE)) {
      return to.misfit(layer, "found zero padding before it, expected none", "pad behind it", in);
    }
    int[] factor =
        form == Form.MAP ? layer.pair("size", 2) : new int[] {1, layer.single("size", 2)};
    return to.add(layer, new Upsample(factor[0], factor[1]), in);
  }

  /** The sum of several. */
  static Signal add(Reading to, Layer layer, List<Signal> in) {
    Signal first = in.getFirst();
    for (Signal other : in) {
      if (other.form() != first.form() || !other.parts().equals(first.parts())) {
        return to.misfit(
            layer,
            "found addends of several shapes or flattened in several ways, expected one",
            "add them before they are flattened",
            in.toArray(Signal[]::new));
      }
    }
    return to.add(layer, new Add(), in.toArray(Signal[]::new));
  }

  /** Channels or features of several, one after another. */
  static Signal concatenate(Reading to, Layer layer, List<Signal> in) {
    Form form = in.getFirst().form();
    int axis = (int) layer.number("axis", -1);
    boolean alike = in.stream().allMatch(s -> s.form() == form);
    if (!alike || !to.isChannels(axis, form)) {
      return to.misfit(
          layer,
          "found a concatenation along axis " + axis + ", expected one of channels",
          LayerKinds.advice(layer.kind()),
          in.toArray(Signal[]::new));
    }
    if (in.size() == 1) {
      return in.getFirst();
    }
    Signal all = to.add(layer, new Concat(), in.toArray(Signal[]::new));
    return new Signal(all.value(), form, Signal.joined(in));
  }
}
