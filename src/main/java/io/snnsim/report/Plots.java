// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.metrics.Distribution;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws PNG pictures with XChart, which needs no display. Stateless. */
public final class Plots {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 260;
  private static final int WIDE = 620;
  private static final int HIGH = 400;
  private static final int LEGEND_LINE = 22;
  private static final double EXACT = 1e-9;

  /** Octaves of room beside the curves. */
  private static final double MARGIN = 0.1;

  private static final Color POINTS = new Color(0x30, 0x60, 0xc0, 0x50);
  private static final Color LINE = new Color(0xc0, 0x40, 0x30);

  /** That of the sixth, the empty task, is what lies behind the others. */
  private static final Color[] TAILS = {
    Color.BLACK,
    new Color(0xe0, 0x80, 0x00),
    new Color(0x80, 0x40, 0xc0),
    new Color(0x20, 0x60, 0xd0),
    new Color(0xc0, 0x20, 0x20),
    Color.GRAY
  };

  private Plots() {}

  /** One curve: a name and its points, x ascending. */
  public record Curve(String name, double[] x, double[] y) {}

  /** How rare which times are, by name. */
  public record Tail(String name, Distribution times) {}

  /**
   * Times, logarithmic, against percentiles, whose every tick is ten times as rare as the one
   * before; names without any time are left out.
   *
   * @param title what was measured
   * @param tails up to six
   */
  public static void latency(String title, List<Tail> tails, OutputStream out) throws IOException {
    List<Curve> curves = new ArrayList<>();
    double high = 1;
    for (Tail t : tails) {
      if (t.times().oneIn().length > 0) {
        double[] decades = Arrays.stream(t.times().oneIn()).map(Math::log10).toArray();
        curves.add(new Curve(t.name(), decades, t.times().micros()));
        high = Math.max(high, Math.ceil(decades[decades.length - 1] - EXACT));
      }
    }
    XYChart chart = curves("percentile of the arrivals", "microseconds", null, null, curves);
    chart.setTitle(title);
    chart.getStyler().setYAxisLogarithmic(true).setMarkerSize(3);
    chart.getStyler().setXAxisMin(-MARGIN).setXAxisMax(high + MARGIN);
    // XChart's own logarithmic axis names all of 1 to 9 in every decade, one over the other.
    chart.getStyler().setXAxisTickMarkSpacingHint((int) (WIDE / (high + 1)));
    chart.getStyler().setXAxisTickLabelsFormattingFunction(Plots::percentile);
    chart.getStyler().setSeriesColors(TAILS);
    save(List.of(chart), 1, out);
  }

  /** Names the percentile that one in 10^decades exceeds. */
  private static String percentile(double decades) {
    int whole = (int) Math.rint(decades);
    if (whole < 2 || Math.abs(decades - whole) > EXACT) {
      return String.format(Locale.ROOT, "p%.4g", 100 * (1 - Math.pow(10, -decades)))
          .replaceAll("\\.?0+$", "");
    }
    return whole == 2 ? "p99" : "p99." + "9".repeat(whole - 2);
  }

  /** Scatter plots of every layer: activation of the ANN across, spike rate up. */
  public static void compare(CompareReport report, OutputStream out) throws IOException {
    List<XYChart> charts = new ArrayList<>();
    for (CompareReport.Layer l : report.layers()) {
      charts.add(scatter(l, l.name().equals(report.firstWrong())));
    }
    int columns = Math.max(1, Math.min(5, (int) Math.ceil(Math.sqrt(charts.size()))));
    save(charts, columns, out);
  }

