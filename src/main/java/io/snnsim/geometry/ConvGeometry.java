// SPDX-License-Identifier: Apache-2.0
package io.snnsim.geometry;

/**
 * How a map is read through a sliding window to make another: the two maps, the window and the
 * groups of channels that do not see each other. A fully connected projection is a window as large
 * as its source. Immutable.
 *
 * @param in map that is read
 * @param out map that is made
 * @param window where each output reads
 * @param groups groups of channels; output channels of a group read the input channels of it alone
 */
public record ConvGeometry(MapShape in, MapShape out, Window window, int groups) {
  /** {@return input channels} */
  public int inChannels() {
    return in.channels();
  }

  /** {@return input rows} */
  public int inHeight() {
    return in.height();
  }

  /** {@return input columns} */
  public int inWidth() {
    return in.width();
  }

  /** {@return output channels} */
  public int outChannels() {
    return out.channels();
  }

  /** {@return output rows} */
  public int outHeight() {
    return out.height();
  }

  /** {@return output columns} */
  public int outWidth() {
    return out.width();
  }

  /** {@return rows of the window} */
  public int kernelH() {
    return window.kernelH();
  }

  /** {@return columns of the window} */
  public int kernelW() {
    return window.kernelW();
  }

  /** {@return input channels that one output channel reads} */
  public int inPerGroup() {
    return in.channels() / groups;
  }

  /** {@return output channels of one group} */
  public int outPerGroup() {
    return out.channels() / groups;
  }

  /** {@return number of taps of the window} */
  public int taps() {
    return window.taps();
  }

  /**
   * Whether two channels are of one group, so that the output may read the input.
   *
   * @param oc output channel
   * @param ic input channel
   * @return true if they are
   */
  public boolean connects(int oc, int ic) {
    return oc / outPerGroup() == ic / inPerGroup();
  }
}
