// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.NetworkParts.CLASSES;
import static io.snnsim.format.NetworkParts.FIRST;
import static io.snnsim.format.NetworkParts.IMAGE;
import static io.snnsim.format.NetworkParts.LAST;
import static io.snnsim.format.NetworkParts.MAP;
import static io.snnsim.format.NetworkParts.POINT;
import static io.snnsim.format.NetworkParts.POOL;
import static io.snnsim.format.NetworkParts.POOLED;
import static io.snnsim.format.NetworkParts.SAME;
import static io.snnsim.format.NetworkParts.analog;
import static io.snnsim.format.NetworkParts.conv;
import static io.snnsim.format.NetworkParts.last;
import static io.snnsim.format.NetworkParts.population;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * One sound network, and each rule broken by the least that breaks it, on either side of its bound.
 */
class NetworkRulesTest {
  private static NetworkParts parts() {
    return new NetworkParts();
  }

  /** Population a with other values of its last channel. */
  private static Population a(boolean wide, int theta, int v0, int bias, float lambda) {
    return last(population("a", MAP, NeuronModel.IF, wide), theta, v0, bias, lambda);
  }

  private static Projection ab(WeightType type, int... oihw) {
    return conv("ab", 0, 1, new ConvGeometry(MAP, MAP, POINT, 1), type, oihw);
  }

  @Test
  void theSoundOneIsSound() {
    parts().sound();
  }

  @Test
  void theOutputIsAPopulation() {
    NetworkParts p = parts();
    p.output = 0;
    p.sound();
    for (int none : new int[] {-1, 4}) {
      p.output = none;
      p.broken("network: no output population");
    }
    p.populations.clear();
    p.projections.clear();
    p.analog.clear();
    p.output = 0;
    p.broken("network: no output population");
  }

  @Test
  void namesAreUsedOnce() {
    parts()
        .population(1, population("a", MAP, NeuronModel.IF, false))
        .broken("population a: the name is used twice");
    parts()
        .projection(1, new GateProjection("ab", 1, 2, POOL))
        .broken("projection ab: the name is used twice");
    // One of each kind may have the same.
    parts().projection(1, new GateProjection("a", 1, 2, POOL)).sound();
  }

  @Test
  void allPopulationsHaveOneCode() {
    NeuronModel four = NeuronModel.FEW_SPIKE.withFileParameter(4);
    NeuronModel five = NeuronModel.FEW_SPIKE.withFileParameter(5);
    parts()
        .population(0, population("a", MAP, four, false))
        .broken(
            "population a: few-spike neurons of 4 steps in a network whose output has IF neurons,"
                + " expected one code");
    NetworkParts codes =
        parts()
            .population(0, population("a", MAP, five, false))
            .population(1, population("b", MAP, four, false))
            .population(3, population("out", CLASSES, four, true));
    codes.broken(
        "population a: few-spike neurons of 5 steps in a network whose output has few-spike"
            + " neurons of 4 steps, expected one code");
    codes
        .population(0, population("a", MAP, four, false))
        .population(2, population("pool", POOLED, NeuronModel.MAX_RACE, false))
        .sound();
  }

  @Test
  void channelsHaveValuesThatFit() {
    parts().population(0, a(false, 1, 0, 0, 1)).sound();
    parts().population(0, a(false, 0, 0, 0, 1)).broken("population a: theta 0 of channel 1, exp");
    parts().population(0, a(false, 100, 0, 0, Float.MIN_VALUE)).sound();
    for (float lambda : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      parts()
          .population(0, a(false, 100, 0, 0, lambda))
          .broken("population a: lambda " + lambda + " of channel 1, expected > 0");
    }
    parts().population(0, a(false, 32767, 32767, 0, 1)).sound();
    parts().population(0, a(false, 100, -32768, 0, 1)).sound();
    parts().population(0, a(true, 32768, -32769, 32768, 1)).sound();
    for (Population p :
        List.of(a(false, 32768, 0, 0, 1), a(false, 9, 32768, 0, 1), a(false, 9, 0, 32768, 1))) {
      parts().population(0, p).broken("population a: value 32768 of channel 1 exceeds 16 bits");
    }
    parts()
        .population(0, a(false, 100, -32769, 0, 1))
        .broken("population a: value -32769 of channel 1 exceeds 16 bits");
  }

