// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/**
 * The image itself at every step: a constant current. Confined to one thread; allocates nothing
 * after construction.
 */
public final class ConstantEncoder implements InputEncoder {
  private final float[] image;

  /** An encoder of images of {@code values} values. */
  public ConstantEncoder(int values) {
    image = new float[values];
  }

  @Override
  public boolean constant() {
    return true;
  }

  @Override
  public void begin(long imageIndex, float[] x, int steps) {
    System.arraycopy(x, 0, image, 0, image.length);
  }

  @Override
  public void frame(int t, float[] out) {
    System.arraycopy(image, 0, out, 0, image.length);
  }
}
