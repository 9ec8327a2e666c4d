// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Parts of a sound network of every kind of projection, to be changed before it is checked or
 * written. For one test.
 */
final class NetworkParts {
  static final MapShape MAP = new MapShape(2, 2, 2);
  static final MapShape POOLED = new MapShape(2, 1, 1);
  static final MapShape CLASSES = new MapShape(3, 1, 1);
  static final MapShape IMAGE = new MapShape(1, 2, 2);
  static final Window POINT = Window.square(1, 1, 0);
  static final ConvGeometry SAME = new ConvGeometry(MAP, MAP, POINT, 2);
  static final ConvGeometry POOL =
      new ConvGeometry(MAP, POOLED, new Window(2, 2, 2, 2, 0, 0, 1, 1), 2);
  static final ConvGeometry LAST = new ConvGeometry(POOLED, CLASSES, POINT, 1);
  static final ConvGeometry FIRST = new ConvGeometry(IMAGE, MAP, POINT, 1);

  final List<Population> populations =
      new ArrayList<>(
          List.of(
              population("a", MAP, NeuronModel.IF, false),
              population("b", MAP, NeuronModel.IF, false),
              population("pool", POOLED, NeuronModel.MAX_GATE, false),
              population("out", CLASSES, NeuronModel.IF, true)));
  final List<Projection> projections =
      new ArrayList<>(
          List.of(
              new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {5, -7}),
              new GateProjection("watch", 1, 2, POOL),
              conv("last", 2, 3, LAST, WeightType.I32, 1, 2, 3, 4, 5, 6)));
  final List<InputStage.AnalogProjection> analog = new ArrayList<>(List.of(analog(0, -1000, 1000)));
  float mean = 0.5f;
  float std = 0.25f;
  int output = 3;

  NetworkParts population(int i, Population p) {
    populations.set(i, p);
    return this;
  }

  NetworkParts projection(int i, Projection p) {
    projections.set(i, p);
    return this;
  }

  NetworkParts analog(InputStage.AnalogProjection a) {
    analog.set(0, a);
    return this;
  }

  Network network() {
    InputStage in =
        new InputStage(IMAGE, new float[] {mean}, new float[] {std}, List.copyOf(analog));
    return new Network("n", Precision.I8, in, populations, projections, output);
  }

  void sound() {
    assertDoesNotThrow(() -> NetworkRules.check(network(), "f.snn"));
  }

  void broken(String what) {
    refused(() -> NetworkRules.check(network(), "f.snn"), "f.snn: " + what);
  }

  /** Bytes of its file. */
  byte[] file() {
    return Models.fileBytes(network(), Map.of(ModelContents.PROVENANCE, new byte[3]));
  }

  static Population population(String name, MapShape shape, NeuronModel model, boolean wide) {
    return Nets.population(name, shape, model, wide, 100, 0, 0);
  }

  /** A population with other values of its last channel, which the given one gets too. */
  static Population last(Population p, int theta, int v0, int bias, float lambda) {
    int c = p.shape().channels() - 1;
    p.theta()[c] = theta;
    p.v0()[c] = v0;
    p.bias()[c] = bias;
    p.lambda()[c] = lambda;
    return p;
  }

  static ConvProjection conv(
      String name, int from, int to, ConvGeometry g, WeightType type, int... oihw) {
    return ConvProjection.pack(name, from, to, g, type, oihw);
  }

  static InputStage.AnalogProjection analog(int target, int low, int high) {
    return new InputStage.AnalogProjection(
        "in", target, FIRST, new float[] {1, 2}, new float[2], low, high);
  }
}
