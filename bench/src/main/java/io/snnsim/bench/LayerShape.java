package io.snnsim.bench;

import io.snnsim.network.ConvGeometry;
import io.snnsim.network.Shape;
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

  Shape source() {
    return new Shape(inChannels, side, side);
  }

  Shape target() {
    int out = (side + 2 * (kernel / 2) - kernel) / stride + 1;
    return new Shape(outChannels, out, out);
  }

  /** Input channels that one output channel reads. */
  int fanInChannels() {
    return depthwise ? 1 : inChannels;
  }

  ConvGeometry geometry() {
    Shape t = target();
    int pad = kernel / 2;
    return new ConvGeometry(
        inChannels,
        side,
        side,
        outChannels,
        t.height(),
        t.width(),
        kernel,
        kernel,
        stride,
        stride,
        pad,
        pad,
        1,
        1,
        depthwise ? inChannels : 1);
  }
}
