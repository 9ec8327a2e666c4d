// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.FileImageInputStream;

/**
 * A decoded PNG or JPEG: bytes of each channel, grey or red, green and blue as the file has them,
 * without colour management and transparency, as Pillow gives them. The sole user of the JDK's
 * module java.desktop here, which a program that reads no pictures does without. Immutable.
 */
record Picture(int width, int height, byte[][] channels) {
  /** Pixels of the largest picture that is decoded; each takes several bytes meanwhile. */
  static final long MOST_PIXELS = 50_000_000;

  /**
   * Decodes a file.
   *
   * @throws SnnsimException (bad data) if it cannot be decoded whole
   */
  static Picture read(Path file) {
    boolean png = FilePart.begins(FilePart.head(file), "\u0089PNG");
    ImageReader reader = ImageIO.getImageReadersByFormatName(png ? "png" : "jpeg").next();
    boolean[] cut = new boolean[1];
    IIOReadWarningListener listener =
        (source, warning) ->
            cut[0] |= warning != null && warning.toLowerCase(Locale.ROOT).contains("premature");
    try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener(listener);
      long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
      if (pixels > MOST_PIXELS) {
        throw bad(file, pixels + " pixels", "at most " + MOST_PIXELS, null);
      }
      BufferedImage image = reader.read(0);
      if (cut[0]) {
        throw bad(file, "a picture that is cut off", "a whole one", null);
      }
      return of(image);
    } catch (IOException | RuntimeException e) {
      if (e instanceof SnnsimException known) {
        throw known;
      }
      // The JDK's decoders answer damaged files with runtime exceptions of many kinds, too.
      throw bad(
          file,
          "a picture that cannot be decoded (" + Text.oneLine(e.getMessage()) + ")",
          "PNG, or JPEG in grey or RGB",
          e);
    } finally {
      reader.dispose();
    }
  }

  private static SnnsimException bad(Path file, String found, String expected, Exception cause) {
    return new SnnsimException(
        Category.BAD_DATA,
        file
            + ": found "
            + found
            + ", expected "
            + expected
            + "; replace it, or leave such files out with --skip-bad",
        cause);
  }

  private static Picture of(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    ColorModel model = image.getColorModel();
    Raster raster = image.getRaster();
    int bands = raster.getNumBands();
    int bits = model.getComponentSize(0);
    boolean plain = model instanceof ComponentColorModel && bits >= 8;
    byte[][] out = new byte[plain && bands < 3 ? 1 : 3][w * h];
    int[] line = new int[w];
    for (int y = 0; y < h; y++) {
      if (plain) {
        // Not getRGB, which would brighten grey pictures by another curve and apply profiles.
        for (int c = 0; c < out.length; c++) {
          raster.getSamples(0, y, w, 1, c, line);
          for (int x = 0; x < w; x++) {
            out[c][y * w + x] = (byte) (line[x] >> (bits - 8));
          }
        }
      } else {
        image.getRGB(0, y, w, 1, line, 0, w);
        for (int x = 0; x < w; x++) {
          for (int c = 0; c < 3; c++) {
            out[c][y * w + x] = (byte) (line[x] >> (16 - 8 * c));
          }
        }
      }
    }
    return new Picture(w, h, out);
  }

  /** With as many channels as a network takes, 1 or 3; grey is the luma of ITU-R BT.601. */
  private Picture with(int wanted) {
    if (channels.length == wanted) {
      return this;
    }
    if (wanted == 3) {
      return new Picture(width, height, new byte[][] {channels[0], channels[0], channels[0]});
    }
    byte[] grey = new byte[width * height];
    for (int i = 0; i < grey.length; i++) {
      int luma = 19595 * (channels[0][i] & 0xff);
      luma += 38470 * (channels[1][i] & 0xff) + 7471 * (channels[2][i] & 0xff);
      grey[i] = (byte) ((luma + 0x8000) >> 16);
    }
    return new Picture(width, height, new byte[][] {grey});
  }

  /**
   * As an image for a network, [channel][y][x].
   *
   * @throws SnnsimException (bad data) if it has another size, resized and cropped as asked for
   */
  byte[] fitted(Path file, MapShape expected, ImageOptions options) {
    Picture p = with(expected.channels()).resized(file, options.resize());
    int[] crop = options.crop();
    int h = crop == null ? p.height : crop[0];
    int w = crop == null ? p.width : crop[crop.length - 1];
    if (h > p.height || w > p.width || h != expected.height() || w != expected.width()) {
      String size = expected.height() + "x" + expected.width();
      boolean square = expected.height() == expected.width();
      throw SnnsimException.badData(
          file
              + ": found "
              + (p.height + "x" + p.width)
              + " pixels"
              + (options.resize() == null ? "" : " after --resize")
              + (crop == null ? "" : ", of which --crop takes " + h + "x" + w)
              + ", expected "
              + size
              + (square && expected.height() >= 64
                  ? "; use --resize " + expected.height() * 8 / 7 + " --crop " + expected.height()
                  : "; use --resize " + size));
    }
    int top = (int) Math.rint((p.height - h) / 2.0);
    int left = (int) Math.rint((p.width - w) / 2.0);
    byte[] out = new byte[expected.size()];
    for (int c = 0; c < p.channels.length; c++) {
      for (int y = 0; y < h; y++) {
        System.arraycopy(p.channels[c], (top + y) * p.width + left, out, c * h * w + y * w, w);
      }
    }
    return out;
  }

  /** To [shorter side], which keeps its proportions, or [height, width]. */
  private Picture resized(Path file, int[] to) {
    if (to == null) {
      return this;
    }
    long longH = to[0];
    long longW = to[to.length - 1];
    if (to.length == 1 && width < height) {
      longH = longH * height / width;
    } else if (to.length == 1) {
      longW = longW * width / height;
    }
    if (longH * longW > MOST_PIXELS) {
      throw bad(
          file, longH + "x" + longW + " pixels after --resize", "at most " + MOST_PIXELS, null);
    }
    int h = (int) longH;
    int w = (int) longW;
    byte[][] out = new byte[channels.length][];
    for (int c = 0; c < out.length; c++) {
      out[c] = Resampling.resize(channels[c], width, height, w, h);
    }
    return new Picture(w, h, out);
  }
}
