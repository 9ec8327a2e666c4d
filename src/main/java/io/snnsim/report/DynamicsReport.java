// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a graph did that was simulated as it is. Immutable; its fields in this order are the JSON of
 * {@code snnsim simulate}.
 *
 * @param schemaVersion 1
 * @param graph the file, as it was given
 * @param nodes in the order in which a step computes them
 * @param stepLater edges that carry what was sent one step before
 * @param recorded names of the nodes of which every step was written
 * @param seconds of all presentations on all threads
 */
public record DynamicsReport(
    int schemaVersion,
    String graph,
    Presentations presentations,
    Time time,
    List<Node> nodes,
    List<Edge> stepLater,
    List<String> recorded,
    double seconds,
    int threads,
    Map<String, Object> host,
    String program) {
  /**
   * How much was presented.
   *
   * @param done ran to their end; all figures are of these
   * @param planned were asked for
   * @param input what was read, in words
   */
  public record Presentations(int done, int planned, String input) {}

  /**
   * What a step is.
   *
   * @param steps of each presentation
   * @param dt seconds a step
   * @param dtFrom who says so
   * @param decay euler or exact
   * @param reset file or subtract
   */
  public record Time(int steps, double dt, String dtFrom, String decay, String reset) {}

  /**
   * One node.
   *
   * @param kind as NIR calls it
   * @param shape of what it sends
   * @param spikes of all presentations; null if it sends none
   * @param rate spikes a neuron and step; null if it sends none
   * @param hertz spikes a neuron and second; null if it sends none
   */
  public record Node(
      String name, String kind, List<Integer> shape, Long spikes, Double rate, Double hertz) {}

  /** An edge by the names of its ends. */
  public record Edge(String from, String to) {}

  /** As a table, for eyes. */
  public String toText() {
    StringBuilder s = new StringBuilder();
    line(
        s,
        "%s: %d%s presentations of %d steps of %s s (%s), decay %s",
        graph,
        presentations.done,
        presentations.done < presentations.planned ? " of " + presentations.planned : "",
        time.steps,
        new BigDecimal(Double.toString(time.dt)).stripTrailingZeros().toPlainString(),
        time.dtFrom,
        time.decay);
    line(s, "input: %s", presentations.input);
    int names = widest("node", nodes.stream().map(Node::name).toList());
    int shapes = widest("sends", nodes.stream().map(n -> n.shape.toString()).toList());
    String row = "%-" + names + "s  %-9s  %" + shapes + "s  %12s  %9s  %9s";
    line(s, "%n" + row, "node", "kind", "sends", "spikes", "a step", "Hz");
    for (Node n : nodes) {
      boolean spiking = n.spikes != null;
      line(
          s,
          row,
          n.name,
          n.kind,
          n.shape,
          spiking ? n.spikes : "",
          spiking ? number(n.rate) : "",
          spiking ? number(n.hertz) : "");
    }
    stepLater.forEach(e -> line(s, "one step later: %s -> %s", e.from, e.to));
    return s.toString();
  }

  private static String number(double x) {
    return x == 0 ? "0" : String.format(Locale.ROOT, "%.4g", x);
  }

  private static int widest(String title, List<String> values) {
    return values.stream().mapToInt(String::length).reduce(title.length(), Math::max);
  }

  private static void line(StringBuilder to, String format, Object... values) {
    to.append(Shown.format(format, values).stripTrailing()).append('\n');
  }
}
