// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.api.Precision;
import io.snnsim.dump.Imported;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.parts.OptionalJar;
import io.snnsim.study.CalibrationImages;
import io.snnsim.study.Context;
import io.snnsim.study.ConversionPipeline;
import io.snnsim.study.ConversionRequest;
import io.snnsim.study.Listener;
import io.snnsim.study.Progress;
import io.snnsim.work.Execution;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Converts trained networks. Stateless and thread-safe; the caller's thread waits. */
public final class Converter {
  private Converter() {}

  /**
   * As {@link #convert(AnnSource, CalibrationData, ConversionOptions, ConversionListener)}, with
   * nobody to listen.
   *
   * @param source the trained network
   * @param calibration training images
   * @param options how to convert
   * @return the spiking network
   * @throws SnnsimException as with a listener
   */
  public static ConvertedModel convert(
      AnnSource source, CalibrationData calibration, ConversionOptions options) {
    return convert(source, calibration, options, ConversionListener.NONE);
  }

  /**
   * Converts.
   *
   * @param source the trained network
   * @param calibration training images
   * @param options how to convert
   * @param listener told of progress, and asked whether to end
   * @return the spiking network
   * @throws SnnsimException (input missing, io, bad data) if network or images cannot be read or do
   *     not fit each other; (bad data, usage) if the network cannot be converted so; (interrupted)
   *     if the listener said so; (missing jar) naming the jar to add
   */
  public static ConvertedModel convert(
      AnnSource source,
      CalibrationData calibration,
      ConversionOptions options,
      ConversionListener listener) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(calibration, "calibration");
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(listener, "listener");
    OptionalJar.DATABIND.require("converting a network");
    Listener heard = heardBy(listener);
    Imported imported = source.network();
    if (imported.guessed()) {
      heard.say("recognised as " + imported.arch());
    }
    imported.notes().forEach(n -> heard.say("note: " + n));
    CalibrationImages images = calibration.of(imported.graph().inputShape());
    ConversionRequest request = options.request();
    Context context = new Context(Execution.on(options.threads(), listener::cancelled), heard);
    ConversionPipeline pipeline =
        new ConversionPipeline(imported, images, request.settings(), context);
    ConversionPipeline.Converted converted = pipeline.run(request.choices(), source.origin());
    return new ConvertedModel(converted.contents(), report(converted));
  }

  private static ConversionReport report(ConversionPipeline.Converted converted) {
    io.snnsim.convert.ConversionReport r = converted.conversion().report();
    List<ConversionReport.PopulationReport> populations =
        r.populations().stream()
            .map(
                p ->
                    new ConversionReport.PopulationReport(
                        p.name(),
                        p.lambda(),
                        p.largestActivation(),
                        p.clippedShare(),
                        p.weightErrorRms(),
                        p.potentialBits()))
            .toList();
    Precision precision =
        switch (converted.conversion().network().precision()) {
          case I8 -> Precision.I8;
          case I16 -> Precision.I16;
          case I32 -> Precision.I32;
        };
    byte[] json = converted.contents().extras().get(ModelContents.PROVENANCE);
    return new ConversionReport(
        r.network(),
        precision,
        r.calibrationImages(),
        populations,
        r.notes(),
        r.toText(),
        new String(json, StandardCharsets.UTF_8));
  }

  private static Listener heardBy(ConversionListener listener) {
    return new Listener() {
      @Override
      public void say(String line) {
        listener.note(line);
      }

      @Override
      public void warn(String what) {
        listener.note("warning: " + what);
      }

      @Override
      public Progress progress(String task, String unit, long total) {
        AtomicLong done = new AtomicLong();
        return new Progress() {
          @Override
          public void add(long units) {
            listener.progress(task, done.addAndGet(units), total);
          }

          @Override
          public void close() {}
        };
      }
    };
  }
}