  @Test
  void gatesHaveNoPotential() {
    for (int[] v : new int[][] {{1, 0}, {0, 1}}) {
      parts()
          .population(
              2, last(population("pool", POOLED, NeuronModel.MAX_GATE, false), 9, v[0], v[1], 1))
          .broken("population pool: a max-pool gate with V(0) or bias");
    }
  }

  @Test
  void projectionsGoForward() {
    for (int[] ends : new int[][] {{-1, 1}, {1, 1}, {2, 1}, {0, 4}}) {
      parts()
          .projection(
              0, new ChannelwiseProjection("ab", ends[0], ends[1], SAME, 0, new int[] {5, -7}))
          .broken(
              "projection ab: from population "
                  + ends[0]
                  + " to "
                  + ends[1]
                  + ", expected forward");
    }
  }

  @Test
  void geometryFitsTheMaps() {
    for (MapShape other :
        List.of(new MapShape(4, 2, 2), new MapShape(2, 3, 2), new MapShape(2, 2, 3))) {
      parts()
          .projection(
              0,
              new ChannelwiseProjection(
                  "ab", 0, 1, new ConvGeometry(other, MAP, POINT, 2), 0, new int[] {5, -7}))
          .broken("projection ab: starts from a map of another shape than its source " + MAP);
      ConvGeometry ends = new ConvGeometry(MAP, other, POINT, 2);
      NetworkParts p = parts();
      p.projection(0, new ChannelwiseProjection("ab", 0, 1, ends, 0, new int[] {5, -7}));
      p.broken(
          other.channels() == 4
              ? "projection ab: ends in a map of another shape than its target " + MAP
              : "projection ab: output map "
                  + other.height()
                  + "x"
                  + other.width()
                  + ", expected 2x2");
      // A window that makes that map, which is not the target's.
      Window wider = new Window(1, 1, 1, 1, 0, 0, 1, 1, other.height() - 2, other.width() - 2);
      p.projection(
          0,
          new ChannelwiseProjection(
              "ab", 0, 1, new ConvGeometry(MAP, other, wider, 2), 0, new int[] {5, -7}));
      p.broken("projection ab: ends in a map of another shape than its target " + MAP);
    }
  }

  @Test
  void gatesWatchAndNeuronsAdd() {
    parts()
        .projection(1, new ChannelwiseProjection("watch", 1, 2, POOL, 0, new int[8]))
        .broken("projection watch: kind does not fit the neuron model of its target");
    parts()
        .projection(0, new GateProjection("ab", 0, 1, SAME))
        .broken("projection ab: kind does not fit the neuron model of its target");
    NetworkParts two = parts();
    two.projections.add(2, new GateProjection("too", 0, 2, POOL));
    two.broken("population pool: a max-pool gate with 2 sources, expected 1");
    NetworkParts none = parts();
    none.projections.remove(1);
    none.broken("population pool: a max-pool gate with 0 sources, expected 1");
  }

  @Test
  void gatesKeepChannels() {
    MapShape one = new MapShape(1, 1, 1);
    ConvGeometry g = new ConvGeometry(MAP, one, new Window(2, 2, 2, 2, 0, 0, 1, 1), 1);
    ConvGeometry last = new ConvGeometry(one, CLASSES, POINT, 1);
    parts()
        .population(2, population("pool", one, NeuronModel.MAX_GATE, false))
        .projection(1, new GateProjection("watch", 1, 2, g))
        .projection(2, conv("last", 2, 3, last, WeightType.I32, 1, 2, 3))
        .broken("projection watch: a gate between different channel counts");
  }

