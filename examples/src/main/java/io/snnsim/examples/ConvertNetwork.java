// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import io.snnsim.conversion.AnnSource;
import io.snnsim.conversion.CalibrationData;
import io.snnsim.conversion.ConversionListener;
import io.snnsim.conversion.ConversionOptions;
import io.snnsim.conversion.ConvertedModel;
import io.snnsim.conversion.Converter;
import io.snnsim.conversion.Preset;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Converts a network of MNIST digits and classifies one: {@code ConvertNetwork DUMP IMAGES IMAGE},
 * the image as raw bytes [y][x].
 */
public final class ConvertNetwork {
  public static void main(String[] args) throws Exception {
    ConversionListener listener =
        new ConversionListener() {
          @Override
          public void note(String line) {
            System.err.println(line);
          }
        };
    ConvertedModel converted =
        Converter.convert(
            AnnSource.dump(Path.of(args[0])),
            CalibrationData.file(Path.of(args[1]), 100),
            ConversionOptions.of(Preset.LOW_LATENCY)
                .fittedTo(8)
                .normalisedBy(new float[] {0.1307f}, new float[] {0.3081f}),
            listener);
    System.out.print(converted.report());
    ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(Path.of(args[2])));
    // converted.write(Path.of("digits.snn"), false) would keep it.
    try (Model model = converted.open(ModelOptions.DEFAULT);
        Session session = model.newSession()) {
      System.out.println(session.classify(image, ImageFormat.U8_HWC, RunOptions.steps(8)));
    }
  }
}
