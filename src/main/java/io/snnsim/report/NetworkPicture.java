// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws a network as SVG: layers from top to bottom in the order of computation, arcs at the right
 * for what skips some. Stateless.
 */
public final class NetworkPicture {
  private static final int ROW = 30;
  private static final int BOX = 22;
  private static final int LEFT = 12;
  private static final double LETTER = 6.7;

  private NetworkPicture() {}

  /** A whole SVG document, for light and dark pages. */
  public static String svg(NetworkTable table) {
    List<NetworkTable.Layer> layers = table.layers();
    int width = 0;
    for (NetworkTable.Layer l : layers) {
      width = Math.max(width, (int) (LETTER * text(l).length()) + 16);
    }
    Map<String, Integer> rows = new HashMap<>();
    StringBuilder arcs = new StringBuilder();
    StringBuilder boxes = new StringBuilder();
    int reach = 0;
    for (int i = 0; i < layers.size(); i++) {
      NetworkTable.Layer l = layers.get(i);
      int y = LEFT + i * ROW;
      for (String in : l.inputs()) {
        int from = rows.getOrDefault(in, i);
        reach = Math.max(reach, arc(arcs, from, i, LEFT + width));
      }
      rows.put(l.name(), i);
      String kind = l.op().split(" ", 2)[0];
      add(
          boxes,
          "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\"/>"
              + "<text x=\"%d\" y=\"%d\" xml:space=\"preserve\">%s</text>%n",
          kind.replaceAll("[^a-z0-9]", ""),
          LEFT,
          y,
          width,
          BOX,
          LEFT + 8,
          y + 15,
          escaped(Shown.text(text(l))));
    }
    int w = LEFT + width + reach + LEFT;
    int h = 2 * LEFT + Math.max(1, layers.size()) * ROW;
    String style =
        "text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:#222}rect{fill:#eef1f5;"
            + "stroke:#8a94a3}path{fill:none;stroke:#8a94a3;stroke-width:1.3}"
            + ".conv2d,.linear{fill:#dbe8fb}.relu{fill:#fde6d8}.add,.concat{fill:#e3f4dd}"
            + ".maxpool,.avgpool,.globalavgpool{fill:#f1e6fa}"
            + "@media(prefers-color-scheme:dark){text{fill:#e6e6e6}rect{fill:#2a2f37}"
            + ".conv2d,.linear{fill:#223a5c}.relu{fill:#5a3a25}.add,.concat{fill:#2c4a25}"
            + ".maxpool,.avgpool,.globalavgpool{fill:#43305a}}";
    StringBuilder all = new StringBuilder();
    add(
        all,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d"
            + " %d\" role=\"img\">%n<title>%s</title>%n<style>%s</style>%n",
        w,
        h,
        w,
        h,
        escaped(table.file() + ", " + table.arch()),
        style);
    return all.append(arcs).append(boxes).append("</svg>\n").toString();
  }

  private static String text(NetworkTable.Layer l) {
    return l.name() + "  " + l.op() + "  " + l.shape();
  }

  /** From one row to a later one; how far it reaches to the right of the boxes. */
  private static int arc(StringBuilder to, int from, int row, int right) {
    int top = LEFT + from * ROW;
    int bottom = LEFT + row * ROW;
    if (row == from + 1) {
      int x = LEFT + 20;
      add(to, "<path d=\"M%d %dV%d\"/>%n", x, top + BOX, bottom);
      return 0;
    }
    // Longer ways lie further out, so that they can be told apart.
    int out = 14 + 6 * Math.min(12, row - from);
    add(
        to,
        "<path d=\"M%d %dC%d %d %d %d %d %d\"/>%n",
        right,
        top + BOX / 2,
        right + out,
        top + BOX / 2,
        right + out,
        bottom + BOX / 2,
        right,
        bottom + BOX / 2);
    return out;
  }

  private static String escaped(String text) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> s.append("&lt;");
        case '>' -> s.append("&gt;");
        case '&' -> s.append("&amp;");
        case '"' -> s.append("&quot;");
        default -> s.append(c < ' ' ? '?' : c);
      }
    }
    return s.toString();
  }

  private static void add(StringBuilder to, String format, Object... values) {
    to.append(String.format(Locale.ROOT, format, values));
  }
}
