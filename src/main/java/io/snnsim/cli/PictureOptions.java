// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.dump.ImageOptions;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options on how files become images. One thread. */
final class PictureOptions {
  private static final int LARGEST_SIDE = 1 << 14;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "Labels of MNIST's idx images or an .npy. Default: the file beside them.")
  private Path labels;

  @Option(
      names = "--resize",
      paramLabel = "S|HxW",
      description = "Resize pictures: their shorter side to S, or to height x width.")
  private String resize;

  @Option(
      names = "--crop",
      paramLabel = "S|HxW",
      description = "Take the middle of pictures, after --resize.")
  private String crop;

  @Option(
      names = "--skip-bad",
      description = "Leave out files that are no pictures, instead of refusing all. Decodes twice.")
  private boolean skipBad;

  /**
   * As the options say.
   *
   * @throws SnnsimException (usage) if one is no size
   */
  ImageOptions options(int most, boolean training) {
    return new ImageOptions(
        most, training, labels, size("--resize", resize), size("--crop", crop), skipBad);
  }

  /** Those of pictures as they were given, for a command that reads others in the same way. */
  List<String> arguments() {
    List<String> all = new ArrayList<>();
    if (resize != null) {
      all.addAll(List.of("--resize", resize));
    }
    if (crop != null) {
      all.addAll(List.of("--crop", crop));
    }
    if (skipBad) {
      all.add("--skip-bad");
    }
    return all;
  }

  private static int[] size(String option, String text) {
    if (text == null) {
      return null;
    }
    if (!text.matches("\\d{1,5}(x\\d{1,5})?")) {
      throw SnnsimException.usage(
          option + ": found " + text + ", expected a size such as 224 or 224x160");
    }
    String[] parts = text.split("x");
    int[] size = new int[parts.length];
    for (int i = 0; i < size.length; i++) {
      size[i] = Integer.parseInt(parts[i]);
      SnnsimCommand.within(option, size[i], LARGEST_SIDE);
    }
    return size;
  }
}