  private static XYChart scatter(CompareReport.Layer l, boolean wrong) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(l.name() + (wrong ? ": first wrong" : ""))
            .xAxisTitle("ANN / lambda")
            .yAxisTitle(l.readout().equals("rate") ? "spikes a step" : "input a step")
            .build();
    double[] x = new double[l.sample().size()];
    double[] y = new double[x.length];
    double low = 0;
    double high = 1;
    for (int i = 0; i < x.length; i++) {
      x[i] = l.sample().get(i)[0];
      y[i] = l.sample().get(i)[1];
      low = Math.min(low, Math.min(x[i], y[i]));
      high = Math.max(high, Math.max(x[i], y[i]));
    }
    style(chart);
    chart.getStyler().setLegendVisible(false);
    chart.getStyler().setMarkerSize(4);
    if (wrong) {
      chart.getStyler().setXAxisTitleColor(Color.BLACK).setYAxisTitleColor(Color.BLACK);
      chart.getStyler().setChartFontColor(LINE);
    }
    chart.getStyler().setXAxisMin(low).setXAxisMax(high).setYAxisMin(low).setYAxisMax(high);
    chart.getStyler().setXAxisDecimalPattern("0.0").setYAxisDecimalPattern("0.0");
    if (x.length > 0) {
      XYSeries points = chart.addSeries("neurons", x, y);
      points.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      points.setMarker(SeriesMarkers.CIRCLE);
      points.setMarkerColor(POINTS);
    }
    XYSeries equal = chart.addSeries("equal", new double[] {low, high}, new double[] {low, high});
    equal.setMarker(SeriesMarkers.NONE);
    equal.setLineColor(LINE);
    equal.setLineStyle(new BasicStroke(1));
    return chart;
  }

  /**
   * Two pictures side by side with the same curves: y against x of {@code left} and of {@code
   * right}, both with an x axis of octaves (x above 0; where it doubles is named), and a line at
   * {@code level} unless that is null.
   */
  public static void pair(
      String yTitle,
      String levelName,
      Double level,
      String leftTitle,
      List<Curve> left,
      String rightTitle,
      List<Curve> right,
      OutputStream out)
      throws IOException {
    save(
        List.of(
            octaves(curves(leftTitle, yTitle, levelName, level, logarithms(left)), left),
            octaves(curves(rightTitle, yTitle, levelName, level, logarithms(right)), right)),
        2,
        out);
  }

  private static XYChart curves(
      String xTitle, String yTitle, String levelName, Double level, List<Curve> curves) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDE)
            .height(HIGH + LEGEND_LINE * (curves.size() + 1))
            .xAxisTitle(xTitle)
            .yAxisTitle(yTitle)
            .build();
    style(chart);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideS);
    chart.getStyler().setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    chart.getStyler().setLegendPadding(4);
    chart.getStyler().setMarkerSize(6);
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Curve c : curves) {
      chart.addSeries(c.name(), c.x(), c.y()).setMarker(SeriesMarkers.CIRCLE);
      for (double x : c.x()) {
        least = Math.min(least, x);
        most = Math.max(most, x);
      }
    }
    if (level != null && most >= least) {
      XYSeries line =
          chart.addSeries(levelName, new double[] {least, most}, new double[] {level, level});
      line.setMarker(SeriesMarkers.NONE);
      line.setLineColor(Color.GRAY);
      line.setLineStyle(
          new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6}, 0));
    }
    return chart;
  }

  /** The curves with the logarithm to base 2 of x, in which {@link #octaves} names the axis. */
  private static List<Curve> logarithms(List<Curve> curves) {
    return curves.stream()
        .map(c -> new Curve(c.name(), Arrays.stream(c.x()).map(Plots::log2).toArray(), c.y()))
        .toList();
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  /** XChart's own logarithmic axis names tens alone, between which most sweeps lie. */
  private static XYChart octaves(XYChart chart, List<Curve> curves) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Curve c : curves) {
      for (double x : c.x()) {
        low = Math.min(low, Math.floor(log2(x) + EXACT));
        high = Math.max(high, Math.ceil(log2(x) - EXACT));
      }
    }
    if (low > high) {
      return chart;
    }
    high = Math.max(high, low + 1);
    chart.getStyler().setXAxisMin(low - MARGIN).setXAxisMax(high + MARGIN);
    chart.getStyler().setXAxisTickMarkSpacingHint((int) (WIDE / (high - low + 1)));
    chart
        .getStyler()
        .setXAxisTickLabelsFormattingFunction(
            x -> {
              // Not empty between the doublings, since XChart wants labels that differ.
              double value = Math.pow(2, x);
              boolean whole = value >= 1 && Math.abs(x - Math.rint(x)) < EXACT;
              return String.format(Locale.ROOT, whole ? "%.0f" : "%.3g", value);
            });
    return chart;
  }

  private static void style(XYChart chart) {
    chart.getStyler().setPlotMargin(0);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setChartTitleBoxVisible(false);
    chart.getStyler().setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 12));
    chart.getStyler().setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    chart.getStyler().setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 10));
  }

  private static void save(List<XYChart> charts, int columns, OutputStream out) throws IOException {
    // XChart's own grid fails unless every place of it is taken.
    int width = charts.getFirst().getWidth();
    int height = charts.getFirst().getHeight();
    int rows = (charts.size() + columns - 1) / columns;
    BufferedImage page =
        new BufferedImage(columns * width, rows * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = page.createGraphics();
    try {
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, page.getWidth(), page.getHeight());
      for (int i = 0; i < charts.size(); i++) {
        Graphics2D place =
            (Graphics2D) g.create(i % columns * width, i / columns * height, width, height);
        charts.get(i).paint(place, width, height);
        place.dispose();
      }
    } finally {
      g.dispose();
    }
    if (!ImageIO.write(page, "png", out)) {
      throw new IOException("this JDK writes no PNG");
    }
  }
}
