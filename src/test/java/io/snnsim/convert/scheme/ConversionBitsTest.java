// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.convert.ConvertOptions;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Oihw;
import io.snnsim.fixture.RandomAnns;
import io.snnsim.geometry.ConvGeometry;
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
import io.snnsim.store.Mode;
import io.snnsim.store.ModelStore;
import io.snnsim.work.Execution;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.zip.CRC32;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Networks of the plain scheme (one lambda a population, unsigned neurons, no tuning), pinned to
 * the bit. Whatever is added beside it must leave these alone when it is switched off. A change of
 * the plain scheme, or of {@link RandomAnns}, changes every line here, and has to say why.
 */
class ConversionBitsTest {
  @ParameterizedTest
  @CsvSource({
    "I8, 99.9, 1, 0.5, 1decd15b",
    "I8, 97, 1.1, 0.5, e1761fc5",
    "I16, 99.9, 1, 0.5, 8822fed3",
    "I16, 100, 1.25, 0, 96ecab07",
    "I32, 97, 1, 0.5, ba4567a",
    "I32, 100, 1.1, 0.3, 4f39bb26"
  })
  void plainConversionsStayTheSame(
      Precision precision,
      double percentile,
      double kappa,
      double v0,
      String expected,
      @TempDir Path dir) {
    Path file = dir.resolve("m.snn");
    StringBuilder all = new StringBuilder();
    for (long seed = 1; seed <= 100; seed++) {
      RandomAnns.Case ann = RandomAnns.of(seed);
      Lowering lowering = new Lowering(BatchNormFolding.fold(ann.graph()).graph());
      Calibration.Result calibration =
          Calibration.run(lowering, ann.images(), ann.normalisation(), percentile, Execution.on(1));
      Network network =
          Converter.convert(
                  calibration,
                  new ConvertOptions(v0, kappa, precision, ann.normalisation()),
                  List.of())
              .network();
      describe(network, all);
      // Whatever is converted can be written and opened.
      ModelStore.open(Models.file(file, network), Mode.RESIDENT).close();
    }
    CRC32 crc = new CRC32();
    crc.update(all.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertEquals(expected, Long.toHexString(crc.getValue()));
  }

  /** Everything that running depends on; floats in full. */
  private static void describe(Network n, StringBuilder to) {
    to.append(n.name()).append(n.precision()).append(n.output()).append('\n');
    for (Population p : n.populations()) {
      to.append(p.name()).append(p.shape()).append(text(p.model())).append(p.wide());
      to.append(Arrays.toString(p.theta())).append(Arrays.toString(p.v0()));
      to.append(Arrays.toString(p.bias())).append(Arrays.toString(p.lambda()));
      to.append(p.boundLow()).append("..").append(p.boundHigh()).append('\n');
    }
    for (Projection j : n.projections()) {
      to.append(j.name())
          .append(j.source())
          .append('>')
          .append(j.target())
          .append(text(j.geometry(), groups(j)));
      switch (j) {
        case ConvProjection c -> to.append(c.type()).append(Arrays.toString(Oihw.of(c)));
        case ChannelwiseProjection c ->
            to.append(c.channelOffset()).append(Arrays.toString(c.weights()));
        case GateProjection g -> to.append("gate");
      }
      to.append('\n');
    }
    for (InputStage.AnalogProjection a : n.input().projections()) {
      to.append(a.name()).append(a.target()).append(text(a.geometry(), a.geometry().groups()));
      to.append(Arrays.toString(a.weights())).append(Arrays.toString(a.bias()));
      to.append(a.low()).append("..").append(a.high()).append('\n');
    }
  }

  /**
   * Of projections channel by channel groups say nothing; when the figures were taken they were as
   * many as channels even where that does not divide the target's, which no reader takes.
   */
  private static int groups(Projection j) {
    return j instanceof ChannelwiseProjection ? j.geometry().inChannels() : j.geometry().groups();
  }

  /** A model as it was called when the figures were taken. */
  private static String text(NeuronModel model) {
    return switch (model) {
      case NeuronModel.IntegrateAndFire _ -> "IF";
      case NeuronModel.SignedIntegrateAndFire _ -> "SIGNED_IF";
      case NeuronModel.MaxGate _ -> "MAX_GATE";
      case NeuronModel.FewSpike m -> "FEW_SPIKE " + m.steps();
      case NeuronModel.MaxRace m -> "MAX_RACE " + m.steps();
    };
  }

  /** A geometry as it was written when the figures were taken, number by number. */
  private static String text(ConvGeometry g, int groups) {
    Window w = g.window();
    String[] names = {
      "inChannels",
      "inHeight",
      "inWidth",
      "outChannels",
      "outHeight",
      "outWidth",
      "kernelH",
      "kernelW",
      "strideH",
      "strideW",
      "padH",
      "padW",
      "dilationH",
      "dilationW",
      "groups"
    };
    int[] values = {
      g.inChannels(), g.inHeight(), g.inWidth(), g.outChannels(), g.outHeight(), g.outWidth(),
      w.kernelH(), w.kernelW(), w.strideH(), w.strideW(), w.padH(), w.padW(),
      w.dilationH(), w.dilationW(), groups
    };
    StringJoiner all = new StringJoiner(", ", "ConvGeometry[", "]");
    for (int i = 0; i < names.length; i++) {
      all.add(names[i] + "=" + values[i]);
    }
    return all.toString();
  }
}
