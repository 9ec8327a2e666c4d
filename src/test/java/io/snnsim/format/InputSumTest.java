// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.NetworkParts.CLASSES;
import static io.snnsim.format.NetworkParts.FIRST;
import static io.snnsim.format.NetworkParts.MAP;
import static io.snnsim.format.NetworkParts.POINT;
import static io.snnsim.format.NetworkParts.POOLED;
import static io.snnsim.format.NetworkParts.SAME;
import static io.snnsim.format.NetworkParts.analog;
import static io.snnsim.format.NetworkParts.conv;
import static io.snnsim.format.NetworkParts.last;
import static io.snnsim.format.NetworkParts.population;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import org.junit.jupiter.api.Test;

/** What one step can bring to a neuron, at the bounds of what its V can take and one beyond. */
class InputSumTest {
  private static NetworkParts parts() {
    return new NetworkParts();
  }

  private static NetworkParts signed() {
    return parts().population(0, population("a", MAP, NeuronModel.SIGNED_IF, false));
  }

  private static Projection ab(WeightType type, int... oihw) {
    return conv("ab", 0, 1, new ConvGeometry(MAP, MAP, POINT, 1), type, oihw);
  }

  @Test
  void aStepsSumStaysWithinSixteenBits() {
    NetworkParts p = parts();
    p.projection(0, ab(WeightType.I16, 1, 2, 32000, 767)).sound();
    p.projection(0, ab(WeightType.I16, 1, 2, 32000, 768))
        .broken(
            "population b: channel 1: one step's input sum can reach 0..32768, expected within"
                + " -32768..32767");
    p.projection(0, ab(WeightType.I16, 1, 2, -32000, -768)).sound();
    p.projection(0, ab(WeightType.I16, 1, 2, -32000, -769))
        .broken("population b: channel 1: one step's input sum can reach -32769..0, expected");
    // Of other signs, the one takes nothing from the other.
    p.projection(0, ab(WeightType.I16, 1, 2, -32768, 32767)).sound();
    Population biased = last(population("b", MAP, NeuronModel.IF, false), 100, 0, 1, 1);
    p.population(1, biased)
        .broken("population b: channel 1: one step's input sum can reach -32767..32768, expected");
    p.projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {9, 32766})).sound();
    p.projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {9, 32767}))
        .broken("population b: channel 1: one step's input sum can reach 1..32768, expected");
    p.projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {9, -32768}));
    p.sound();
    p.population(1, last(population("b", MAP, NeuronModel.IF, false), 100, 0, -1, 1))
        .broken("population b: channel 1: one step's input sum can reach -32769..-1, expected");
  }

  @Test
  void currentsAreMembersOfTheSum() {
    parts().analog(analog(0, -32768, 32767)).sound();
    parts()
        .analog(analog(0, -32768, 32768))
        .broken("population a: channel 0: one step's input sum can reach -32768..32768, expected");
    parts()
        .analog(analog(0, -32769, 32767))
        .broken("population a: channel 0: one step's input sum can reach -32769..32767, expected");
    NetworkParts two = parts().analog(analog(0, -30000, 30000));
    two.analog.add(
        new InputStage.AnalogProjection(
            "more", 0, FIRST, new float[] {1, 2}, new float[2], -2768, 2767));
    two.sound();
    two.analog.add(
        new InputStage.AnalogProjection("1", 0, FIRST, new float[2], new float[2], 0, 1));
    two.broken("population a: channel 0: one step's input sum can reach -32768..32768, expected");
  }

  @Test
  void signedSpikesAddOrTakeAway() {
    signed().projection(0, ab(WeightType.I16, 1, 2, 32000, 767)).sound();
    signed()
        .projection(0, ab(WeightType.I16, 1, 2, 32000, -768))
        .broken("population b: channel 1: one step's input sum can reach -32768..32768, expected");
    signed().projection(0, ab(WeightType.I8, 1, 2, 3, -127)).sound();
    signed()
        .projection(0, ab(WeightType.I8, 1, 2, 3, -128))
        .broken(
            "projection ab: weight -128 into channel 1 from signed neurons, expected 127 at most"
                + " in size");
    parts().projection(0, ab(WeightType.I8, 1, 2, 3, -128)).sound();
    signed()
        .projection(0, ab(WeightType.I16, 1, 2, 0, -32768))
        .broken("projection ab: weight -32768 into channel 1 from signed neurons, expected 32767");
    signed()
        .projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {9, -32767}))
        .sound();
    signed()
        .projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {9, -32768}))
        .broken("population b: channel 1: one step's input sum can reach -32768..32768, expected");
  }

  /** 2^K theta, what comes once and the sums share the room. */
  @Test
  void codesLeaveRoomForTheirSums() {
    NeuronModel four = NeuronModel.FEW_SPIKE.withFileParameter(4);
    NetworkParts p =
        parts()
            .population(0, population("a", MAP, four, false))
            .population(1, population("b", MAP, four, false))
            .population(2, population("pool", POOLED, NeuronModel.MAX_RACE, false))
            .population(3, population("out", CLASSES, four, true));
    // 32767 - 16 * 1900 = 2367
    p.population(0, last(population("a", MAP, four, false), 1900, 1000, -367, 1)).sound();
    String noRoom = "leaves its input no room in 16 bits";
    p.population(0, last(population("a", MAP, four, false), 1900, 1000, -368, 1))
        .broken(
            "population a: channel 1: theta 1900 with bias, V(0) and current up to 2368 " + noRoom);
    p.population(0, last(population("a", MAP, four, false), 1900, -1001, 367, 1))
        .broken(
            "population a: channel 1: theta 1900 with bias, V(0) and current up to 2368 " + noRoom);
    p.population(0, last(population("a", MAP, four, false), 1900, 0, 0, 1));
    p.analog(analog(0, -1, 2367)).sound();
    p.analog(analog(0, -2367, 1)).sound();
    p.analog(analog(0, -2368, 1)).broken("population a: channel 1: theta 1900 with bias, V(0) and");
    p.analog(analog(0, -1, 2368)).broken("population a: channel 1: theta 1900 with bias, V(0) and");
    Population wide = last(population("a", MAP, four, true), 1 << 26, 0, 0, 1);
    p.analog(analog(0, -1, 0)).population(0, wide);
    p.broken(
        "population a: channel 1: theta 67108864 with bias, V(0) and current up to 1 leaves its"
            + " input no room in 32 bits");
    p.analog(analog(0, 0, 0)).sound();
  }
}
