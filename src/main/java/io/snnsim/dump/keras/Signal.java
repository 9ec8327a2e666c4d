// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.layers.Value;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.List;

/**
 * What a layer gives, and how its numbers lie beside those of Keras. Immutable.
 *
 * @param value what was made of it
 * @param form which dimensions it has in Keras
 * @param parts of a flat one: the maps that it was flattened of, in order, in Keras channels last;
 *     numbers that lie alike in both are maps of one pixel
 */
record Signal(Value value, Form form, List<MapShape> parts) {
  /** The dimensions of a tensor without that of images. */
  enum Form {
    /** Height, width, channels, in the order of the model. */
    MAP,
    /** Length, channels; a map of height 1. */
    SEQUENCE,
    /** Height, width of a grey image; a map of one channel. */
    GREY,
    /** One dimension. */
    FLAT
  }

  Signal {
    parts = List.copyOf(parts);
  }

  /** Anything but a flat one. */
  static Signal of(Value value, Form form) {
    return new Signal(value, form, List.of());
  }

  /** Features that lie as in Keras. */
  static Signal flat(Value value) {
    return new Signal(value, Form.FLAT, List.of(new MapShape(value.shape().channels(), 1, 1)));
  }

  /** Another value whose numbers lie as these. */
  Signal with(Value other) {
    return new Signal(other, form, parts);
  }

  /** True if the numbers lie in another order than in Keras. */
  boolean shuffled() {
    return parts.stream().anyMatch(m -> m.channels() > 1 && m.plane() > 1);
  }

  /** For each number of a flat one in our order where it lies in Keras. */
  int[] order() {
    return order(parts);
  }

  /** The same of maps flattened one after another. */
  static int[] order(List<MapShape> parts) {
    int[] order = new int[parts.stream().mapToInt(MapShape::size).sum()];
    int at = 0;
    for (MapShape m : parts) {
      int from = at;
      for (int c = 0; c < m.channels(); c++) {
        for (int p = 0; p < m.plane(); p++) {
          order[at++] = from + p * m.channels() + c;
        }
      }
    }
    return order;
  }

  /** The parts of several, one after another. */
  static List<MapShape> joined(List<Signal> signals) {
    List<MapShape> parts = new ArrayList<>();
    signals.forEach(s -> parts.addAll(s.parts()));
    return parts;
  }
}
