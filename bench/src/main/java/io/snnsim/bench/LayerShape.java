// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A convolution written as {@code 64-128@56k3s2}: 64 to 128 channels, source map 56x56, window 3x3
 * padded by 1, stride 2. {@code dw} at the end makes it depthwise. Immutable.
 */
record LayerShape(
    int inChannels, int outChannels, int side, int kernel, int stride, boolean depthwise) {
  private static final Pattern TEXT = Pattern.compile("(\\d+)-(\\d+)@(\\d+)k([1357])s([12])(dw)?");

  static LayerShape parse(String text) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "shape=" + text + ", expected for instance 64-128@56k3s2 or 64-64@56k3s1dw");
    }
    LayerShape shape =
        new LayerShape(
            Integer.parseInt(m.group(1)),
            Integer.parseInt(m.group(2)),
            Integer.parseInt(m.group(3)),
            Integer.parseInt(m.group(4)),
            Integer.parseInt(m.group(5)),
            m.group(6) != null);
    if (shape.depthwise && shape.inChannels != shape.outChannels) {
      throw new IllegalArgumentException("shape=" + text + ": dw, expected as many out as in");
    }
    return shape;
  }

  MapShape source() {
    return new MapShape(inChannels, side, side);
  }

  MapShape target() {
    int out = (side + 2 * (kernel / 2) - kernel) / stride + 1;
    return new MapShape(outChannels, out, out);
  }

  /** Input channels that one output channel reads. */
  int fanInChannels() {
    return depthwise ? 1 : inChannels;
  }

  ConvGeometry geometry() {
    MapShape t = target();
    int pad = kernel / 2;
    return new ConvGeometry(
        new MapShape(inChannels, side, side),
        new MapShape(outChannels, t.height(), t.width()),
        new Window(kernel, kernel, stride, stride, pad, pad, 1, 1),
        depthwise ? inChannels : 1);
  }
}