  @Test
  void weightsAreOfTheTargetsWidth() {
    parts()
        .projection(2, conv("last", 2, 3, LAST, WeightType.I16, 1, 2, 3, 4, 5, 6))
        .broken("projection last: weights of I16 into 32 bits of V");
    parts()
        .projection(0, ab(WeightType.I32, 1, 2, 3, 4))
        .broken("projection ab: weights of I32 into 16 bits of V");
    parts().projection(0, ab(WeightType.I16, 1, 2, 3, 4)).sound();
    ConvProjection c = (ConvProjection) ab(WeightType.I8, 1, 2, 3, 4);
    for (int more : new int[] {-1, 1}) {
      byte[] bytes = c.weights().toArray(ValueLayout.JAVA_BYTE);
      MemorySegment other = MemorySegment.ofArray(Arrays.copyOf(bytes, bytes.length + more));
      parts()
          .projection(0, new ConvProjection("ab", 0, 1, c.layout(), other))
          .broken("projection ab: weights of wrong size");
    }
    for (int weight : new int[] {32768, -32769}) {
      parts()
          .projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {1, weight}))
          .broken("projection ab: weight " + weight + " exceeds 16 bits");
    }
    parts()
        .population(1, population("b", MAP, NeuronModel.IF, true))
        .projection(0, new ChannelwiseProjection("ab", 0, 1, SAME, 0, new int[] {1, 32768}))
        .sound();
  }

  @Test
  void channelOffsetsStayWithinTheTarget() {
    MapShape one = new MapShape(1, 2, 2);
    ConvGeometry g = new ConvGeometry(one, MAP, POINT, 1);
    Population narrow = population("a", one, NeuronModel.IF, false);
    for (int offset = -1; offset <= 2; offset++) {
      NetworkParts p = parts().population(0, narrow);
      p.analog.clear();
      p.projection(0, new ChannelwiseProjection("ab", 0, 1, g, offset, new int[] {7}));
      if (offset == 0 || offset == 1) {
        p.sound();
      } else {
        p.broken("projection ab: channel offset " + offset + " leaves the target");
      }
    }
  }

  @Test
  void theImageIsNormalisedByFiniteNumbers() {
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      NetworkParts p = parts();
      p.mean = bad;
      p.broken("input: mean " + bad + ", std 0.25, expected finite and std > 0");
    }
    for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      NetworkParts p = parts();
      p.std = bad;
      p.broken("input: mean 0.5, std " + bad + ", expected finite and std > 0");
    }
  }

  @Test
  void theImageFlowsIntoNeurons() {
    for (int target : new int[] {-1, 4}) {
      parts()
          .analog(analog(target, -1, 1))
          .broken("input projection in: target " + target + " does not exist");
    }
    parts().analog(analog(2, -1, 1)).broken("input projection in: its target integrates nothing");
    parts()
        .analog(analog(3, -1, 1))
        .broken("input projection in: ends in a map of another shape than its target");
    for (MapShape other :
        List.of(new MapShape(4, 2, 2), new MapShape(2, 3, 2), new MapShape(2, 2, 3))) {
      Window wider = new Window(1, 1, 1, 1, 0, 0, 1, 1, other.height() - 2, other.width() - 2);
      ConvGeometry g = new ConvGeometry(IMAGE, other, wider, 1);
      parts()
          .analog(
              new InputStage.AnalogProjection(
                  "in", 0, g, new float[other.channels()], new float[other.channels()], -1, 1))
          .broken("input projection in: ends in a map of another shape than its target");
    }
  }

  @Test
  void currentsAreClampedAboutZero() {
    int most = 1 << 28;
    NetworkParts wide = parts().population(0, population("a", MAP, NeuronModel.IF, true));
    for (int[] good : new int[][] {{-most, most}, {0, 0}}) {
      wide.analog(analog(0, good[0], good[1])).sound();
    }
    for (int[] bad : new int[][] {{1, 2}, {-2, -1}, {-most - 1, 0}, {0, most + 1}}) {
      wide.analog(analog(0, bad[0], bad[1]))
          .broken("input projection in: clamp " + bad[0] + ".." + bad[1]);
    }
  }

  @Test
  void analogWeightsAreFinite() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      parts()
          .analog(
              new InputStage.AnalogProjection(
                  "in", 0, FIRST, new float[] {1, bad}, new float[2], -9, 9))
          .broken("input projection in: found weight " + bad + " of channel 1, in thresholds");
      parts()
          .analog(
              new InputStage.AnalogProjection(
                  "in", 0, FIRST, new float[] {1, 2}, new float[] {bad, 0}, -9, 9))
          .broken("input projection in: found bias " + bad + " of channel 0, in thresholds");
    }
  }
}
