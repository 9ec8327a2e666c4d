// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.nio.file.Path;

/**
 * Which images of a file are wanted, and how pictures become images. Immutable; the arrays are not
 * copied and must not be changed.
 *
 * @param most images to read, &gt; 0; fewer if the file has fewer
 * @param training where a file has a training and a test part, the former is wanted
 * @param labels a file of them beside MNIST's images or an {@code .npy}, or null for the one with
 *     the usual name
 * @param resize pictures to [shorter side] or [height, width]; null for none
 * @param crop the middle of pictures, [side] or [height, width]; null for none
 * @param skipBad leaves out files that are no pictures instead of refusing all
 */
public record ImageOptions(
    int most, boolean training, Path labels, int[] resize, int[] crop, boolean skipBad) {
  /** The first images to be run. */
  public static ImageOptions first(int most) {
    return new ImageOptions(most, false, null, null, null, false);
  }

  /** The first images to calibrate on. */
  public static ImageOptions calibration(int most) {
    return new ImageOptions(most, true, null, null, null, false);
  }
}
