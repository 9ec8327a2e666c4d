// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.snnsim.report.Host;
import io.snnsim.report.Program;
import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/**
 * What a comparison found, for eyes and as JSON. Immutable.
 *
 * @param setting what was compared, where
 * @param rows one a contender; the 8-bit network of ONNX Runtime is the second
 */
record Outcome(Setting setting, List<Row> rows) {
  private static final int SCHEMA_VERSION = 1;

  /** Above this share of waiting, figures are marked as noisy. */
  private static final double NOISY = 0.02;

  /**
   * What was compared, where.
   *
   * @param macs multiply-adds of an image
   * @param kernel of snnsim
   * @param core that the process is bound to, or empty
   */
  record Setting(
      String network,
      long macs,
      String kernel,
      String core,
      int testImages,
      int calibrationImages,
      Candidates.Agreement agreement,
      Candidates.Int8 int8) {}

  /**
   * A contender's answers and times.
   *
   * @param steps passes over all layers in an image
   */
  record Row(String name, int steps, int correct, Race.Times times) {
    /** Median image over its steps, input and answer included. */
    double stepMillis() {
      return times.millis(0.5) / steps;
    }
  }

  private double percent(Row row) {
    return 100.0 * row.correct() / setting.testImages();
  }

  private double ofInt8(Row row) {
    return row.times().millis(0.5) / rows.get(1).times().millis(0.5);
  }

  /** How many of our steps fit into an image of the 8-bit network: its median over ours. */
  private double int8OverStep(Row row) {
    return rows.get(1).times().millis(0.5) / row.stepMillis();
  }

  private double waiting() {
    return rows.stream().mapToDouble(r -> r.times().waiting()).max().orElse(0);
  }

  private static LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }

  String toText() {
    StringBuilder text = new StringBuilder();
    Host host = Host.here();
    Candidates.Agreement same = setting.agreement();
    Candidates.Int8 int8 = setting.int8();
    line(text, "host      %s, %s, JDK %s", host.cpu(), host.os(), host.jdk());
    line(text, "          %s", String.join(" ", host.cpuFeatures()));
    line(
        text,
        "programs  %s, %s; ONNX Runtime %s; one thread%s; %s",
        Program.here().nameAndBuild(),
        setting.kernel(),
        OnnxContender.version(),
        setting.core().isEmpty() ? ", not bound to a core" : " on core " + setting.core(),
        today());
    line(text, "network   %s, %.1f million multiply-adds", setting.network(), setting.macs() / 1e6);
    line(
        text,
        "float32   answers as snnsim's ANN on %d of %d images; an output differs by %.1e at most",
        same.same(),
        same.images(),
        same.difference());
    line(
        text,
        "int8      ranges of %d calibration images; weights to %d: root mean square error of an"
            + " output %.3f, to %d %.3f",
        setting.calibrationImages(),
        int8.largestWeight(),
        int8.error(),
        int8.otherLargest(),
        int8.otherError());
    text.append('\n');
    line(
        text,
        "%-29s %8s %9s %9s %9s %7s %9s %7s %8s %6s %9s %10s",
        "",
        "correct",
        "accuracy",
        "p50 ms",
        "p99.9 ms",
        "/ p50",
        "CPU ms",
        "heap B",
        "of int8",
        "steps",
        "step ms",
        "int8/step");
    for (Row r : rows) {
      Race.Times t = r.times();
      line(
          text,
          "%-29s %8d %7.2f %% %9.4f %9.4f %7.2f %9.4f %7d %7.2fx %6d %9.4f %9.2fx",
          r.name(),
          r.correct(),
          percent(r),
          t.millis(0.5),
          t.millis(0.999),
          t.millis(0.999) / t.millis(0.5),
          t.cpuMillis(),
          t.heapBytes() / t.nanos().length,
          ofInt8(r),
          r.steps(),
          r.stepMillis(),
          int8OverStep(r));
    }
    line(
        text,
        "of %d test images; times of %d images each, in turns; CPU is the mean time that the"
            + " thread ran",
        setting.testImages(),
        rows.getFirst().times().nanos().length);
    if (waiting() > NOISY) {
      line(
          text,
          "NOISY: the thread waited for its core %.0f %% of the time; others worked. Measure again"
              + " on an idle host.",
          100 * waiting());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  void writeJson(OutputStream to) throws IOException {
    try (JsonGenerator out = new JsonFactory().createGenerator(to).useDefaultPrettyPrinter()) {
      Candidates.Agreement same = setting.agreement();
      Candidates.Int8 int8 = setting.int8();
      out.writeStartObject();
      out.writeNumberField("schemaVersion", SCHEMA_VERSION);
      out.writeStringField("date", today().toString());
      out.writeStringField("program", Program.here().nameAndBuild());
      out.writeStringField("kernel", setting.kernel());
      out.writeStringField("onnxRuntime", OnnxContender.version());
      Host host = Host.here();
      out.writeObjectFieldStart("host");
      out.writeStringField("os", host.os());
      out.writeNumberField("processors", host.processors());
      out.writeStringField("cpu", host.cpu());
      out.writeStringField("cpuFeatures", String.join(" ", host.cpuFeatures()));
      out.writeStringField("jdk", host.jdk());
      out.writeEndObject();
      out.writeStringField("core", setting.core());
      out.writeStringField("network", setting.network());
      out.writeNumberField("macs", setting.macs());
      out.writeNumberField("testImages", setting.testImages());
      out.writeNumberField("timedImages", rows.getFirst().times().nanos().length);
      out.writeNumberField("waitingShare", waiting());
      out.writeObjectFieldStart("float32");
      out.writeNumberField("checkedImages", same.images());
      out.writeNumberField("sameAnswers", same.same());
      out.writeNumberField("largestDifference", same.difference());
      out.writeEndObject();
      out.writeObjectFieldStart("int8");
      out.writeNumberField("calibrationImages", setting.calibrationImages());
      out.writeNumberField("largestWeight", int8.largestWeight());
      out.writeNumberField("outputError", int8.error());
      out.writeNumberField("otherLargestWeight", int8.otherLargest());
      out.writeNumberField("otherOutputError", int8.otherError());
      out.writeEndObject();
      out.writeArrayFieldStart("rows");
      for (Row r : rows) {
        out.writeStartObject();
        out.writeStringField("name", r.name());
        out.writeNumberField("correct", r.correct());
        out.writeNumberField("accuracyPercent", percent(r));
        out.writeNumberField("medianMillis", r.times().millis(0.5));
        out.writeNumberField("p999Millis", r.times().millis(0.999));
        out.writeNumberField("cpuMillis", r.times().cpuMillis());
        out.writeNumberField("heapBytes", r.times().heapBytes() / r.times().nanos().length);
        out.writeNumberField("medianOfInt8", ofInt8(r));
        out.writeNumberField("steps", r.steps());
        out.writeNumberField("medianStepMillis", r.stepMillis());
        out.writeNumberField("int8OverStep", int8OverStep(r));
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    }
  }
}
