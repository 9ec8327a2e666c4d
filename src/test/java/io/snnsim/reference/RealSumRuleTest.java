// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.Normalisation;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.fit.FitImages;
import io.snnsim.convert.fit.LayerwiseConversion;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.WeightDump;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.SumRule;
import io.snnsim.fixture.TestData;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The sum rule for every neuron of ResNet-20 at every step on CIFAR-10 images, in 8 bits: exactly,
 * with no neuron saturated and no count below zero.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealSumRuleTest {
  private static final Normalisation NORMALISATION =
      new Normalisation(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
  private static final int IMAGES = 2;
  private static final int STEPS = 4;
  private static final SchemeOptions SIGNED =
      new SchemeOptions(
          true, true, false, false, false, false, true, false, 0, SchemeOptions.Fit.DEFAULT);
  private static final SchemeOptions FITTED =
      new SchemeOptions(
          true, true, true, false, true, true, true, true, STEPS, new SchemeOptions.Fit(0.1, 0.05));

  private AnnGraph graph;
  private ImageSet calibration;
  private ImageSet test;

  @BeforeAll
  void read() {
    Path data = TestData.dir();
    AnnGraph net =
        Architectures.build(WeightDump.read(data.resolve("resnet20_cifar10.npz")), null).graph();
    graph = BatchNormFolding.fold(net).graph();
    calibration =
        ImageSet.read(data.resolve("cifar10_calibration.npz"), net.inputShape()).subset(0, 24);
    test = ImageSet.read(data.resolve("cifar10_test.npz"), net.inputShape());
  }

  private Network quantiles(SchemeOptions methods, double percentile) {
    Lowering plain = new Lowering(graph);
    Calibration.Result result =
        Calibration.run(
            methods.foldAverages() ? plain.foldAverages() : plain,
            calibration,
            NORMALISATION,
            percentile,
            methods.channelLambda(),
            Execution.on(2));
    return Converter.convert(result, options(methods), List.of()).network();
  }

  private static ConvertOptions options(SchemeOptions methods) {
    return new ConvertOptions(0.5, 1, Precision.I8, NORMALISATION, methods);
  }

  @Test
  void theRuleHoldsInTheSchemeOfThePaper() {
    holds(quantiles(SchemeOptions.PLAIN, 99.9), NeuronModel.IF);
  }

  @Test
  void theRuleHoldsForSignedNeurons() {
    holds(quantiles(SIGNED, 100), NeuronModel.SIGNED_IF);
  }

  @Test
  void theRuleHoldsForANetworkThatIsFittedToSpikes() {
    Network network =
        LayerwiseConversion.run(
                new Lowering(graph).foldAverages(),
                new FitImages(calibration, 0),
                null,
                options(FITTED),
                List.of(),
                Execution.on(2))
            .conversion()
            .network();
    holds(network, NeuronModel.SIGNED_IF);
  }

  private void holds(Network network, NeuronModel model) {
    long neurons = network.populations().stream().mapToLong(p -> p.shape().size()).sum();
    // Turns of one step, so that every step is looked at.
    Plan events =
        new Plan(Collections.nCopies(network.populations().size(), UpdateMethod.EVENTS), 1);
    List<SumRule.Seen> seen =
        IntStream.range(0, IMAGES)
            .parallel()
            .mapToObj(i -> SumRule.check(network, image(i), kernel(i), events, STEPS, "image " + i))
            .toList();
    for (Population p : network.populations()) {
      assertEquals(model, p.model(), p.name());
    }
    for (SumRule.Seen s : seen) {
      assertEquals(0, s.saturated(), "saturated");
      assertEquals(neurons * STEPS, s.checked(), "every neuron at every step");
      assertTrue(model == NeuronModel.IF ? s.takenBack() == 0 : s.takenBack() > 10_000, "" + s);
    }
  }

  private static KernelChoice kernel(int i) {
    return i % 2 == 0 ? KernelChoice.VECTOR : KernelChoice.SCALAR;
  }

  private float[] image(int i) {
    float[] image = new float[graph.inputShape().size()];
    test.read(i, image);
    return image;
  }
}
