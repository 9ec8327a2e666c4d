// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.util.List;

/**
 * A network file as it was understood: layer by layer, and what stands in the way of a conversion.
 * Immutable; its fields in this order are the JSON of {@code snnsim describe}.
 *
 * @param file as it was given
 * @param arch kind of file or family
 * @param name of the network, or null if it could not be put together
 * @param layers in the order of computation; empty if it could not be put together
 * @param parameters of all layers
 * @param macs multiply-adds of an image
 * @param notes what was dealt with when it was read and would be when it is converted
 * @param obstacles why it cannot be converted, all that were found; empty if it can be
 */
public record NetworkTable(
    String file,
    String arch,
    String name,
    List<Layer> layers,
    long parameters,
    long macs,
    List<String> notes,
    List<String> obstacles) {
  /**
   * One layer.
   *
   * @param op with what is not usual of it, such as {@code conv2d 3x3 stride 2x2}
   * @param inputs names of the layers that it reads
   * @param shape of its output, channels x height x width
   * @param parameters numbers that it has
   * @param macs multiply-adds of an image; padding counts as input
   * @param becomes what it is in the spiking network; empty where nothing is known
   */
  public record Layer(
      String name,
      String op,
      List<String> inputs,
      String shape,
      long parameters,
      long macs,
      String becomes) {}

  /** As a table, for eyes. */
  public String text() {
    StringBuilder s = new StringBuilder();
    line(s, "%s: %s%s", file, arch, name == null ? "" : ", " + name);
    if (!layers.isEmpty()) {
      int names = widest("layer", layers.stream().map(Layer::name).toList());
      int ops = widest("operator", layers.stream().map(Layer::op).toList());
      int shapes = widest("output", layers.stream().map(Layer::shape).toList());
      String row = "%-" + names + "s  %-" + ops + "s  %" + shapes + "s  %11s  %13s  %s";
      line(s, "%n" + row, "layer", "operator", "output", "parameters", "multiply-adds", "becomes");
      String before = "";
      for (Layer l : layers) {
        // Only what does not read the layer above it needs saying.
        boolean chain = l.inputs().isEmpty() || l.inputs().equals(List.of(before));
        String reads = chain ? "" : " <- " + String.join(", ", l.inputs());
        line(
            s,
            row,
            l.name(),
            l.op(),
            l.shape(),
            l.parameters() == 0 ? "" : l.parameters(),
            l.macs() == 0 ? "" : l.macs(),
            (l.becomes() + reads).strip());
        before = l.name();
      }
      line(s, "%n%d layers, %d parameters, %d multiply-adds", layers.size(), parameters, macs);
    }
    notes.forEach(n -> line(s, "note: %s", n));
    obstacles.forEach(o -> line(s, "cannot be converted: %s", o));
    return s.toString();
  }

  private static int widest(String title, List<String> values) {
    return values.stream().mapToInt(String::length).reduce(title.length(), Math::max);
  }

  private static void line(StringBuilder to, String format, Object... values) {
    to.append(Shown.format(format, values).stripTrailing()).append('\n');
  }
}
