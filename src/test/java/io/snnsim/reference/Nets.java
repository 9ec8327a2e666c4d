// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import java.util.Arrays;
import java.util.List;

/** Shorthand for networks written by hand in tests. Stateless. */
final class Nets {
  private Nets() {}

  /** An IF population with one theta, V(0) and bias for all channels. */
  static Population fire(String name, MapShape shape, boolean wide, int theta, int v0, int bias) {
    int n = shape.channels();
    return fire(name, shape, wide, all(n, theta), all(n, v0), all(n, bias));
  }

  /** An IF population. */
  static Population fire(
      String name, MapShape shape, boolean wide, int[] theta, int[] v0, int[] bias) {
    return new Population(
        name, shape, NeuronModel.IF, wide, theta, v0, bias, ones(theta.length), -32768, 32767);
  }

  /** A population of signed neurons without bias, with one theta and V(0) for all channels. */
  static Population signed(String name, MapShape shape, boolean wide, int theta, int v0) {
    int n = shape.channels();
    return new Population(
        name,
        shape,
        NeuronModel.SIGNED_IF,
        wide,
        all(n, theta),
        all(n, v0),
        all(n, 0),
        ones(n),
        -32768,
        32767);
  }

  /** A max-pool gate. */
  static Population gate(String name, MapShape shape) {
    int n = shape.channels();
    return new Population(
        name, shape, NeuronModel.MAX_GATE, false, all(n, 1), all(n, 0), all(n, 0), ones(n), 0, 0);
  }

  /** A 1x1 window from a map to one of the same size. */
  static ConvGeometry pointwise(MapShape from, int outChannels) {
    return new ConvGeometry(
        new MapShape(from.channels(), from.height(), from.width()),
        new MapShape(outChannels, from.height(), from.width()),
        new Window(1, 1, 1, 1, 0, 0, 1, 1),
        1);
  }

  /** A network whose image of the given shape is used by the given analog projections. */
  static Network of(
      MapShape image,
      List<InputStage.AnalogProjection> analog,
      List<Population> populations,
      List<Projection> projections) {
    float[] zeros = new float[image.channels()];
    return new Network(
        "by-hand",
        Precision.I16,
        new InputStage(image, zeros, ones(image.channels()), analog),
        populations,
        projections,
        populations.size() - 1);
  }

  /** A network that ignores its image of one pixel. */
  static Network of(List<Population> populations, List<Projection> projections) {
    return of(new MapShape(1, 1, 1), List.of(), populations, projections);
  }

  private static int[] all(int n, int value) {
    int[] result = new int[n];
    Arrays.fill(result, value);
    return result;
  }

  private static float[] ones(int n) {
    float[] result = new float[n];
    Arrays.fill(result, 1);
    return result;
  }
}
