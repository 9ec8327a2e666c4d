// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

/**
 * Which images of a file are wanted. Immutable.
 *
 * @param most images to read, &gt;= 1; fewer if the file has fewer
 * @param training where a file has a training and a test part, the former is wanted
 */
public record ImageOptions(int most, boolean training) {
  /** The first images to be run. */
  public static ImageOptions first(int most) {
    return new ImageOptions(most, false);
  }

  /** The first images to calibrate on. */
  public static ImageOptions calibration(int most) {
    return new ImageOptions(most, true);
  }
}
