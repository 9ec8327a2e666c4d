// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.Result;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Classifies one image: {@code Embed MODEL IMAGE}, the image as raw bytes [y][x][channel]. */
public final class Embed {
  public static void main(String[] args) throws Exception {
    ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(Path.of(args[1])));
    try (Model model = Model.open(Path.of(args[0]));
        Session session = model.newSession()) {
      Result result = session.classify(image, ImageFormat.U8_HWC, RunOptions.steps(64));
      System.out.println(model.name() + ": " + result);
    }
  }
}
